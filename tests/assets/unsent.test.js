import { expect, test } from "vitest";

import { $, $$, network, open, submit, words } from "./page.js";

const PAGE = `<form id="form" method="post"><textarea name="text"></textarea>
  <div class="action-bar"><button id="send">Send</button><button id="shut" formmethod="dialog">Close</button></div></form>
  <form id="shutter" method="dialog"></form>`;

test("without a network a form stays with its words, and says why beside the button", async () => {
  await open(PAGE, "unsent");
  network(false);
  expect(submit("#form", $("#send"))).toBe(false);
  expect(words("[role=alert]")).toMatch(/^Not sent: there is no network\. The words and photos are still on this page/);
  expect($("[role=alert]").nextElementSibling).toBe($(".action-bar"));
  expect(submit("#form")).toBe(false);
  expect($$("[role=alert]")).toHaveLength(1);
  expect($("#form").lastElementChild).toBe($("[role=alert]")); // by Enter: no button was pressed
});

test("with a network it is sent, and says no longer that it was not", async () => {
  await open(PAGE, "unsent");
  network(false);
  submit("#form", $("#send"));
  network(true);
  expect(submit("#form", $("#send"))).toBe(true);
  expect($$("[role=alert]")).toHaveLength(0);
});

test("a dialog is closed without a network too", async () => {
  await open(PAGE, "unsent");
  network(false);
  expect(submit("#form", $("#shut"))).toBe(true);
  expect(submit("#shutter")).toBe(true);
});

test("nobody else acts on a form that was not sent", async () => {
  await open(PAGE, "unsent");
  network(false);
  let acted = false;
  document.addEventListener("submit", () => (acted = true));
  submit("#form", $("#send"));
  expect(acted).toBe(false);
});
