import { icon, make } from "./dom.js";
import { fold, word } from "./words.js";

// <dialog id="palette" data-url="/desk/palette">: Ctrl-K. Commands are the page's own [data-command] elements and links
// of the rail; the address answers ?q= with {"items": [{label, hint, url, icon, group}]}.
const dialog = document.getElementById("palette");
const input = dialog?.querySelector("input");
const list = dialog?.querySelector("[role=listbox]");
let options = [];
let at = 0;
let asked = 0;
let timer;

const own = () =>
  [...document.querySelectorAll("[data-command], .rail-item")].map((element) => ({
    label: element.dataset.command || element.querySelector("[data-label]")?.textContent || element.textContent.trim(),
    icon: element.dataset.icon ?? "arrow-right",
    keys: element.dataset.key,
    group: element.matches(".rail-item") ? word("goTo") : word("onThisPage"),
    run: () => element.click(),
  }));

const mark = (index) => {
  at = Math.max(0, Math.min(index, options.length - 1));
  const shown = [...list.querySelectorAll("[role=option]")];
  shown.forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
  input.setAttribute("aria-activedescendant", shown[at]?.id ?? "");
  shown[at]?.scrollIntoView({ block: "nearest" });
};

const run = (option) => {
  dialog.close();
  if (option.url) location.assign(option.url);
  else option.run();
};

const draw = (found) => {
  options = found;
  list.replaceChildren();
  let group;
  options.forEach((option, i) => {
    if (option.group && option.group !== group) {
      group = option.group;
      list.append(make("li", { role: "presentation" }, group));
    }
    const item = make(
      "li",
      { class: "palette-option", role: "option", id: `palette-${i}` },
      icon(option.icon ?? "arrow-right"),
      make("span", {}, option.label),
      option.hint ? make("span", { class: "hint" }, option.hint) : null,
      option.keys ? make("kbd", {}, option.keys) : null,
    );
    item.addEventListener("click", () => run(option));
    item.addEventListener("pointermove", () => at !== i && mark(i));
    list.append(item);
  });
  if (!options.length) list.append(make("li", { class: "palette-empty", role: "presentation" }, word("nothingFound")));
  mark(0);
};

const search = async () => {
  const text = input.value.trim();
  const words = fold(text).split(" ");
  const local = own().filter((command) => words.every((part) => fold(command.label).includes(part)));
  draw(local);
  const url = dialog.dataset.url;
  if (!url || text.length < 2) return;
  const turn = ++asked;
  const answer = await fetch(`${url}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok || turn !== asked) return;
  const { items } = await answer.json();
  const kept = at;
  draw([...items, ...local]);
  if (kept) mark(kept);
};

const open = (text = "") => {
  if (dialog.open) return;
  input.value = text;
  dialog.showModal();
  search();
};

if (dialog) {
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 120);
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) {
      event.preventDefault();
      mark(at + step);
    }
    if (event.key === "Enter" && !event.isComposing && options[at]) {
      event.preventDefault();
      run(options[at]);
    }
  });
  document.addEventListener("click", (event) => {
    const trigger = event.target.closest("[data-palette]");
    if (!trigger) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
}
