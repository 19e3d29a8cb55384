import { describe, expect, test, vi } from "vitest";

import { $, network, open } from "./page.js";

describe("the line that says that there is no network", () => {
  test("is there while there is none, from the start too", async () => {
    await open(`<p data-offline hidden></p>`, "offline");
    expect($("[data-offline]").hidden).toBe(true);
    network(false);
    expect($("[data-offline]").hidden).toBe(false);
    network(true);
    expect($("[data-offline]").hidden).toBe(true);
    await open(`<p data-offline hidden></p>`, "offline", { before: () => vi.spyOn(navigator, "onLine", "get").mockReturnValue(false) });
    expect($("[data-offline]").hidden).toBe(false);
  });
});
