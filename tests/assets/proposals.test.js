import { beforeEach, expect, test, vi } from "vitest";

import { $, open, passes, type } from "./page.js";

const FORM = `<form method="post"><textarea name="text"></textarea>
  <input type="radio" name="kind" value="report" checked><input type="radio" name="kind" value="question">
  <input type="hidden" name="own"><select name="category"><option value=""></option><option value="lamps">Lamps</option></select>
  <div data-proposals="/report/x/proposals"></div></form>`;
const say = (text, status = 200, headers = {}) => fetch.mockImplementation(async () => new Response(text, { status, headers }));
const page = async () => {
  const exported = await open(FORM, "proposals");
  say("<p>Lamps?</p>");
  exported.start($("[data-proposals]"));
};
beforeEach(() => vi.clearAllMocks());

test("a word behind which one pauses is asked at once, and the answer stands beside it", async () => {
  await page();
  type("textarea", "đèn đường ");
  await passes(500);
  const [address, { method, body }] = fetch.mock.calls.at(-1);
  expect([address, method]).toEqual(["/report/x/proposals", "POST"]);
  expect(new URLSearchParams(body).get("text")).toBe("đèn đường");
  expect($("[data-proposals]").textContent).toBe("Lamps?");
});

test("the same words are not asked twice, and none are asked where there are none", async () => {
  await page();
  type("textarea", "đèn đường ");
  await passes(500);
  const times = fetch.mock.calls.length;
  type("textarea", "đèn đường");
  await passes(1000);
  expect(fetch.mock.calls.length).toBe(times);
  type("textarea", "");
  await passes(1000);
  expect(fetch.mock.calls.length).toBe(times);
  expect($("[data-proposals]").textContent).toBe("");
});

test("who is refused asks again later, and the form is as it was", async () => {
  await page();
  say("", 429, { "Retry-After": "3" });
  type("textarea", "đèn đường tắt ");
  await passes(600);
  const times = fetch.mock.calls.length;
  expect($("[data-proposals]").textContent).toBe("");
  say("<p>Lamps?</p>");
  await passes(8000);
  expect(fetch.mock.calls.length).toBeGreaterThan(times);
  expect($("[data-proposals]").textContent).toBe("Lamps?");
});
