import { describe, expect, test, vi } from "vitest";

import { $, fire, open } from "./page.js";

describe("what is made of elements", () => {
  test("has its attributes, without those that are false or nothing, and words are never tags", async () => {
    const { make } = await open("", "dom");
    const made = make("p", { class: "hint", hidden: true, id: null, title: false, lang: undefined }, "<b>", null, make("i"));
    expect(made.outerHTML).toBe('<p class="hint" hidden="">&lt;b&gt;<i></i></p>');
  });

  test("has icons that nobody reads out", async () => {
    const { icon } = await open("", "dom");
    expect(icon("x", "big").outerHTML).toBe('<svg class="icon big" aria-hidden="true"><use href="/icons.svg#x"></use></svg>');
    expect(icon("x").getAttribute("class")).toBe("icon");
  });
});

test("each part begins once, also one that comes later, alone or within another", async () => {
  const { each } = await open(`<b id="a"></b>`, "dom");
  const begun = [];
  each("b", ({ id }) => begun.push(id));
  document.body.insertAdjacentHTML("beforeend", `<div><b id="b"></b></div><b id="c"></b>`);
  fire(document, "htmx:load", { elt: document.body });
  fire(document, "htmx:load", { elt: $("#c") });
  expect(begun).toEqual(["a", "b", "c"]);
});

test.each([
  ["<textarea>", true],
  ["<select>", true],
  ["<input>", true],
  ['<input type="search">', true],
  ["<p contenteditable>", true],
  ['<input type="checkbox">', false],
  ['<input type="radio">', false],
  ['<input type="range">', false],
  ['<input type="submit">', false],
  ["<button>", false],
  ["<p>", false],
])("whether a key in %s belongs to a text: %s", async (tag, belongs) => {
  const { writing } = await open(tag, "dom");
  const element = document.body.firstElementChild;
  Object.defineProperty(element, "isContentEditable", { value: element.hasAttribute("contenteditable") }); // jsdom lacks it
  expect(writing(element)).toBe(belongs);
  expect(writing(document)).toBe(false);
});

describe("what is remembered", () => {
  test("in a cookie goes to our own pages only, for a year, and where it is secret only over https", async () => {
    const { cookie } = await open("", "dom");
    const set = vi.spyOn(Document.prototype, "cookie", "set");
    cookie("theme", "dark");
    cookie("theme", "");
    expect(set.mock.calls.flat()).toEqual([
      "theme=dark; path=/; max-age=31536000; samesite=lax; secure",
      "theme=; path=/; max-age=0; samesite=lax; secure",
    ]);
    set.mockClear();
    location.protocol = "http:";
    cookie("theme", "dark");
    expect(set.mock.lastCall[0]).toBe("theme=dark; path=/; max-age=31536000; samesite=lax");
  });

  test("on the device is simply not there where the browser keeps nothing", async () => {
    const { memory } = await open("", "dom");
    expect(memory.set("a", "1")).toBe(true);
    expect(memory.get("a")).toBe("1");
    memory.set("a", null);
    expect(memory.get("a")).toBeNull();
    const refuse = () => {
      throw new DOMException("refused", "SecurityError");
    };
    vi.stubGlobal("localStorage", { getItem: refuse, setItem: refuse, removeItem: refuse });
    expect([memory.get("a"), memory.set("a", "1"), memory.set("a", null)]).toEqual([null, false, false]);
  });
});
