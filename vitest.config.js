import { defineConfig } from "vitest/config";

import { vietnam } from "./assets/build/vietnam.js";

// One process for all: each test opens a page of its own (tests/assets/page.js).
export default defineConfig({
  plugins: [vietnam()],
  test: {
    include: ["tests/assets/*.test.js"],
    env: { TZ: "Asia/Ho_Chi_Minh" },
    isolate: false,
    testTimeout: 60_000, // a busy machine is no failure
    hookTimeout: 60_000,
    fileParallelism: false,
    restoreMocks: true,
    unstubGlobals: true,
    coverage: { include: ["assets/js/*.js"], reporter: ["text"] },
  },
});
