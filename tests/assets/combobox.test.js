import { beforeEach, describe, expect, test, vi } from "vitest";

import { $, $$, fire, open, passes, press, settled, submit, type, words } from "./page.js";

const AGENCIES = ["Sở Xây dựng", "Sở Y tế", "Ban Quản lý đường bộ", "Công an tỉnh", "Điện lực"];
const MORE = Array.from({ length: 8 }, (_, i) => `Phường Tân Phú ${i + 1}`);
const option = (text, more = "") => `<option value="${text}" ${more}>${text}</option>`;
const EMPTY = `<option value="">Chọn đơn vị</option>`;
const FIELD = (options, more = "") => `<form id="f" method="post">
  <label class="label" for="agency">Đơn vị</label><p id="hint">…</p>
  <select id="agency" name="agency" class="input" aria-describedby="hint" ${more}>${options}</select>
  <button id="send">Send</button><button id="other" type="button">Other</button></form>`;
const PLAIN = FIELD([EMPTY, ...AGENCIES.map((text) => option(text)), ...MORE.map((text) => option(text))].join(""));

const select = () => $("select");
const input = () => $("[role=combobox]");
const list = () => $("[role=listbox]");
const isOpen = () => input().getAttribute("aria-expanded") === "true";
const rows = () => $$("[role=option]").map((row) => row.textContent);
const marked = () => $("[aria-selected=true]")?.textContent;
const key = (name, more) => press(name, more, input());
const search = (text) => type("[role=combobox]", text);
const said = () => words("[aria-live]");
const tab = (to = "#other") => {
  const event = key("Tab");
  $(to).focus();
  return event;
};
/** A click elsewhere, which takes the caret away before it is one. */
const leaveFor = (to) => $(to).focus();
let heard;
const start = async (page = PLAIN, more = {}) => {
  await open(page, "combobox", more);
  heard = [];
  for (const event of ["input", "change"]) {
    document.addEventListener(event, ({ target }) => heard.push(`${event} ${target.name}=${target.value}`));
  }
};

describe("the field", () => {
  beforeEach(() => start());

  test("has no name; the select keeps that, the value and its label, and is out of sight", () => {
    expect(input().name).toBe("");
    expect([select().name, select().value, select().tabIndex]).toEqual(["agency", "", -1]);
    expect(select().getAttribute("aria-hidden")).toBe("true");
    expect(select().labels[0]).toBe($("label"));
    expect(input().nextElementSibling).toBe(select());
  });

  test("is called and described as the select was", () => {
    expect($(`#${input().getAttribute("aria-labelledby")}`).textContent).toBe("Đơn vị");
    expect(input().getAttribute("aria-describedby")).toBe("hint");
    expect(select().hasAttribute("aria-describedby")).toBe(false);
    expect(input().className).toBe("input combobox");
  });

  test("shows the choice that is none as a field without words", () => {
    expect([input().value, input().placeholder]).toEqual(["", "Chọn đơn vị"]);
  });

  test("has the caret whenever the select should have it", () => {
    select().focus();
    expect(document.activeElement).toBe(input());
  });

  test("opens by a click, with all; a second click closes nothing", () => {
    input().click();
    expect(isOpen()).toBe(true);
    expect(rows()).toHaveLength(14);
    input().click();
    expect(isOpen()).toBe(true);
    expect(input().getAttribute("aria-controls")).toBe(list().id);
  });
});

describe("what is no field to search in", () => {
  const few = FIELD([EMPTY, ...AGENCIES.map((text) => option(text))].join(""));
  const many = (more) => FIELD([...AGENCIES, ...MORE].map((text) => option(text)).join(""), more);
  test.each([
    ["a short list", few],
    ["a list of many choices", many("multiple")],
    ["a list that is open anyway", many('size="4"')],
  ])("%s stays as it is", async (_, page) => {
    await start(page);
    expect(input()).toBe(null);
    expect(select().hasAttribute("aria-hidden")).toBe(false);
  });

  test("fingers have the select of their device", async () => {
    const coarse = () => vi.stubGlobal("matchMedia", (query) => ({ matches: query === "(pointer: coarse)" }));
    await start(PLAIN, { before: coarse });
    expect(input()).toBe(null);
  });

  test("so has a browser whose lists cannot lie above all", async () => {
    await start(PLAIN, { before: () => ["popover", "showPopover"].forEach((name) => delete HTMLElement.prototype[name]) });
    expect(input()).toBe(null);
  });
});

