import { build } from "vite";

const WORKERS = { "sw.js": ["sw.js", "outbox.js", "pushed.js"], "alarm-worker.js": ["alarm-worker.js"] };

/** Each service worker as one plain script (browsers differ about modules there); the manifest knows it by its source. */
export const worker = () => ({
  name: "caunoi:worker",
  apply: "build",
  async buildStart() {
    for (const [name, files] of Object.entries(WORKERS)) {
      for (const file of files) this.addWatchFile(`assets/js/${file}`);
      const source = `assets/js/${name}`;
      const { output } = await build({
        configFile: false,
        publicDir: false,
        logLevel: "silent",
        build: { write: false, target: "es2020", rolldownOptions: { input: source, output: { format: "iife" } } },
      });
      this.emitFile({ type: "asset", name, originalFileName: source, source: output[0].code });
    }
  },
});
