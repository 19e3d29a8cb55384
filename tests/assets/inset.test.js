import { describe, expect, test } from "vitest";

import vietnam from "virtual:vietnam";

import { $, $$, open } from "./page.js";

let seen;
let moves;
/** The inset of a map that shows Đồng Xoài and around: [west, south, east, north]. */
const start = async () => {
  const { addInset } = await open("<div data-map></div>", "inset");
  seen = [106, 11, 107, 12];
  const getBounds = () => {
    const [west, south, east, north] = seen;
    const contains = ([long, lat]) => long >= west && long <= east && lat >= south && lat <= north;
    return { getWest: () => west, getSouth: () => south, getEast: () => east, getNorth: () => north, contains };
  };
  const on = (event, act) => event === "moveend" && (moves = act);
  addInset({ getContainer: () => $("[data-map]"), getBounds, on }, vietnam.features[0].geometry.coordinates);
};

describe("the small map of the country beside it", () => {
  test("shows Hoàng Sa and Trường Sa with their names, to who cannot see it too", async () => {
    await start();
    expect($(".map-inset").getAttribute("aria-label")).toBe("Quần đảo Hoàng Sa (Việt Nam), Quần đảo Trường Sa (Việt Nam)");
    expect($$(".map-inset text").map(({ textContent }) => textContent)).toEqual(["QĐ. Hoàng Sa", "(Việt Nam)", "QĐ. Trường Sa", "(Việt Nam)"]);
    expect($$(".inset-island")).toHaveLength(14);
    expect($(".inset-land").getAttribute("d").length).toBeGreaterThan(1_000);
    const wide = $$(".inset-island").map((island) => [+island.getAttribute("cx"), +island.getAttribute("cy")]);
    for (const text of $$(".map-inset text")) {
      const half = text.textContent.length * 2.6; // its letters are about five wide
      expect(+text.getAttribute("x") + half).toBeLessThanOrEqual(152);
      expect(+text.getAttribute("y")).toBeGreaterThan(80);
      expect(+text.getAttribute("y")).toBeLessThan(184);
    }
    expect(wide.every(([x, y]) => x > 0 && x < 152 && y > 0 && y < 184)).toBe(true); // inside its picture
  });

  test("marks what the large one looks at, and goes while that shows both archipelagos itself", async () => {
    await start();
    const box = () => ["x", "y", "width", "height"].map((name) => +$(".inset-here").getAttribute(name));
    const [x, y, width, height] = box();
    expect([Math.round(x), Math.round(y), Math.round(width), Math.round(height)]).toEqual([44, 123, 10, 10]);
    seen = [106.9, 11.5, 106.91, 11.51];
    moves();
    expect(box().slice(2)).toEqual([4, 4]); // still to be seen
    expect($(".map-inset").classList.contains("away")).toBe(false);
    seen = [101, 5, 118, 15];
    moves();
    expect($(".map-inset").classList.contains("away")).toBe(false); // one of the two
    seen = [101, 5, 118, 24];
    moves();
    expect($(".map-inset").classList.contains("away")).toBe(true);
  });
});
