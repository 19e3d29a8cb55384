import { beforeEach, describe, expect, test, vi } from "vitest";

import { $, $$, fire, open, passes, press, submit, type } from "./page.js";

const PAGE = `<main>
  <a href="#new" data-key="n">New ticket <kbd>n</kbd></a>
  <a href="#home" data-key="g h" aria-label="Home">⌂</a>
  <button data-key="x" hidden>Hidden</button><button data-key="q">Merge</button><button data-key="Ctrl .">Take</button>
  <input type="search" data-key="/" aria-label="Search" value="đèn">
  <details class="move" id="reply"><summary data-key="r">Reply</summary>
    <form id="form" method="post"><textarea name="text"></textarea><input type="checkbox" name="wish"><button id="send">Send</button></form>
  </details>
  <details class="move" id="refuse"><summary data-key="f">Refuse</summary>
    <form method="post"><input type="radio" name="why" value="a"><input type="radio" name="why" value="b" checked></form>
  </details>
  </main><dialog id="keys"><ul data-keys-list><li data-always>Esc</li></ul><input type="checkbox" data-keys-toggle></dialog>`;
let clicked;
const page = async (body = PAGE, more = {}) => {
  await open(body, "keys", more);
  clicked = [];
  document.addEventListener("click", ({ target }) => clicked.push(target.dataset.key));
  document.addEventListener("submit", (event) => event.preventDefault());
};
beforeEach(() => page());
const keys = (...all) => all.forEach((key) => press(key));

describe("a key presses what it is written on", () => {
  test("one letter, in either case", () => {
    keys("q", "N");
    expect(clicked).toEqual(["q", "n"]);
  });

  test("two letters one after the other", async () => {
    keys("g");
    await passes(800);
    keys("h");
    expect(clicked).toEqual(["g h"]);
  });

  test("but not with a pause between them", async () => {
    keys("g");
    await passes(901);
    keys("h");
    expect(clicked).toEqual([]);
  });

  test("never what is not to be seen", () => {
    keys("x");
    expect(clicked).toEqual([]);
  });

  test("a field takes the caret, and its words are chosen so that they can be typed over", () => {
    const event = press("/");
    expect(document.activeElement).toBe($("[type=search]"));
    expect($("[type=search]").selectionEnd).toBe(3);
    expect(event.defaultPrevented).toBe(true); // the slash is not typed into it
  });

  test("a link has the focus too, for who goes on by keyboard", () => {
    keys("n");
    expect(document.activeElement).toBe($("[data-key=n]"));
  });

  test.each([["ctrlKey"], ["metaKey"], ["altKey"], ["isComposing"]])("with %s it belongs to the browser", (held) => {
    press("q", { [held]: true });
    expect(clicked).toEqual([]);
  });
});

describe("a form of a move", () => {
  test("that is opened by its key has the caret in its first field", () => {
    keys("r");
    expect($("#reply").open).toBe(true);
    expect(document.activeElement).toBe($("textarea"));
  });

  test("whose first field is a choice has it on what is chosen", () => {
    keys("f");
    expect(document.activeElement.value).toBe("b");
  });

  test("is closed by Escape, and the caret goes back to its name", () => {
    keys("r", "Escape");
    expect($("#reply").open).toBe(false);
    expect(document.activeElement).toBe($("[data-key=r]"));
  });

  test("is not shut again by the second click of a double click", () => {
    for (const detail of [1, 2]) $("[data-key=r]").dispatchEvent(new MouseEvent("click", { detail, bubbles: true, cancelable: true }));
    expect($("#reply").open).toBe(true);
  });

  test("is sent by Ctrl Enter from any of its fields", () => {
    const sent = vi.fn();
    $("#form").addEventListener("submit", sent);
    keys("r");
    press("Enter");
    expect(sent).not.toHaveBeenCalled();
    press("Enter", { ctrlKey: true });
    expect(sent).toHaveBeenCalledTimes(1);
  });
});

test("a key with Ctrl presses from everywhere, also while one writes", () => {
  $("textarea").focus();
  const event = press(".", { ctrlKey: true });
  expect(clicked).toEqual(["Ctrl ."]);
  expect(event.defaultPrevented).toBe(true);
  expect(press(";", { ctrlKey: true }).defaultPrevented).toBe(false);
});