describe("whoever types", () => {
  beforeEach(() => start());

  test.each([
    ["so xay dung", ["Sở Xây dựng"]],
    ["DUNG so", ["Sở Xây dựng"]],
    ["dien", ["Điện lực"]],
    ["so", ["Sở Xây dựng", "Sở Y tế"]],
    ["phu 8", ["Phường Tân Phú 8"]],
  ])("%s finds %s", (text, found) => {
    search(text);
    expect(rows()).toEqual(found);
  });

  test("sees first what begins a word so, then what has it inside", () => {
    search("uan");
    expect(rows()).toEqual(["Ban Quản lý đường bộ"]);
    search("ong an");
    expect(rows()).toEqual(["Công an tỉnh"]);
  });

  test("sees a letter or two inside of words only where nothing is better", () => {
    search("so y");
    expect(rows()).toEqual(["Sở Y tế"]);
    search("ay");
    expect(rows()).toEqual(["Sở Xây dựng"]);
  });

  test("sees what matched", () => {
    search("xay so");
    expect($$("mark").map((mark) => mark.textContent)).toEqual(["Sở", "Xây"]);
  });

  test("hears how many are left; the only one is marked", () => {
    search("so");
    expect(said()).toBe("Entries that match: 2");
    expect(marked()).toBeUndefined();
    search("so x");
    expect(marked()).toBe("Sở Xây dựng");
    expect(input().getAttribute("aria-activedescendant")).toBe($("[role=option]").id);
  });

  test("reads and hears that there is none, and what to do", () => {
    search("xyz");
    expect(rows()).toEqual([]);
    const none = "No entry matches. Type fewer letters, or empty the field to see all.";
    expect([words(".combobox-popup p"), said(), $(".combobox-popup p").hidden]).toEqual([none, none, false]);
    search("so");
    expect($(".combobox-popup p").hidden).toBe(true);
  });

  test("tells nobody: letters to search by are no words of the form", () => {
    search("so");
    fire(input(), "change");
    expect(heard).toEqual([]);
    expect(select().value).toBe("");
  });

  test("sees all with no letters", () => {
    search("so");
    search("");
    expect(rows()).toHaveLength(14);
  });
});

test("groups keep their headings; the one with the better match comes first, what cannot be chosen not at all", async () => {
  const proposed = `<optgroup label="Proposed">${option("Trạm xây lắp Tân An")}${option("Khu Thanxay")}</optgroup>`;
  const off = `${option("Sở xa", "disabled")}<optgroup label="Off" disabled>${option("Xa lộ")}</optgroup>`;
  await start(FIELD(`${option("Không xác định")}${proposed}<optgroup label="All">${AGENCIES.map((text) => option(text)).join("")}
    ${MORE.map((text) => option(text)).join("")}</optgroup>${off}`));
  const headings = () => $$("[role=group]").map((group) => $(`#${group.getAttribute("aria-labelledby")}`).textContent);
  input().click();
  expect(headings()).toEqual(["Proposed", "All"]);
  expect(rows()[0]).toBe("Không xác định");
  expect(rows()).not.toContain("Xa lộ");
  expect(rows()).not.toContain("Sở xa");
  search("xay");
  expect(headings()).toEqual(["Proposed", "All"]);
  expect(rows()).toEqual(["Trạm xây lắp Tân An", "Khu Thanxay", "Sở Xây dựng"]);
  search("y te");
  expect(headings()).toEqual(["All"]);
});

