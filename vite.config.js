import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

import { alarm } from "./assets/build/alarm.js";
import { figures } from "./assets/build/figures.js";
import { gzip } from "./assets/build/gzip.js";
import { icons } from "./assets/build/icons.js";
import { paper } from "./assets/build/paper.js";
import { worker } from "./assets/build/worker.js";
import { vietnam } from "./assets/build/vietnam.js";

// Entries of whole pages and of two small ones; maps and charts are chunks that a page loads only when it shows one.
export default defineConfig({
  base: "./",
  publicDir: false,
  plugins: [tailwindcss(), alarm(), figures(), icons(), paper(), vietnam(), worker(), gzip()],
  build: {
    outDir: "caunoi/web/static/dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    target: "es2020",
    cssTarget: ["chrome111", "firefox128", "safari16.4"],
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      input: ["assets/js/citizen.js", "assets/js/desk.js", "assets/js/follow.js", "assets/js/again.js"],
      output: { codeSplitting: { groups: [{ name: "words", test: /assets\/js\/(dom|words)\.js$/ }] } }, // one file, not two
      checks: { eval: false }, // htmx has one; htmx.config.allowEval = false and the policy keep it from running
    },
  },
  worker: { format: "es" },
});