describe("letters of words press nothing", () => {
  test("in a field", () => {
    $("textarea").focus();
    const event = press("q");
    expect(clicked).toEqual([]);
    expect(event.defaultPrevented).toBe(false);
  });

  test("beside the field, while the form around it is open", () => {
    keys("r");
    $("[name=wish]").focus();
    keys("q");
    expect(clicked).toEqual(["r"]);
  });

  test("after words were written and left by a click, until they are sent or left by Escape", () => {
    type("textarea", "Đã sửa");
    $("textarea").blur();
    keys("q");
    expect(clicked).toEqual([]);
    submit("#form");
    keys("q");
    expect(clicked).toEqual(["q"]);
  });

  test("a tick is no word", () => {
    fire($("[name=wish]"), "input");
    keys("q");
    expect(clicked).toEqual(["q"]);
  });

  test("on a page that is a form", async () => {
    await page(`<form data-writing></form>${PAGE}`);
    keys("q");
    expect(clicked).toEqual([]);
  });

  test("that somebody types on although no field has the caret, until there is a pause", async () => {
    keys("d", "q");
    await passes(699);
    keys("n");
    expect(clicked).toEqual([]);
    await passes(700);
    keys("q");
    expect(clicked).toEqual(["q"]);
  });

  test("that is typed on after one that opened a list chooses nothing of it, until there is a pause", async () => {
    $("main").insertAdjacentHTML("beforeend", `<select data-key="a" aria-label="Agency"><option>Thuế</option></select>`);
    keys("a");
    expect(document.activeElement).toBe($("select"));
    expect(press("n").defaultPrevented).toBe(true); // of "anh", typed on
    await passes(699);
    expect(press("h").defaultPrevented).toBe(true);
    await passes(700);
    expect(press("t").defaultPrevented).toBe(false);
    expect(clicked).toEqual([]);
  });
});

describe("while the next page is on its way", () => {
  test("keys wait for it and press what it has", async () => {
    document.body.insertAdjacentHTML("beforeend", `<div hx-boost="true"><a id="next" href="/desk/8" data-key="j">8</a></div>`);
    $("#next").addEventListener("click", (event) => event.preventDefault());
    keys("j");
    expect(press("q").defaultPrevented).toBe(true);
    expect(clicked).toEqual(["j"]);
    const xhr = {};
    fire($("#next"), "htmx:beforeRequest", { xhr });
    fire(document, "htmx:afterSettle", { xhr });
    await passes(0);
    expect(clicked).toEqual(["j", "q"]);
  });

  test("what comes in of the ticket that is left does not take its place", () => {
    document.body.insertAdjacentHTML("beforeend", `<div hx-boost="true"><a id="next" href="/desk/8">8</a></div><div id="ticket"></div>`);
    const xhr = {};
    fire($("#next"), "htmx:beforeRequest", { xhr });
    const swap = (detail) => {
      fire($("#ticket"), "htmx:beforeSwap", detail);
      return detail.shouldSwap;
    };
    expect(swap({ xhr: {}, shouldSwap: true })).toBe(false);
    expect(swap({ xhr, shouldSwap: true })).toBe(true);
  });

  test("that does not come, keys act here again", async () => {
    document.body.insertAdjacentHTML("beforeend", `<div hx-boost="true"><a id="next" href="/desk/8">8</a></div>`);
    const xhr = {};
    fire($("#next"), "htmx:beforeRequest", { xhr });
    keys("n");
    fire(document, "htmx:afterRequest", { xhr, target: document.body });
    keys("q");
    expect(clicked).toEqual(["q"]);
  });

  test("letters for its first field are written there", async () => {
    document.execCommand = vi.fn(() => true);
    document.body.insertAdjacentHTML("beforeend", `<div hx-boost="true"><a id="next" href="/desk/8">8</a></div>`);
    const xhr = {};
    fire($("#next"), "htmx:beforeRequest", { xhr });
    keys("a", "Enter", "Backspace");
    $("textarea").focus();
    fire(document, "htmx:afterSettle", { xhr });
    await passes(0);
    expect(document.execCommand.mock.calls.map(([act, , key]) => [act, key])).toEqual([
      ["insertText", "a"],
      ["insertLineBreak", "Enter"],
      ["delete", "Backspace"],
    ]);
  });
});

describe("the list of keys", () => {
  const rows = () => $$("[data-keys-list] li").map((row) => row.textContent.replace(/\s+/g, " ").trim());

  test("has what can be seen and pressed, by its name, each once", () => {
    $("main").insertAdjacentHTML("beforeend", `<button data-key="q">Twice</button>`);
    keys("?");
    expect($("#keys").open).toBe(true);
    expect(rows()).toEqual(["Esc", "New ticketn", "Homeg then h", "Mergeq", "TakeCtrl .", "Search/", "Replyr", "Refusef"]);
  });

  test("has those of the queue beside a ticket, though no line of it may have one just now", () => {
    $("main").insertAdjacentHTML("beforeend", `<div id="queue-list" data-j="Next ticket" data-k=""><a href="#7" data-key="j">7</a></div>`);
    keys("?");
    expect(rows().filter((row) => /j$|k$/.test(row))).toEqual(["Next ticketj"]);
  });

  test("shuts out the keys while it is open", () => {
    keys("?", "q");
    expect(clicked).toEqual([]);
  });

  test("switches letters off for who speaks to the machine, and on again", () => {
    keys("?");
    expect($("[data-keys-toggle]").checked).toBe(true);
    $("[data-keys-toggle]").click();
    $("#keys").close();
    clicked.length = 0;
    keys("q");
    expect(clicked).toEqual([]);
    $("[data-keys-toggle]").click();
    keys("q");
    expect(clicked).toContain("q");
  });
});

test("after a message was sent, its page leads to the form again, and the caret too", async () => {
  await page(`<form id="reply" method="post"><input type="hidden" name="a"><textarea name="text"></textarea></form>`, {
    url: "https://1022.example.vn/desk/7#reply",
  });
  expect(document.activeElement).toBe($("textarea"));
});