describe("keys", () => {
  beforeEach(() => start());

  test("Down opens at what is chosen, else at the first; Up at the last", () => {
    key("ArrowDown");
    expect([isOpen(), marked()]).toEqual([true, "Chọn đơn vị"]);
    key("Escape");
    key("ArrowUp");
    expect(marked()).toBe("Chọn đơn vị");
    search("so");
    key("ArrowUp");
    expect(marked()).toBe("Sở Y tế");
  });

  test("a choice is where the list opens", () => {
    select().value = "Điện lực";
    fire(select(), "change");
    key("ArrowDown");
    expect(marked()).toBe("Điện lực");
    expect($("[aria-current]").textContent).toBe("Điện lực");
  });

  test("Alt Down opens without a mark, Alt Up closes and puts back", () => {
    key("ArrowDown", { altKey: true });
    expect([isOpen(), marked()]).toEqual([true, undefined]);
    key("ArrowDown", { altKey: true });
    expect(marked()).toBeUndefined();
    search("so");
    expect(key("ArrowUp", { altKey: true }).defaultPrevented).toBe(true);
    expect([isOpen(), input().value]).toEqual([false, ""]);
    expect(key("ArrowUp", { altKey: true }).defaultPrevented).toBe(false);
  });

  test("arrows and pages walk, and not beyond the ends; they choose nothing", () => {
    search("phu");
    for (const [name, text] of [
      ["ArrowDown", 1],
      ["ArrowDown", 2],
      ["PageDown", 8],
      ["PageUp", 1],
      ["ArrowUp", 1],
      ["ArrowDown", 2],
    ]) {
      key(name);
      expect(marked()).toBe(`Phường Tân Phú ${text}`);
    }
    expect(select().value).toBe("");
  });

  test.each(["Home", "End", "ArrowLeft", "ArrowRight"])("%s is the caret's", (name) => {
    key("ArrowDown");
    expect(key(name).defaultPrevented).toBe(false);
    expect([isOpen(), marked()]).toEqual([true, undefined]);
  });

  test("pages are the page's where the list is closed, and Home the caret's", () => {
    expect(key("PageDown").defaultPrevented).toBe(false);
    expect(key("Home").defaultPrevented).toBe(false);
    expect(isOpen()).toBe(false);
  });

  test("Enter takes the marked one, tells it, and sends nothing", () => {
    search("so");
    key("ArrowDown");
    key("ArrowDown");
    expect(key("Enter").defaultPrevented).toBe(true);
    expect([select().value, input().value, isOpen()]).toEqual(["Sở Y tế", "Sở Y tế", false]);
    expect(heard).toEqual(["input agency=Sở Y tế", "change agency=Sở Y tế"]);
    expect(said()).toBe("Chosen: Sở Y tế");
    expect([input().selectionStart, input().selectionEnd]).toEqual([0, 7]);
  });

  test("Enter takes the only one; of several it goes to the first", () => {
    search("so x");
    key("Enter");
    expect(select().value).toBe("Sở Xây dựng");
    search("so");
    expect(key("Enter").defaultPrevented).toBe(true);
    expect([select().value, marked()]).toEqual(["Sở Xây dựng", "Sở Xây dựng"]);
  });

  test("Enter does nothing where nothing matches, or a Vietnamese word ends", () => {
    search("xyz");
    expect(key("Enter").defaultPrevented).toBe(true);
    expect([isOpen(), input().value]).toEqual([true, "xyz"]);
    search("so x");
    expect(key("Enter", { isComposing: true }).defaultPrevented).toBe(false);
    expect(select().value).toBe("");
  });

  test("Enter in a closed list is the form's", () => {
    expect(key("Enter").defaultPrevented).toBe(false);
  });

  test("Ctrl Enter takes what is meant before the form is sent", () => {
    search("so x");
    expect(key("Enter", { ctrlKey: true }).defaultPrevented).toBe(false);
    expect(select().value).toBe("Sở Xây dựng");
    search("so");
    key("Enter", { ctrlKey: true });
    expect(submit("form")).toBe(false);
    expect([select().value, input().value, isOpen()]).toEqual(["Sở Xây dựng", "so", true]);
    expect(key("k", { ctrlKey: true }).defaultPrevented).toBe(false);
  });

  test("Escape closes the list and nothing else; the next one is the page's", () => {
    const outside = vi.fn();
    document.addEventListener("keydown", outside);
    search("so");
    expect(key("Escape").defaultPrevented).toBe(true);
    expect([isOpen(), input().value]).toEqual([false, ""]);
    expect(outside).not.toHaveBeenCalled();
    expect(key("Escape").defaultPrevented).toBe(false);
    expect(outside).toHaveBeenCalledOnce();
  });
});

describe("leaving by Tab", () => {
  beforeEach(() => start());

  test.each([
    ["the marked one is taken", "phu", 2, "Phường Tân Phú 2"],
    ["the only one is taken", "xay dung", 0, "Sở Xây dựng"],
    ["that of this very name is taken", "so y te", 0, "Sở Y tế"],
    ["several mean none", "so", 0, ""],
    ["nothing means none", "xyz", 0, ""],
  ])("%s", (_, text, downs, value) => {
    search(text);
    for (let i = 0; i < downs; i += 1) key("ArrowDown");
    expect(tab().defaultPrevented).toBe(false);
    expect([select().value, input().value, isOpen()]).toEqual([value, value, false]);
  });

  test("a field without letters takes the empty choice", () => {
    search("so x");
    key("Enter");
    search("");
    tab();
    expect([select().value, input().value]).toEqual(["", ""]);
    expect(heard.at(-1)).toBe("change agency=");
  });

  test("what was only looked at stays, and nothing is told", () => {
    input().click();
    tab();
    expect([heard, isOpen()]).toEqual([[], false]);
  });
});

