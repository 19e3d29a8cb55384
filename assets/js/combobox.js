import { icon, isPassive, make } from "./dom.js";
import { mark, step } from "./listbox.js";
import { fold, word } from "./words.js";

// A <select> of more than twelve is searched by typing, without marks (WAI-ARIA's editable combobox with a list, manual
// selection). The select stays in the form, out of sight: it alone has the name, the value and the label, tells `input`
// and `change` as ever, and what others put into it is shown. Whoever points with a finger, has an old browser or runs no
// scripts has the select itself.
//
// Nothing is chosen in passing: of several Enter goes to the first, and no Enter in an open list sends the form. Who leaves
// takes the one entry that the words mean: the only one left, that of this very name or, for no words, the empty one. To put
// back the earlier choice instead would send another than was just read. Words that mean none or several are put back; where
// the button that sends is pressed they stay, the list opens and nothing is sent, for nobody would see them go.
const MANY = 12;
const EDGE = 8; // px that the list keeps from the edges of the window
const GAP = 4; // px between the field and the list
const LOW = 240; // px: with less room below, the list opens above where there is more; it is no narrower either
const MOVED = ["aria-describedby", "aria-invalid", "aria-label", "aria-labelledby", "title"];
const LONG = 3; // letters that are looked for inside of words too
const boxes = new Map();
let kept; // of the field that has the caret, while its part of the page is exchanged
let count = 0;

const isSearched = ({ multiple, options, size }) => !multiple && size < 2 && options.length > MANY;
const sends = (button, form) => button?.type === "submit" && button.form === form;
const handle = (event) => {
  event.preventDefault();
  event.stopPropagation();
};

/** Where some letters begin a word of a text; -1 for nowhere. */
const begins = (text, part) => {
  let at = text.indexOf(part);
  while (at > 0 && /[\p{L}\p{N}]/u.test(text[at - 1])) at = text.indexOf(part, at + 1);
  return at;
};

/** What of a select has all these words, under the headings of its groups: first where they begin words, then anywhere,
 *  but a letter or two inside of words only where there is nothing better. */
const search = (select, words) => {
  const parts = fold(words).split(" ").filter(Boolean);
  const found = [];
  for (const option of select.options) {
    const { parentElement: group, text } = option;
    if (option.disabled || option.hidden || group.disabled) continue;
    const letters = [...text.normalize("NFC")];
    const name = letters.map((letter) => fold(letter).charAt(0) || " ").join(""); // one for each, to find them again
    const places = parts.map((part) => ({ first: begins(name, part), any: name.indexOf(part), length: part.length }));
    if (places.some(({ any }) => any < 0)) continue;
    const inside = places.filter(({ first }) => first < 0);
    const rank = inside.length ? (inside.some(({ length }) => length < LONG) ? 2 : 1) : 0;
    const spans = places.map(({ first, any, length }) => [first < 0 ? any : first, length]);
    const hit = letters.map((_, i) => spans.some(([from, length]) => i >= from && i < from + length));
    found.push({ option, group, letters, hit, rank });
  }
  const best = Math.min(...found.map(({ rank }) => rank));
  const groups = new Map();
  for (const one of found.sort((one, other) => one.rank - other.rank)) {
    if (one.rank < 2 || best === 2) groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  }
  return [...groups];
};

/** A name with what was typed of it marked. */
const name = ({ letters, hit }) => {
  const whole = make("span");
  for (let from = 0, to; from < letters.length; from = to) {
    for (to = from + 1; to < letters.length && hit[to] === hit[from]; ) to += 1;
    const text = letters.slice(from, to).join("");
    whole.append(hit[from] ? make("mark", {}, text) : text);
  }
  return whole;
};

class Combobox {
  at = -1; // the marked option
  found = [];
  searching = false; // words are typed that nothing was chosen by yet

