import { build } from "vite";

/** The service worker as one plain script (browsers differ about modules there); the manifest knows it as assets/js/sw.js. */
export const worker = () => ({
  name: "caunoi:worker",
  apply: "build",
  async buildStart() {
    this.addWatchFile("assets/js/sw.js");
    this.addWatchFile("assets/js/outbox.js");
    const { output } = await build({
      configFile: false,
      publicDir: false,
      logLevel: "silent",
      build: {
        write: false,
        target: "es2020",
        rolldownOptions: { input: "assets/js/sw.js", output: { format: "iife" } },
      },
    });
    this.emitFile({ type: "asset", name: "sw.js", originalFileName: "assets/js/sw.js", source: output[0].code });
  },
});