test("a field without an empty choice gives back what was chosen", async () => {
  await start(FIELD([...AGENCIES, ...MORE].map((text) => option(text)).join("")));
  expect(input().value).toBe("Sở Xây dựng");
  search("");
  tab();
  expect([select().value, input().value, heard]).toEqual(["Sở Xây dựng", "Sở Xây dựng", []]);
});

describe("leaving by a click", () => {
  beforeEach(() => start());

  test("takes what the words mean, and not what keys have marked", () => {
    search("so x");
    leaveFor("#other");
    expect(select().value).toBe("Sở Xây dựng");
    search("");
    key("ArrowDown");
    key("ArrowDown");
    search("so");
    key("ArrowDown");
    leaveFor("#other");
    expect([select().value, input().value, isOpen()]).toEqual(["Sở Xây dựng", "Sở Xây dựng", false]);
  });

  test("on the button that sends: what means several stays, and the form is not sent", () => {
    const sent = vi.fn();
    $("form").addEventListener("submit", sent);
    search("so");
    leaveFor("#send");
    expect([input().value, isOpen()]).toEqual(["so", false]);
    expect(submit("form")).toBe(false);
    expect(sent).not.toHaveBeenCalled();
    expect([document.activeElement, isOpen(), rows()]).toEqual([input(), true, ["Sở Xây dựng", "Sở Y tế"]]);
    const why = "Choose an entry of the list: what you typed fits none or several.";
    expect([words(".combobox-popup p"), said(), $(".combobox-popup p").hidden]).toEqual([why, why, false]);
    key("ArrowDown");
    key("Enter");
    expect([select().value, submit("form")]).toEqual(["Sở Xây dựng", true]);
    input().click();
    expect($(".combobox-popup p").hidden).toBe(true);
  });

  test("on the button that sends: what means one is sent", () => {
    search("so x");
    leaveFor("#send");
    expect([select().value, submit("form")]).toEqual(["Sở Xây dựng", true]);
  });

  test("on the button of another form, or one that sends nothing, it is put back", () => {
    document.body.append(Object.assign(document.createElement("button"), { id: "elsewhere" }));
    for (const button of ["#other", "#elsewhere"]) {
      search("so");
      leaveFor(button);
      expect([input().value, submit("form")]).toEqual(["", true]);
    }
  });

  test("on another window leaves all as it is", () => {
    search("so");
    fire(input(), "blur");
    expect([input().value, isOpen()]).toEqual(["so", true]);
  });
});

describe("a hand", () => {
  beforeEach(() => start());

  test("takes by a click, and the caret stays", () => {
    search("phu");
    expect(fire($(".combobox-popup"), "mousedown").defaultPrevented).toBe(true);
    $$("[role=option]")[2].click();
    expect([select().value, input().value, isOpen()]).toEqual(["Phường Tân Phú 3", "Phường Tân Phú 3", false]);
    expect(document.activeElement).toBe(input());
  });

  test("beside an option takes nothing", () => {
    search("phu");
    list().click();
    expect([select().value, isOpen()]).toEqual(["", true]);
  });
});

describe("the place of the list", () => {
  const field = (top) => vi.spyOn(HTMLInputElement.prototype, "getBoundingClientRect").mockReturnValue({ top, bottom: top + 40, left: 300, width: 200 });
  const popup = () => $(".combobox-popup").style;
  beforeEach(async () => {
    await start();
    vi.spyOn(HTMLElement.prototype, "scrollHeight", "get").mockReturnValue(500);
    vi.spyOn(document.documentElement, "clientHeight", "get").mockReturnValue(600);
    vi.spyOn(document.documentElement, "clientWidth", "get").mockReturnValue(500);
  });

  test("is below, as wide as can be read, inside the window; it follows the field", () => {
    field(100);
    input().click();
    expect([popup().inset, popup().inlineSize, popup().maxBlockSize]).toEqual(["144px auto auto 252px", "240px", "min(452px, 28rem)"]);
    field(60);
    fire(window, "scroll");
    expect(popup().inset).toBe("104px auto auto 252px");
    key("Escape");
    field(100);
    fire(window, "resize");
    expect(popup().inset).toBe("104px auto auto 252px");
  });

  test("is above where there is more room", () => {
    field(500);
    input().click();
    expect([popup().inset, popup().maxBlockSize]).toEqual(["auto auto 104px 252px", "min(492px, 28rem)"]);
  });
});

