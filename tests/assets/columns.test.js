import { describe, expect, test } from "vitest";

import { $, open, press } from "./page.js";

describe("columns", () => {
  const COLUMNS = `<div class="columns"><div id="left"></div><i class="column-edge" data-edge="first" tabindex="0"></i><div></div>
    <i class="column-edge" data-edge="last" tabindex="0"></i><div id="right"></div></div>`;
  const page = (stored = {}) =>
    open(COLUMNS, "columns", {
      before: () => {
        Object.defineProperty(HTMLElement.prototype, "offsetWidth", { get: () => 300, configurable: true });
        for (const [edge, width] of Object.entries(stored)) localStorage.setItem(`column:${edge}`, width);
      },
    });
  const width = (edge) => $(".columns").style.getPropertyValue(`--${edge}`);
  const drag = (edge, by) => {
    const at = $(`[data-edge=${edge}]`);
    const pointer = (name, clientX) => at.dispatchEvent(Object.assign(new Event(name), { clientX, pointerId: 1 }));
    pointer("pointerdown", 500);
    pointer("pointermove", 500 + by);
    pointer("lostpointercapture");
    pointer("pointermove", 0);
  };

  test.each([
    ["first", "ArrowRight", "316px"],
    ["first", "ArrowLeft", "284px"],
    ["last", "ArrowRight", "284px"],
    ["last", "ArrowLeft", "316px"],
  ])("the %s edge goes where %s points", async (edge, key, expected) => {
    await page();
    const event = press(key, {}, $(`[data-edge=${edge}]`));
    expect(width(edge)).toBe(expected);
    expect($(`[data-edge=${edge}]`).getAttribute("aria-valuenow")).toBe(String(parseInt(expected, 10)));
    expect(event.defaultPrevented).toBe(true);
  });

  test("another key moves nothing", async () => {
    await page();
    expect(press("Enter", {}, $("[data-edge=first]")).defaultPrevented).toBe(false);
    expect(width("first")).toBe("");
  });

  test.each([
    ["first", 40, "340px"],
    ["last", 40, "260px"],
    ["first", 4_000, "620px"],
    ["first", -4_000, "240px"],
  ])("the %s edge is dragged by %i px, within what can be read", async (edge, by, expected) => {
    await page();
    drag(edge, by);
    expect(width(edge)).toBe(expected);
  });

  test("a column is as wide as it was left", async () => {
    await page();
    drag("first", 40);
    const kept = localStorage.getItem("column:first");
    await page({ first: kept });
    expect(width("first")).toBe("340px");
    expect($("[data-edge=first]").getAttribute("aria-valuenow")).toBe("340");
    expect($("[data-edge=last]").getAttribute("aria-valuenow")).toBe("300");
  });
});
