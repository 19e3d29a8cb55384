import { describe, expect, test } from "vitest";

import { $, fire, open, type } from "./page.js";

const REPLY = `<form id="reply"><textarea name="text"></textarea><input type="checkbox" name="mail"></form>`;
const page = () => open(`<p data-held hidden>There is news.</p><main data-follow>${REPLY}<a id="top" href="#">Top</a></main>`, "follow");
/** The page asks again and gets this; whether it is shown. */
const news = (serverResponse, target = $("main")) => {
  const detail = { target, serverResponse, shouldSwap: true };
  fire(document, "htmx:beforeSwap", detail);
  return detail.shouldSwap;
};

describe("one's own page that asks again by itself", () => {
  test("shows the news", async () => {
    await page();
    expect(news("<p>Answered</p>")).toBe(true);
    expect($("[data-held]").hidden).toBe(true);
  });

  test("keeps a form with words in it that the news would take away, and says so above it", async () => {
    await page();
    type("textarea", "Còn tối");
    expect(news("<p>Closed</p>")).toBe(false);
    expect($("[data-held]").hidden).toBe(false);
    expect($("[data-held]").nextElementSibling).toBe($("#reply"));
  });

  test("keeps one with a tick or a photo too", async () => {
    await page();
    $("[name=mail]").checked = true;
    expect(news("<p>Closed</p>")).toBe(false);
    await page();
    $("#reply").insertAdjacentHTML("beforeend", `<input type="file" name="photos">`);
    $("[type=file]").files = [new File(["x"], "a.jpg")];
    expect(news("<p>Closed</p>")).toBe(false);
  });

  test("shows the news when the form is in it, when it was sent, and elsewhere on the page", async () => {
    await page();
    type("textarea", "Còn tối");
    expect(news(`<p>Answered</p>${REPLY}`)).toBe(true);
    expect(news("<p>Closed</p>", $("#toasts"))).toBe(true);
    $("#reply").dataset.sent = "";
    expect(news("<p>Closed</p>")).toBe(true);
  });

  test("does not hide words behind a fold, and leaves the caret where it was", async () => {
    await page();
    $("#top").focus();
    news(REPLY);
    $("main").innerHTML = `<details id="a">${REPLY}</details><details id="b"><form><textarea></textarea></form></details><a id="top" href="#">Top</a>`;
    $("#a textarea").value = "Còn tối"; // as live.js puts it back
    fire($("main"), "htmx:afterSwap");
    expect([$("#a").open, $("#b").open]).toEqual([true, false]);
    expect(document.activeElement).toBe($("#top"));
  });
});
