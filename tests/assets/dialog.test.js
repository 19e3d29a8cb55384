import { beforeEach, describe, expect, test } from "vitest";

import { $, fire, open, press } from "./page.js";

const click = (selector) => {
  const event = new MouseEvent("click", { bubbles: true, cancelable: true });
  $(selector).dispatchEvent(event);
  return event;
};

describe("a dialog", () => {
  const PAGE = `<a href="/more" data-open="#ask"><i id="icon"></i>Ask</a><a href="/gone" data-open="#gone" id="lost">Lost</a>
    <dialog id="ask"><p id="words">Sure?</p><button data-close id="no">No</button></dialog>
    <button data-close id="outside">Close</button>`;
  beforeEach(() => open(PAGE, "dialog"));

  test("opens by its link, which leads nowhere then", () => {
    expect(click("#icon").defaultPrevented).toBe(true);
    expect($("#ask").open).toBe(true);
  });

  test("closes by its button, and by a click beside it, not by one on its words", () => {
    $("#ask").showModal();
    click("#words");
    expect($("#ask").open).toBe(true);
    click("#no");
    expect($("#ask").open).toBe(false);
    $("#ask").showModal();
    click("#ask"); // what is not its words is the room around it
    expect($("#ask").open).toBe(false);
  });

  test("that is not there, or no longer around its button, is no error", () => {
    expect(() => click("#lost")).not.toThrow();
    expect(() => click("#outside")).not.toThrow();
  });
});

describe("a menu", () => {
  const PAGE = `<nav class="rail"><a id="beside" href="#">Beside</a>
    <details class="menu" id="a"><summary>More</summary><a class="menu-item" href="#" id="a1">1</a><a class="menu-item" href="#" id="a2">2</a></details></nav>
    <details class="menu" id="b"><summary>Me</summary><a class="menu-item" href="#" id="b1">1</a><a class="menu-item" href="#" id="b2">2</a></details>
    <p id="page" tabindex="0">Page</p>`;
  const shown = () => ["a", "b"].filter((id) => $(`#${id}`).open);
  beforeEach(async () => {
    await open(PAGE, "dialog");
    for (const id of ["a", "b"]) $(`#${id}`).open = true;
  });

  test("closes when one clicks elsewhere, and stays for a click in it", () => {
    click("#b1");
    expect(shown()).toEqual(["b"]);
    click("#page");
    expect(shown()).toEqual([]);
  });

  test("closes when the keyboard leaves it", () => {
    $("#b1").focus();
    fire($("#b1"), "focusin");
    expect(shown()).toEqual(["b"]);
    fire($("#page"), "focusin");
    expect(shown()).toEqual([]);
  });

  test("of places stays while somebody is in the bar that it belongs to", () => {
    click("#beside");
    expect(shown()).toEqual(["a"]);
  });

  test("closes by Escape, the caret at its button, and the window does not hear of it", () => {
    const heard = [];
    for (const place of [document.body, window]) place.addEventListener("keydown", () => heard.push(place));
    $("#b1").focus();
    press("Escape");
    expect($("#b").open).toBe(false);
    expect(document.activeElement).toBe($("#b summary"));
    expect(heard).toEqual([document.body]);
  });

  test("is gone through by arrows, round and round, and other keys are left alone", () => {
    $("#b1").focus();
    expect(press("ArrowDown").defaultPrevented).toBe(true);
    expect(document.activeElement).toBe($("#b2"));
    press("ArrowDown");
    expect(document.activeElement).toBe($("#b1"));
    press("ArrowUp");
    expect(document.activeElement).toBe($("#b2"));
    expect(press("x").defaultPrevented).toBe(false);
  });

  test("in a bar is gone through from the places beside it too", () => {
    $("#beside").focus();
    press("ArrowDown");
    expect(document.activeElement).toBe($("#a1"));
  });

  test("that is shut leaves the arrows to the page", () => {
    $("#b").open = false;
    $("#b summary").focus();
    expect(press("ArrowDown").defaultPrevented).toBe(false);
  });
});

test("the first thing to read after a failed form is what went wrong", async () => {
  await open(`<input><div data-focus tabindex="-1">Not sent</div>`, "dialog");
  expect(document.activeElement).toBe($("[data-focus]"));
});
