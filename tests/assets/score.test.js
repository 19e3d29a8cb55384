import { describe, expect, test } from "vitest";

import { $, open, press } from "./page.js";

describe("scoring by digits", () => {
  const line = (name) => `<div data-score>${["2", "1", "0", "na"].map((v) => `<input type="radio" name="${name}" value="${v}">`).join("")}</div>`;
  const page = () => open(`<form data-scorecard>${line("a")}${line("b")}<textarea></textarea></form>`, "score");
  const judged = () => Object.fromEntries([...document.querySelectorAll(":checked")].map(({ name, value }) => [name, value]));

  test("judges the first line that is open, then the next, then leads to the words", async () => {
    await page();
    press("2", {}, document.body);
    expect(document.activeElement.name).toBe("b");
    press("X");
    expect(judged()).toEqual({ a: "2", b: "na" });
    expect(document.activeElement).toBe($("textarea"));
    press("1");
    expect(judged()).toEqual({ a: "2", b: "na" });
  });

  test("judges anew the line that has the focus", async () => {
    await page();
    press("2", {}, document.body);
    $("[name=a]").focus();
    press("0");
    expect(judged()).toEqual({ a: "0" });
  });

  test("leaves the browser's own keys alone", async () => {
    await page();
    press("1", { ctrlKey: true }, document.body);
    press("3", {}, document.body);
    expect(judged()).toEqual({});
  });
});
