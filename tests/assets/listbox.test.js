import { beforeEach, describe, expect, test, vi } from "vitest";

import { $, $$, open } from "./page.js";

let mark;
let step;
beforeEach(async () => {
  ({ mark, step } = await open(
    `<input><ul><li role="presentation">Group</li><li role="option" id="a"></li><li role="option" id="b"></li></ul>`,
    "listbox",
  ));
});
const at = (place) => mark($("input"), $("ul"), place);
const chosen = () => $$("[aria-selected=true]").map(({ id }) => id);

test.each([
  ["ArrowDown", 1],
  ["ArrowUp", -1],
  ["PageDown", 8],
  ["PageUp", -8],
  ["a", undefined],
])("%s moves the mark by %s", (key, by) => expect(step({ key })).toBe(by));

describe("the mark", () => {
  test("is told of the option and of the field, and can be seen", () => {
    const seen = vi.spyOn(Element.prototype, "scrollIntoView");
    expect(at(1)).toBe(1);
    expect(chosen()).toEqual(["b"]);
    expect($("#a").getAttribute("aria-selected")).toBe("false");
    expect($("input").getAttribute("aria-activedescendant")).toBe("b");
    expect(seen.mock.contexts).toEqual([$("#b")]);
  });

  test("goes to the last where there are fewer", () => {
    expect(at(Infinity)).toBe(1);
    expect(chosen()).toEqual(["b"]);
  });

  test("is taken away", () => {
    at(0);
    expect(at(-1)).toBe(-1);
    expect(chosen()).toEqual([]);
    expect($("input").hasAttribute("aria-activedescendant")).toBe(false);
  });

  test("is nowhere in an empty list", () => {
    $("ul").replaceChildren();
    expect(at(0)).toBe(-1);
    expect($("input").hasAttribute("aria-activedescendant")).toBe(false);
  });
});
