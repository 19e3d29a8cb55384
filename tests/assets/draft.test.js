import { describe, expect, test } from "vitest";

import { $, fire, open, passes, submit, type, words } from "./page.js";

const STATUS = "[data-draft-status]";
const DAY = 86_400_000;
const form = (more = "") => `<form data-draft="report" ${more}>
  <textarea name="text"></textarea><input type="checkbox" name="mail" value="1">
  <span data-draft-status></span><button type="button" data-draft-discard hidden>Delete it and write anew</button></form>`;
const kept = () => JSON.parse(localStorage.getItem("draft:report") ?? "null");
const yesterday = (more = {}) => () =>
  localStorage.setItem("draft:report", JSON.stringify({ at: Date.now() - DAY, values: { text: "Đèn hỏng" }, ...more }));
const page = (more, options) => open(form(more), "draft", options);

describe("a citizen who writes", () => {
  test("finds the words on the device soon after the hand rests, and when they were kept", async () => {
    await page();
    type("[name=text]", "Đèn");
    await passes(399);
    type("[name=text]", "Đèn hỏng");
    await passes(399);
    expect(kept()).toBeNull();
    await passes(1);
    expect(kept()).toMatchObject({ at: Date.now(), values: { text: "Đèn hỏng" } });
    expect(words(STATUS)).toBe("Saved on this device at 09:41");
  });

  test("loses nothing by closing the page at once", async () => {
    await page();
    type("[name=text]", "Đèn hỏng");
    fire(window, "pagehide");
    expect(kept().values.text).toBe("Đèn hỏng");
  });

  test("leaves nothing behind by only looking", async () => {
    await page();
    fire(window, "pagehide");
    expect(kept()).toBeNull();
  });

  test("is not told that words are kept on a device that keeps none", async () => {
    await page();
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    type("[name=text]", "Đèn hỏng");
    await passes(400);
    expect(words(STATUS)).toBe("");
  });

  test("who is signed in as staff neither sees nor leaves any", async () => {
    await page("", { html: "data-staff", before: yesterday() });
    expect($("[name=text]").value).toBe("");
    type("[name=text]", "của cán bộ");
    await passes(1_000);
    expect(kept().values.text).toBe("Đèn hỏng");
  });
});

describe("a citizen who comes back", () => {
  test("may throw a draft away that the browser itself has put back after a reload", async () => {
    await page("", {
      before: () => {
        yesterday()();
        type("[name=text]", "Đèn hỏng");
      },
    });
    expect(words(STATUS)).not.toBe("");
    expect($("[data-draft-discard]").hidden).toBe(false);
  });

  test("finds the words again, and a way to delete them", async () => {
    await page("", { before: yesterday() });
    expect($("[name=text]").value).toBe("Đèn hỏng");
    expect(words(STATUS)).toBe("We restored what you had typed.");
    expect($("[data-draft-discard]").hidden).toBe(false);
  });

  test("finds nothing after a week, nor does anybody else", async () => {
    await page("", { before: () => yesterday({ at: Date.now() - 8 * DAY })() });
    expect($("[name=text]").value).toBe("");
    expect(kept()).toBeNull();
    expect($("[data-draft-discard]").hidden).toBe(true);
  });

  test.each([
    ["other", "of another report are not put into this one", ""],
    ["abc", "of this report are", "Đèn hỏng"],
  ])("words of %s: %s", async (of, _, shown) => {
    await page('data-draft-of="abc"', { before: yesterday({ of }) });
    expect($("[name=text]").value).toBe(shown);
  });

  test("deletes them, and can still think better of it", async () => {
    await page("", { before: yesterday() });
    $("[data-draft-discard]").click();
    expect($("[name=text]").value).toBe("");
    expect(kept()).toBeNull();
    expect($("[data-draft-discard]").hidden).toBe(true);
    expect(words("#toasts .toast span")).toBe("Deleted from this device.");
    $("#toasts .btn").click();
    expect($("[name=text]").value).toBe("Đèn hỏng");
    expect(kept().values.text).toBe("Đèn hỏng");
  });

  test("what was put back and then emptied stays empty", async () => {
    await page("", { before: yesterday() });
    type("[name=text]", "");
    await passes(400);
    expect(kept().values.text).toBe("");
  });
});

test("words are kept until the next page says that they have arrived", async () => {
  await page();
  type("[name=text]", "Đèn hỏng");
  submit("form");
  expect(kept().values.text).toBe("Đèn hỏng");
  const arrived = localStorage.getItem("draft:report");
  await open(`<i data-draft-clear="report"></i>`, "draft", {
    url: "https://1022.example.vn/f/abc?done=1",
    before: () => localStorage.setItem("draft:report", arrived),
  });
  expect(kept()).toBeNull();
  expect(document.URL).toBe("https://1022.example.vn/f/abc"); // not said again by a reload
});
