import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** Writes name.gz beside each text file, once the files are final on disk (Vite still changes them after generateBundle). */
export const gzip = () => {
  let folder;
  return {
    name: "caunoi:gzip",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle() {
      for (const entry of readdirSync(folder, { recursive: true })) {
        if (/\.(js|css|svg)$/.test(entry)) {
          const path = join(folder, entry);
          writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
        }
      }
    },
  };
};
