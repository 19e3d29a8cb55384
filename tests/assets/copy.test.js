import { describe, expect, test, vi } from "vitest";

import { $, open, passes, words } from "./page.js";

describe("a value to be copied", () => {
  const page = async (clipboard = { writeText: vi.fn() }) => {
    await open(`<input id="key" value="abc-123" data-select><button data-copy="#key" data-copied="Copied"><i></i>Copy</button>`, "copy", {
      before: () => clipboard && Object.defineProperty(navigator, "clipboard", { value: clipboard }),
    });
    return clipboard;
  };

  test("is copied, and the button says so for two seconds", async () => {
    const { writeText } = await page();
    $("button i").dispatchEvent(new MouseEvent("click", { bubbles: true }));
    expect(writeText).toHaveBeenCalledWith("abc-123");
    expect(words("button")).toBe("Copied");
    await passes(1_999);
    expect(words("button")).toBe("Copied");
    await passes(1);
    expect(words("button")).toBe("Copy");
  });

  test("copied twice in a row leaves the button as it was", async () => {
    await page();
    $("button").click();
    await passes(1_000);
    $("button").click();
    await passes(10_000);
    expect(words("button")).toBe("Copy");
  });

  test("is chosen whole, to be copied by hand, where the browser copies nothing or one clicks on it", async () => {
    await page(null);
    const chosen = () => $("#key").value.slice($("#key").selectionStart, $("#key").selectionEnd);
    $("button").click();
    expect(chosen()).toBe("abc-123");
    $("#key").setSelectionRange(0, 0);
    $("#key").dispatchEvent(new MouseEvent("click", { bubbles: true }));
    expect(chosen()).toBe("abc-123");
  });
});
