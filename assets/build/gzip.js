import { gzipSync } from "node:zlib";

/** Writes name.gz beside each text file, as the static files of the product are served. */
export const gzip = () => ({
  name: "caunoi:gzip",
  apply: "build",
  enforce: "post",
  generateBundle(options, bundle) {
    for (const [fileName, file] of Object.entries(bundle)) {
      if (!/\.(js|css|svg)$/.test(fileName)) continue;
      const source = gzipSync(file.type === "chunk" ? file.code : file.source, { level: 9 });
      this.emitFile({ type: "asset", fileName: `${fileName}.gz`, source });
    }
  },
});