describe("what others put into the select is shown", () => {
  beforeEach(() => start());
  const put = (value) => {
    select().value = value;
    fire(select(), "change");
  };

  test("a proposal, a draft", () => {
    put("Sở Y tế");
    expect(input().value).toBe("Sở Y tế");
  });

  test("not under the letters of somebody who searches", () => {
    search("dien");
    put("Sở Y tế");
    expect(input().value).toBe("dien");
    key("Escape");
    expect(input().value).toBe("Sở Y tế");
  });

  test("an empty form", async () => {
    put("Sở Y tế");
    search("dien");
    $("form").reset();
    await passes(0);
    expect([select().value, input().value, isOpen()]).toEqual(["", "", false]);
  });

  test("what the browser put back", () => {
    select().value = "Sở Y tế";
    fire(window, "pageshow");
    expect(input().value).toBe("Sở Y tế");
  });

  test("other choices, and whether one must or can", async () => {
    select().innerHTML = option("Xã A", "selected") + option("Xã B");
    Object.assign(select(), { disabled: true, required: true });
    await settled();
    expect([input().value, input().disabled, input().required]).toEqual(["Xã A", true, true]);
    input().click();
    expect(isOpen()).toBe(false);
  });
});

describe("a part of the page is exchanged", () => {
  const part = `<div id="part">${PLAIN}</div>`;
  const swap = (cause = "live:ticket", page = PLAIN) => {
    fire($("#part"), "htmx:beforeSwap", { requestConfig: { triggeringEvent: { type: cause } } });
    $("#part").innerHTML = page;
    fire($("#part"), "htmx:afterSwap");
  };
  beforeEach(() => start(part));

  test("the new select is searched too, and shows what is put back there", () => {
    swap();
    expect($$("[role=combobox]")).toHaveLength(1);
    select().value = "Sở Y tế"; // live.js says nothing
    fire(document.body, "htmx:afterSettle");
    expect(input().value).toBe("Sở Y tế");
    fire($("#part"), "htmx:load", { elt: $("#part") });
    expect($$("[role=combobox]")).toHaveLength(1);
  });

  test("letters that are being typed are there again, with the list and the mark", () => {
    search("phu");
    key("ArrowDown");
    key("ArrowDown");
    const before = input();
    swap();
    expect(input()).not.toBe(before);
    expect([input().value, isOpen(), marked()]).toEqual(["phu", true, "Phường Tân Phú 2"]);
  });

  test("but not after what one did oneself", () => {
    search("phu");
    swap("click");
    expect([input().value, isOpen()]).toEqual(["", false]);
  });

  test("a select that goes alone takes its field along", () => {
    input().click();
    select().outerHTML = `<select><option>A</option></select>`;
    fire($("#part"), "htmx:afterSwap");
    expect([input(), $(".combobox-popup"), $("[aria-live]")]).toEqual([null, null, null]);
  });
});

test("a label around the select stays a label: the list is not inside, the field is called by it", async () => {
  const many = [...AGENCIES, ...MORE].map((text) => option(text)).join("");
  await start(`<label>Cột <select name="column">${many}</select></label><label>Cột <select name="b">${many}</select></label>`);
  expect(input().labels[0]).toBe($("label"));
  input().click();
  expect($("label [role=listbox]")).toBe(null);
  expect(list().getAttribute("aria-labelledby")).toBe($("label").id);
  expect(new Set($$("[role=combobox]").map(({ id }) => id)).size).toBe(2);
});

test("a select that had the caret gives it to the field; what was wrong with it is said of the field", async () => {
  const wrong = PLAIN.replace('aria-describedby="hint"', 'aria-describedby="hint" aria-invalid="true" aria-label="Nơi nhận" required');
  await start(wrong, { before: () => $("select").focus() });
  expect(document.activeElement).toBe(input());
  expect([input().getAttribute("aria-invalid"), input().getAttribute("aria-label")]).toEqual(["true", "Nơi nhận"]);
  expect([input().required, $("form").checkValidity()]).toEqual([true, false]);
  search("so");
  expect([$("form").checkValidity(), words(".combobox-popup p")]).toEqual([false, "Choose an entry of the list: what you typed fits none or several."]);
  search("so x");
  key("Enter");
  expect($("form").checkValidity()).toBe(true);
});
