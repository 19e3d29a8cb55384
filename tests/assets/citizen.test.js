import { expect, test, vi } from "vitest";

import { $, open, settled } from "./page.js";

const ALWAYS = ["common", "draft", "print", "ticks", "pwa"];
const LATER = ["push", "danger", "app"];
let loaded;
const page = async (body) => {
  loaded = [];
  const path = (name) => `../../assets/js/${name}.js`;
  const start = vi.fn();
  await open(body, "citizen", {
    before: () => {
      for (const name of [...ALWAYS, ...LATER]) {
        vi.doMock(path(name), () => {
          loaded.push(name);
          return { start: (element) => start(name, element) };
        });
      }
    },
  });
  for (let turn = 0; turn < 20; turn += 1) await settled();
  await vi.dynamicImportSettled();
  for (const name of [...ALWAYS, ...LATER]) vi.doUnmock(path(name));
  return start;
};

test("a page of citizens loads what every page needs, and nothing for what it does not show", async () => {
  await page("");
  expect([...loaded].sort()).toEqual([...ALWAYS].sort());
});

test("what only some pages show comes with it, and begins there", async () => {
  const start = await page(`<div data-push="/f/abc/push"></div><form data-app-form><div data-danger></div></form>`);
  expect([...loaded].sort()).toEqual([...ALWAYS, ...LATER].sort());
  expect(start.mock.calls.sort()).toEqual([["danger", $("[data-danger]")], ["push", $("[data-push]")]]);
});
