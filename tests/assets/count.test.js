import { describe, expect, test } from "vitest";

import { $, open, type, words } from "./page.js";

describe("a field with a limit", () => {
  const page = (maxlength = 'maxlength="20"', written = "") =>
    open(`<textarea id="a" ${maxlength}>${written}</textarea><p data-count-of="a"></p>`, "count");

  test("says what is left only near its end", async () => {
    await page();
    type("#a", "a".repeat(15));
    expect(words("[data-count-of=a]")).toBe("");
    type("#a", "a".repeat(16));
    expect(words("[data-count-of=a]")).toBe("4 characters left");
    type("#a", "");
    expect(words("[data-count-of=a]")).toBe("");
  });

  test("says so at once where the page came with words", async () => {
    await page('maxlength="20"', "a".repeat(18));
    expect(words("[data-count-of=a]")).toBe("2 characters left");
  });

  test("that has none, or is not there, says nothing", async () => {
    await page("");
    type("#a", "a".repeat(5_000));
    expect(words("[data-count-of=a]")).toBe("");
    await open(`<p data-count-of="gone"></p>`, "count");
    expect(words("p")).toBe("");
    expect($("p").childNodes).toHaveLength(0);
  });
});
