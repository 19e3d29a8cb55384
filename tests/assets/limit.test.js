import { describe, expect, test } from "vitest";

import { $, open, type, words } from "./page.js";

describe("a field with a limit", () => {
  const FIELD = `<textarea id="a" maxlength="20"></textarea><textarea id="b"></textarea>`;
  const page = () => open(FIELD, "limit");
  const paste = (selector, pasted) => {
    const event = Object.assign(new Event("paste", { bubbles: true }), { clipboardData: { getData: () => pasted } });
    $(selector).dispatchEvent(event);
  };

  test("that has none says nothing", async () => {
    await page();
    type("#b", "a".repeat(5_000));
    paste("#b", "a".repeat(5_000));
    expect($("[role=alert]")).toBeNull();
  });

  test("says that pasted words are cut, until somebody types on", async () => {
    await page();
    paste("#a", "a".repeat(21));
    expect(words("[role=alert]")).toBe("Only the first 20 characters are kept.");
    $("#a").dispatchEvent(Object.assign(new Event("input", { bubbles: true }), { inputType: "insertFromPaste" }));
    expect($("[role=alert]")).not.toBeNull();
    type("#a", "a");
    expect($("[role=alert]")).toBeNull();
  });

  test("takes what fits, the words that are typed over counted", async () => {
    await page();
    type("#a", "a".repeat(15));
    $("#a").setSelectionRange(0, 10);
    paste("#a", "b".repeat(15));
    expect($("[role=alert]")).toBeNull();
    paste("#a", "b".repeat(16));
    expect($("[role=alert]")).not.toBeNull();
  });

  test("counts a line of another system as one break", async () => {
    await page();
    paste("#a", "a".repeat(9) + "\r\n" + "a".repeat(10));
    expect($("[role=alert]")).toBeNull();
  });
});
