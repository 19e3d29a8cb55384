import { describe, expect, test } from "vitest";

import { $, open } from "./page.js";

describe("what to say to whoever is called in", () => {
  const page = (address, summary, text) =>
    open(
      `<dl><dd data-say="address">–</dd><dd data-say="summary text">–</dd></dl>
      <form><input name="address" value="${address}"><input name="summary" value="${summary}"><textarea name="text">${text}</textarea></form>`,
      "to-say",
    );
  const said = () => [...document.querySelectorAll("[data-say]")].map((one) => one.textContent);

  test("stands there as it is in the open report", async () => {
    await page("Cầu số 2", "", "Xe lật, có người kẹt");
    expect(said()).toEqual(["Cầu số 2", "Xe lật, có người kẹt"]);
  });

  test("follows what is written", async () => {
    await page("", "", "");
    expect(said()).toEqual(["–", "–"]);
    $("[name=summary]").value = "Cháy chợ";
    $("[name=summary]").dispatchEvent(new Event("input", { bubbles: true }));
    expect(said()).toEqual(["–", "Cháy chợ"]);
  });

  test("of a call that came in meanwhile too", async () => {
    await page("Chợ Đồng Xoài", "", "");
    $("dl").innerHTML = '<dd data-say="address">–</dd>';
    document.dispatchEvent(new Event("htmx:afterSettle"));
    expect(said()).toEqual(["Chợ Đồng Xoài"]);
  });

  test("is the ticket's own where no report is open", async () => {
    await open('<dd data-say="address">Số 5 Hùng Vương</dd><input name="q">', "to-say");
    expect(said()).toEqual(["Số 5 Hùng Vương"]);
  });
});