  constructor(select) {
    this.select = select;
    const id = `${select.id || `select-${(count += 1)}`}-combobox`;
    const own = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false" };
    const quiet = { autocomplete: "off", autocapitalize: "off", spellcheck: "false" };
    this.input = make("input", { type: "text", id, class: `${select.className} combobox`.trim(), ...own, ...quiet });
    for (const attribute of MOVED) {
      if (!select.hasAttribute(attribute)) continue;
      this.input.setAttribute(attribute, select.getAttribute(attribute));
      select.removeAttribute(attribute);
    }
    const [label] = select.labels;
    if (label) label.id ||= `${id}-label`;
    this.label = this.input.getAttribute("aria-labelledby") ?? label?.id;
    if (label?.htmlFor && !this.input.hasAttribute("aria-label")) this.input.setAttribute("aria-labelledby", this.label);
    const focused = document.activeElement === select;
    select.before(this.input);
    select.dataset.searched = ""; // htmx puts back its class
    select.tabIndex = -1;
    select.setAttribute("aria-hidden", "true");
    this.show();
    if (focused) this.focus();
    this.listen();
  }

  listen() {
    const { input, select } = this;
    select.addEventListener("focus", () => this.focus()); // by its label, by what is wrong in it, by a script
    select.addEventListener("change", () => this.show());
    select.addEventListener("invalid", (event) => {
      if (this.settle()) return;
      event.preventDefault();
      this.refuse();
    });
    this.observer = new MutationObserver(() => this.show());
    this.observer.observe(select, { attributes: true, childList: true, characterData: true, subtree: true });
    input.addEventListener("focus", () => this.choose());
    input.addEventListener("blur", (event) => this.leave(event));
    input.addEventListener("keydown", (event) => !event.isComposing && this.press(event));
    input.addEventListener("click", () => {
      if (this.open) return;
      this.unfold();
      if (!this.searching) this.choose();
    });
    input.addEventListener("input", (event) => {
      event.stopPropagation(); // letters to search by are no words of the form
      this.searching = true;
      this.unfold();
    });
    input.addEventListener("change", (event) => event.stopPropagation());
  }

  focus() {
    this.input.focus();
    this.choose();
  }

  /** What is typed now takes the place of what is there, whose beginning stays in sight. */
  choose() {
    this.input.setSelectionRange(0, this.input.value.length, "backward");
  }

  get open() {
    return this.input.getAttribute("aria-expanded") === "true";
  }

  get empty() {
    return [...this.select.options].find(({ value, disabled }) => !value && !disabled);
  }

  /** Shows what the select says, unless somebody is just searching. */
  show() {
    const { input, select } = this;
    const { disabled, hidden, required } = select;
    Object.assign(input, { disabled, hidden, required, placeholder: this.empty?.text ?? "" });
    if (this.searching) return;
    input.value = select.value ? select.selectedOptions[0].text : "";
  }

  /** The list is made when it is wanted: a page has many that nobody opens. It stands outside of a label around. */
  build() {
    const { input, select } = this;
    const label = { "aria-label": input.getAttribute("aria-label"), "aria-labelledby": this.label };
    this.list = make("ul", { id: `${input.id}-list`, role: "listbox", ...label });
    this.note = make("p", { class: "hint" });
    this.popup = make("div", { class: "combobox-popup", popover: "manual" }, this.note, this.list);
    this.status = make("span", { class: "combobox-status", "aria-live": "polite" });
    (select.closest("label") ?? select).after(this.popup, this.status);
    input.setAttribute("aria-controls", this.list.id);
    this.popup.addEventListener("mousedown", (event) => event.preventDefault()); // the caret stays
    this.list.addEventListener("click", ({ target }) => {
      const option = target.closest("[role=option]");
      if (option) this.take(this.found[[...this.list.querySelectorAll("[role=option]")].indexOf(option)]);
    });
  }

