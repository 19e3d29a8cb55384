import { beforeEach, describe, expect, test } from "vitest";

import { $, fire, open } from "./page.js";

const PAGE = `<form data-brush><div data-brush-place><img></div><input data-brush-size value="30"><input type="hidden" name="strokes">
  ${[1, 2, 3, 4].map(() => `<input data-brush-edge value="">`).join("")}<button type="button" data-brush-undo>Undo</button></form>`;
beforeEach(async () => {
  await open(PAGE, "brush", {
    before: () => {
      for (const [name, size] of [["clientWidth", 400], ["clientHeight", 200]]) Object.defineProperty($("img"), name, { value: size });
    },
  });
  $("canvas").getBoundingClientRect = () => ({ left: 100, top: 50, width: 400, height: 200 });
});
const pointer = (name, x = 0, y = 0, more = {}) =>
  $("canvas").dispatchEvent(Object.assign(new Event(name), { button: 0, pointerId: 1, clientX: x, clientY: y }, more));
const paint = (...points) => {
  pointer("pointerdown", ...points[0]);
  for (const point of points.slice(1)) pointer("pointermove", ...point);
  pointer("pointerup");
};
const strokes = () => $("[name=strokes]").value && JSON.parse($("[name=strokes]").value);
const pen = () => $("canvas").getContext();

describe("what is painted on a photo", () => {
  test("is sent in thousandths of it, whatever its size on the screen", () => {
    paint([100, 50], [300, 150], [500, 250]);
    expect(strokes()).toEqual([{ r: 30, points: [[0, 0], [500, 500], [1000, 1000]] }]);
  });

  test("is seen as broad as it will be", () => {
    paint([100, 50]);
    expect([$("canvas").width, $("canvas").height]).toEqual([400, 200]);
    expect(pen().lineWidth).toBe(24); // 2 · 30 thousandths of 400
  });

  test("is of the breadth that was chosen when it was begun", () => {
    paint([100, 50]);
    $("[data-brush-size]").value = "80";
    paint([100, 50]);
    expect(strokes().map(({ r }) => r)).toEqual([30, 80]);
  });

  test("goes stroke by stroke, and nothing is sent when none is left", () => {
    paint([100, 50], [200, 50]);
    paint([300, 50]);
    $("[data-brush-undo]").click();
    expect(strokes()).toHaveLength(1);
    $("[data-brush-undo]").click();
    expect(strokes()).toBe("");
  });

  test("ends where the finger leaves, and does not begin by another button", () => {
    paint([100, 50]);
    pointer("pointermove", 300, 150);
    pointer("pointerdown", 300, 150, { button: 2 });
    pointer("pointermove", 300, 150);
    expect(strokes()).toEqual([{ r: 30, points: [[0, 0]] }]);
  });

  test("is never longer than the server takes", () => {
    paint(...Array.from({ length: 2_100 }, () => [100, 50]));
    expect(strokes()[0].points).toHaveLength(2_000);
  });
});

describe("a rectangle by numbers", () => {
  const rectangle = (...edges) => {
    document.querySelectorAll("[data-brush-edge]").forEach((input, i) => (input.value = edges[i]));
    pen().calls.length = 0;
    fire($("[data-brush-edge]"), "input");
    return pen().calls.find(([name]) => name === "fillRect")?.slice(1);
  };

  test("is shown as it is typed, with a comma or a point", () => {
    expect(rectangle("25", "50", "12,5", "12.5")).toEqual([100, 100, 50, 25]);
  });

  test("is shown when it has all four", () => {
    expect(rectangle("25", "50", "12,5", "")).toBeUndefined();
  });
});
