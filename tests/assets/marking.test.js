import { beforeEach, describe, expect, test, vi } from "vitest";

import { $, $$, fire, open } from "./page.js";

// As the server draws it: every part of the words knows at which letter it begins; what is hidden already is a mark with
// the name of its kind behind the words.
const TEXT = "Anh Lâm 🙂 ở số 12, gọi 0912345678";
const PAGE = `<textarea name="base-text">${TEXT}</textarea><p id="other">Elsewhere</p>
  <p data-field="text"><span data-start="0">Anh </span><label class="mark"><input type="checkbox"><span data-start="4">Lâm</span><b>name</b></label><span data-start="7"> 🙂 ở số 12, gọi 0912345678</span></p>
  <button data-hide="phone">Phone</button>`;
let changed;
beforeEach(async () => {
  await open(PAGE, "marking");
  changed = vi.fn();
  $("[data-field]").addEventListener("change", changed);
});
const part = (start) => $(`[data-start="${start}"]`).firstChild;
const select = (from, start, to, end) => {
  const range = document.createRange();
  range.setStart(from, start);
  range.setEnd(to, end);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
};
/** What is to be hidden by then: its letters, as the server counts them, and its kind. */
const hidden = () => {
  $("[data-hide]").click();
  return $$("[name=hide-text]").map(({ value, checked }) => {
    const [start, end, kind] = value.split("-");
    return [[...TEXT].slice(start, end).join(""), kind, checked];
  });
};

describe("words that somebody selects are hidden", () => {
  test("exactly they, where letters of two units stand before them", () => {
    const from = part(7).data.indexOf("0912345678");
    select(part(7), from, part(7), from + 10);
    expect(hidden()).toEqual([["0912345678", "phone", true]]);
    expect(changed).toHaveBeenCalledTimes(1); // the server draws the rest
    expect(getSelection().isCollapsed).toBe(true);
  });

  test("without the blanks around them", () => {
    const from = part(7).data.indexOf(" 0912345678");
    select(part(7), from, part(7), part(7).data.length);
    expect(hidden()).toEqual([["0912345678", "phone", true]]);
  });

  test("over a mark that is there already", () => {
    select(part(0), 0, part(7), part(7).data.indexOf(" ở"));
    expect(hidden()).toEqual([["Anh Lâm 🙂", "phone", true]]);
  });

  test("to the end of the words when the selection ends on the name of a kind", () => {
    select(part(0), 0, $(".mark b").firstChild, 2);
    expect(hidden()).toEqual([["Anh Lâm", "phone", true]]);
  });

  test("from the beginning of what begins there", () => {
    select($("[data-field]"), 0, part(4), 3);
    expect(hidden()).toEqual([["Anh Lâm", "phone", true]]);
    select($("[data-field]"), 1, part(4), 3);
    expect(hidden()).toContainEqual(["Lâm", "phone", true]);
  });
});

describe("nothing is hidden", () => {
  test("when nothing is selected", () => {
    select(part(0), 1, part(0), 1);
    expect(hidden()).toEqual([]);
  });

  test("when only blanks are", () => {
    select(part(7), 0, part(7), 1);
    expect(hidden()).toEqual([]);
  });

  test("when the selection lies elsewhere, or leads out of the words", () => {
    select($("#other").firstChild, 0, $("#other").firstChild, 4);
    expect(hidden()).toEqual([]);
    select($("#other").firstChild, 0, part(7), 3);
    expect(hidden()).toEqual([]);
  });
});

test("the selection stays while the button is pressed", () => {
  expect(fire($("[data-hide]"), "pointerdown").defaultPrevented).toBe(true);
  expect(fire($("[data-field]"), "pointerdown").defaultPrevented).toBe(false);
});

test("a mark is ticked by a click, not by a selection that ends on it", () => {
  const click = () => {
    const event = new MouseEvent("click", { bubbles: true, cancelable: true });
    $(".mark b").dispatchEvent(event);
    return event.defaultPrevented;
  };
  select(part(0), 0, part(4), 2);
  expect(click()).toBe(true);
  getSelection().removeAllRanges();
  select(part(0), 0, part(0), 0);
  expect(click()).toBe(false);
});