  /** Opens the list of what fits, or draws it anew. */
  unfold() {
    if (this.input.disabled) return;
    if (!this.popup) this.build();
    const words = this.searching ? this.input.value : "";
    const groups = search(this.select, words);
    this.found = groups.flatMap(([, entries]) => entries.map(({ option }) => option));
    this.list.replaceChildren(...this.rows(groups));
    this.say(this.found.length ? "" : word("noEntry"));
    if (!this.open) {
      this.input.setAttribute("aria-expanded", "true");
      this.popup.showPopover();
      this.place = () => this.put();
      addEventListener("scroll", this.place, true);
      addEventListener("resize", this.place);
    }
    this.put();
    this.mark(words.trim() && this.found.length === 1 ? 0 : -1);
    if (this.searching) {
      if (this.found.length) this.status.textContent = word("entriesLeft", { count: this.found.length });
    } else {
      this.list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    }
  }

  /** Says above the list what is wrong with what is typed. */
  say(text, bad = false) {
    this.refused = bad;
    this.note.textContent = text;
    this.note.hidden = !text;
    this.note.classList.toggle("field-error", bad);
    if (text) this.status.textContent = text;
  }

  /** Nothing is sent: what is typed means no entry, or several. */
  refuse() {
    const { length } = this.input.value;
    this.input.focus();
    this.input.setSelectionRange(length, length); // one goes on typing
    this.input.scrollIntoView({ block: "center" }); // from under what sticks above
    this.unfold();
    this.say(word("chooseEntry"), true);
    this.put();
  }

  rows(groups) {
    const { input, select } = this;
    let at = 0;
    const row = (entry) => {
      const current = entry.option.selected;
      const attributes = { role: "option", id: `${input.id}-${at}`, "aria-selected": "false", "aria-current": current && "true" };
      at += 1;
      return make("li", attributes, name(entry), current ? icon("check") : null);
    };
    return groups.flatMap(([group, entries], i) => {
      const rows = entries.map(row);
      if (group === select || !group.label) return rows;
      const id = `${input.id}-group-${i}`;
      const heading = make("li", { role: "presentation", id, class: "hint" }, group.label);
      return [make("li", { role: "presentation" }, make("ul", { role: "group", "aria-labelledby": id }, heading, ...rows))];
    });
  }

  /** Puts the list where there is room; it lies above dialogs and bars, and nothing around it cuts it off. */
  put() {
    const { clientWidth, clientHeight } = document.documentElement;
    const { top, bottom, left, width } = this.input.getBoundingClientRect();
    const [above, below] = [top - EDGE, clientHeight - bottom - EDGE];
    const up = below < Math.min(LOW, this.list.scrollHeight + this.note.offsetHeight) && above > below;
    const wide = Math.min(Math.max(width, LOW), clientWidth - 2 * EDGE);
    const start = Math.max(EDGE, Math.min(left, clientWidth - wide - EDGE));
    Object.assign(this.popup.style, {
      inset: up ? `auto auto ${clientHeight - top + GAP}px ${start}px` : `${bottom + GAP}px auto auto ${start}px`,
      inlineSize: `${wide}px`,
      maxBlockSize: `min(${Math.max(up ? above : below, LOW / 2)}px, 28rem)`,
    });
  }

  mark(place) {
    this.at = mark(this.input, this.list, place);
  }

  close() {
    if (!this.open) return;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.at = -1;
    this.popup.hidePopover();
    removeEventListener("scroll", this.place, true);
    removeEventListener("resize", this.place);
  }

  /** The one entry that the words mean. */
  get meaning() {
    const words = fold(this.input.value);
    if (!words) return this.empty ?? this.select.selectedOptions[0];
    if (this.found.length === 1) return this.found[0];
    const same = this.found.filter(({ text }) => fold(text) === words);
    return same.length === 1 ? same[0] : undefined;
  }

  take(option) {
    const { input, select } = this;
    this.searching = false;
    this.close();
    if (!option.selected) {
      option.selected = true;
      for (const event of ["input", "change"]) select.dispatchEvent(new Event(event, { bubbles: true }));
    }
    this.show();
    if (document.activeElement === input) this.choose();
    if (this.status) this.status.textContent = word("entryChosen", { name: option.text });
  }

  putBack() {
    this.searching = false;
    this.close();
    this.show();
  }

  /** Takes what was marked or meant; says whether nothing is left open. */
  settle() {
    const option = this.found[this.at] ?? (this.searching ? this.meaning : undefined);
    if (option) this.take(option);
    return !this.searching;
  }

