import { describe, expect, test } from "vitest";

import { $, open } from "./page.js";

describe("a menu at the edge of the screen", () => {
  const page = async (left, right) => {
    await open(`<details class="menu"><summary>More</summary><ul class="menu-list"></ul></details><details id="other"></details>`, "menu");
    Object.defineProperty(document.documentElement, "clientWidth", { value: 400, configurable: true });
    $(".menu-list").getBoundingClientRect = () => ({ left, right });
    $(".menu").open = true;
    $(".menu").dispatchEvent(new Event("toggle"));
    return $(".menu-list").style.transform;
  };

  test.each([
    [100, 300, "", "stays where there is room"],
    [-20, 180, "translateX(28px)", "moves in from the left"],
    [250, 450, "translateX(-58px)", "moves in from the right"],
    [8, 392, "", "may lie as near as that"],
  ])("from %i to %i: %s (%s)", async (left, right, transform) => {
    expect(await page(left, right)).toBe(transform);
  });

  test("is measured anew each time, and others are left alone", async () => {
    await page(-20, 180);
    $(".menu-list").getBoundingClientRect = () => ({ left: 100, right: 300 });
    $(".menu").dispatchEvent(new Event("toggle"));
    expect($(".menu-list").style.transform).toBe("");
    expect(() => $("#other").dispatchEvent(new Event("toggle"))).not.toThrow();
  });
});
