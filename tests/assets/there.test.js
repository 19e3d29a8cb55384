import { describe, expect, test } from "vitest";

import { $, fire, open } from "./page.js";

describe("a part of the page that is there for a while", () => {
  test("ends when it is taken away, and not when another is", async () => {
    const { whileThere } = await open(`<i id="a"></i><i id="b"></i>`, "there");
    const signal = whileThere($("#a"));
    fire(document, "htmx:beforeCleanupElement", { elt: $("#b") });
    expect(signal.aborted).toBe(false);
    fire(document, "htmx:beforeCleanupElement", { elt: $("#a") });
    expect(signal.aborted).toBe(true);
  });
});
