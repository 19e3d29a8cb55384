import { beforeEach, describe, expect, test } from "vitest";

import { $, $$, open, press, words } from "./page.js";

const photo = (name, caption) => `<a class="photo" href="/files/${name}.jpg" data-caption="${caption}"><img alt="${name}" src="/small/${name}.jpg"></a>`;
const PAGE = `<div data-gallery>${photo("a", "Trước")}${photo("b", "Sau")}${photo("c", "Xa")}</div><div id="alone">${photo("d", "")}</div>`;
const click = (selector, more = {}) => {
  const event = new MouseEvent("click", { bubbles: true, cancelable: true, ...more });
  $(selector).dispatchEvent(event);
  return event;
};
const shown = () => [words("[data-at]"), new URL($("dialog img").src).pathname, $("dialog img").alt, words("[data-caption-shown]")];
const swipe = (from, to) => {
  const touch = (name, more) => $("dialog").dispatchEvent(Object.assign(new Event(name), more));
  touch("touchstart", { touches: [{ clientX: from }] });
  touch("touchend", { changedTouches: [{ clientX: to }] });
};
beforeEach(() => open(PAGE, "lightbox"));

describe("a photo", () => {
  test("is shown large, with what it shows, and which of how many it is", () => {
    expect(click("[href='/files/b.jpg'] img").defaultPrevented).toBe(true);
    expect($("dialog").open).toBe(true);
    expect($("dialog").getAttribute("aria-label")).toBe("Photos");
    expect(shown()).toEqual(["Photo 2 of 3", "/files/b.jpg", "b", "Sau"]);
  });

  test("opens in a window of its own for who asks for that", () => {
    for (const more of [{ ctrlKey: true }, { metaKey: true }, { button: 1 }]) expect(click(".photo", more).defaultPrevented).toBe(false);
    expect($("dialog")).toBeNull();
  });

  test("leads to the next and the one before, round and round: by buttons, arrows and swipes", () => {
    click(".photo");
    $("[aria-label='Next photo']").click();
    expect(words("[data-at]")).toBe("Photo 2 of 3");
    press("ArrowRight", {}, $("dialog"));
    press("ArrowRight", {}, $("dialog"));
    expect(words("[data-at]")).toBe("Photo 1 of 3");
    $("[aria-label='Previous photo']").click();
    expect(words("[data-at]")).toBe("Photo 3 of 3");
    press("ArrowLeft", {}, $("dialog"));
    expect(words("[data-at]")).toBe("Photo 2 of 3");
    swipe(300, 200);
    expect(words("[data-at]")).toBe("Photo 3 of 3");
    swipe(200, 300);
    expect(words("[data-at]")).toBe("Photo 2 of 3");
    swipe(200, 248);
    expect(words("[data-at]")).toBe("Photo 2 of 3"); // a finger is never quite still
  });

  test("that is alone has nothing to turn to", () => {
    click("#alone .photo");
    expect(shown()).toEqual(["Photo 1 of 1", "/files/d.jpg", "d", ""]);
    expect($$("[data-turn]").map(({ hidden }) => hidden)).toEqual([true, true]);
    $("[aria-label=Close]").click();
    expect($("dialog").open).toBe(false);
    click(".photo");
    expect($$("dialog")).toHaveLength(1);
    expect($$("[data-turn]").map(({ hidden }) => hidden)).toEqual([false, false]);
  });
});
