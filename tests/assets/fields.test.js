import { expect, test } from "vitest";

import { $, open, type } from "./page.js";

const FORM = `<form id="form">
  <input type="hidden" name="csrfmiddlewaretoken" value="x"><input type="hidden" name="lat" value="11.5">
  <input type="hidden" name="cites" value=""><input name="password" type="password"><input name="photos" type="file">
  <input name="name" value="Lan"><textarea name="text"></textarea>
  <select name="area"><option value="">–</option><option value="7">Đồng Xoài</option></select>
  <select name="fields" multiple><option value="a">A</option><option value="b">B</option></select>
  <input type="checkbox" name="wish" value="call"><input type="checkbox" name="wish" value="mail" checked>
  <input type="radio" name="kind" value="report" checked><input type="radio" name="kind" value="question">
  <button name="act" value="send">Send</button></form>`;
const page = async (more) => ({ form: () => $("#form"), ...(await open(FORM, "fields", more)) });
const everything = () => true;

test("a draft holds the words of a form and what scripts put beside them, never a password, a file or a token", async () => {
  const { form, fields } = await page();
  const names = new Set(fields(form()).map(({ name }) => name));
  expect([...names]).toEqual(["cites", "name", "text", "area", "fields", "wish", "kind"]);
});

test("a draft has one value of a field and the list of what is ticked or chosen", async () => {
  const { form, values } = await page();
  type("[name=text]", "Đèn hỏng");
  $("[value=call]").checked = true;
  for (const option of $("[name=fields]").options) option.selected = true;
  expect(values(form(), everything)).toEqual({
    cites: "",
    name: "Lan",
    text: "Đèn hỏng",
    area: "",
    fields: ["a", "b"],
    wish: ["call", "mail"],
    kind: ["report"],
  });
});

test("what the page came with is not changed by anybody", async () => {
  const { form, fields, changed } = await page();
  expect(fields(form()).filter(changed)).toEqual([]);
});

test.each([
  ["words", () => type("[name=name]", "Lan Anh")],
  ["words taken away", () => type("[name=name]", "")],
  ["another choice", () => ($("[name=area]").value = "7")],
  ["one of several choices", () => ($("[value=b]").selected = true)],
  ["a tick taken away", () => ($("[value=mail]").checked = false)],
  ["another of two", () => ($("[value=question]").checked = true)],
])("%s count as changed, and as the page came when taken back", async (_, change) => {
  const { form, fields, changed } = await page();
  change();
  expect(fields(form()).filter(changed)).not.toEqual([]);
  form().reset();
  expect(fields(form()).filter(changed)).toEqual([]);
});

test("words are put back into every kind of field, and the page hears of each", async () => {
  const { form, putBack } = await page();
  const heard = new Set();
  form().addEventListener("change", ({ target }) => heard.add(target.name));
  const count = putBack(form(), { text: "Đèn hỏng", area: "7", fields: ["b"], wish: ["call"], kind: ["question"], name: "Lan" });
  expect($("[name=text]").value).toBe("Đèn hỏng");
  expect($("[name=area]").value).toBe("7");
  expect([...$("[name=fields]").selectedOptions].map(({ value }) => value)).toEqual(["b"]);
  expect([$("[value=call]").checked, $("[value=mail]").checked]).toEqual([true, false]);
  expect($("[name=kind]:checked").value).toBe("question");
  expect([...heard]).toEqual(["text", "area", "fields", "wish", "kind"]); // the name stood there already
  expect(count).toBe(7);
});

test("what somebody has typed meanwhile is never overwritten", async () => {
  const { form, putBack } = await page();
  type("[name=text]", "mới");
  $("[value=call]").checked = true;
  expect(putBack(form(), { text: "cũ", wish: [] })).toBe(0);
  expect($("[name=text]").value).toBe("mới");
  expect([$("[value=call]").checked, $("[value=mail]").checked]).toEqual([true, true]);
});

test("a choice that the page no longer offers leaves the one that stands there", async () => {
  const { form, putBack } = await page();
  expect(putBack(form(), { area: "99" })).toBe(0);
  expect($("[name=area]").value).toBe("");
});

const left = () => Object.keys(localStorage).sort();
const leave = (...names) => () => names.forEach((name) => localStorage.setItem(name, "{}"));

test("a report that was sent leaves none of its steps behind, and no other draft goes with it", async () => {
  const { forgetAll } = await page({ before: leave("draft:report", "draft:report-you", "draft:reporter", "draft:app", "theme") });
  forgetAll("report");
  expect(left()).toEqual(["draft:app", "draft:reporter", "theme"]);
});

test("what older versions left of the staff's work in this browser goes; citizens' own drafts stay", async () => {
  const own = ["draft:app", "draft:reply-26-1", "draft:report", "draft:report-where", "draft:report-you"];
  const { tidy } = await page({ before: leave(...own, "draft:entry", "draft:report-x", "draft:ticket-12/answer", "theme") });
  tidy();
  expect(left()).toEqual([...own, "theme"]);
});

test("a browser that keeps nothing is no error", async () => {
  const { tidy } = await page();
  Object.defineProperty(globalThis, "localStorage", { get: () => { throw new DOMException("denied"); }, configurable: true });
  expect(tidy).not.toThrow();
});