  press(event) {
    const { key, altKey, ctrlKey, metaKey } = event;
    const by = step(event);
    if (ctrlKey || metaKey) {
      if (key === "Enter") this.settle(); // keys.js sends
    } else if (altKey && key === "ArrowUp") {
      if (!this.open) return;
      handle(event);
      this.putBack();
      this.choose();
    } else if (altKey && key === "ArrowDown") {
      handle(event);
      if (!this.open) this.unfold();
    } else if (by && (this.open || key.startsWith("Arrow"))) {
      handle(event);
      this.go(by);
    } else if (key === "Enter" && (this.open || this.searching)) {
      handle(event);
      const option = this.found[this.at] ?? (this.searching ? this.meaning : undefined);
      if (option) this.take(option);
      else this.go(1);
    } else if (key === "Escape" && (this.open || this.searching)) {
      handle(event);
      this.putBack();
      this.choose();
    } else if (key === "Tab") {
      if (!this.settle()) this.putBack();
      this.close();
    } else if (/^(Home|End|ArrowLeft|ArrowRight)$/.test(key) && this.open) {
      this.mark(-1); // these move the caret
    }
  }

  go(by) {
    const last = by < 0 ? Infinity : 0;
    if (this.open) return this.mark(this.at < 0 ? last : Math.max(0, this.at + by));
    this.unfold();
    const now = this.searching ? -1 : this.found.findIndex(({ selected }) => selected);
    this.mark(now < 0 ? last : now);
  }

  leave({ relatedTarget: to }) {
    const { input } = this;
    if (document.activeElement === input || kept?.box === this) return; // the window was left, or a part is exchanged
    this.at = -1; // marked, not taken
    if (!this.settle() && !sends(to, this.select.form)) this.putBack();
    this.close();
  }

  resume({ box, at, open, words }) {
    this.searching = box.searching;
    if (box.searching) this.input.value = words;
    if (!open) return;
    if (box.refused) this.refuse();
    else this.unfold();
    this.mark(at);
  }

  remove() {
    this.close();
    this.observer.disconnect();
    for (const part of [this.input, this.popup, this.status]) part?.remove();
  }
}

const look = () => {
  for (const [select, box] of boxes) {
    if (select.isConnected) continue;
    box.remove();
    boxes.delete(select);
  }
  for (const select of document.querySelectorAll("select")) {
    if (!boxes.has(select) && isSearched(select)) boxes.set(select, new Combobox(select));
  }
};
const showAll = () => boxes.forEach((box) => box.show());

if ("popover" in HTMLElement.prototype && !matchMedia("(pointer: coarse)").matches) {
  look();
  document.addEventListener("htmx:load", look);
  addEventListener(
    "submit",
    (event) => {
      const box = [...boxes.values()].find(({ searching, select }) => searching && select.form === event.target);
      if (!box || box.settle()) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      box.refuse();
    },
    true,
  );
  addEventListener("pageshow", showAll); // what a browser put back itself
  document.addEventListener("reset", ({ target }) =>
    setTimeout(() => {
      for (const box of boxes.values()) if (box.select.form === target) box.putBack();
    }),
  );

  // What others do takes no letters from under somebody's hands: the new field is there before live.js gives it the caret,
  // and goes on where the old one was.
  addEventListener("htmx:beforeSwap", ({ target, detail: { requestConfig, shouldSwap } }) => {
    const box = [...boxes.values()].find(({ input }) => input === document.activeElement && target.contains(input));
    const passive = shouldSwap !== false && requestConfig && isPassive(requestConfig.triggeringEvent);
    kept = passive && box && { box, at: box.at, open: box.open, words: box.input.value };
  });
  document.addEventListener("htmx:afterSwap", look, true);
  addEventListener("htmx:afterSwap", () => {
    const fresh = kept && [...boxes.values()].find(({ input }) => input.id === kept.box.input.id);
    if (fresh && fresh !== kept.box) fresh.resume(kept);
    kept = undefined;
  });
  document.addEventListener("htmx:afterSettle", showAll);
}
