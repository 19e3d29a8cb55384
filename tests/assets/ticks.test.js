import { describe, expect, test } from "vitest";

import { $, open } from "./page.js";

describe("papers that one ticks off", () => {
  const LIST = `<ul data-ticks="birth"><input type="checkbox" data-tick="1"><input type="checkbox" data-tick="11"></ul>`;
  const ticked = () => [...document.querySelectorAll(":checked")].map(({ dataset }) => dataset.tick);

  test("stay ticked on this device, each by itself", async () => {
    await open(LIST, "ticks");
    $("[data-tick='11']").click();
    const kept = localStorage.getItem("ticks:birth");
    await open(LIST, "ticks", { before: () => localStorage.setItem("ticks:birth", kept) });
    expect(ticked()).toEqual(["11"]);
  });

  test("leave nothing when all ticks are taken away", async () => {
    await open(LIST, "ticks", { before: () => localStorage.setItem("ticks:birth", "11") });
    $("[data-tick='11']").click();
    expect(localStorage.length).toBe(0);
  });
});
