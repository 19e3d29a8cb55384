import { icon, make } from "./dom.js";
import { mark as markAt, step } from "./listbox.js";
import { fold, word } from "./words.js";

// <dialog id="palette" data-url="/desk/find">: Ctrl-K. Commands are the page's own [data-command] elements and links
// of the rail; the address answers ?q= with {"items": [{label, hint, url, icon, group}]}. What is found there is put
// below the commands, so that nothing moves under the hand; Enter pressed before the answer waits for it.
const dialog = document.getElementById("palette");
const input = dialog?.querySelector("input");
const list = dialog?.querySelector("[role=listbox]");
const LEAST = 2; // characters that the address wants
let options = [];
let at = 0;
let turn = 0;
let entered = false;
let timer;

const own = () =>
  [...document.querySelectorAll("[data-command], a.rail-item")].map((element) => ({
    label: element.dataset.command || element.querySelector("[data-label]")?.textContent || element.textContent.trim(),
    icon: element.dataset.icon ?? "arrow-right",
    keys: element.dataset.key,
    group: element.matches(".rail-item") ? word("goTo") : word("onThisPage"),
    run: () => element.click(),
  }));

const mark = (index) => {
  at = Math.max(0, markAt(input, list, Math.max(0, index)));
};

const run = (option, beside = false) => {
  if (option.url && beside) {
    open(option.url, "_blank", "noopener");
    return;
  }
  dialog.close();
  if (option.url) location.assign(option.url);
  else option.run();
};

const draw = (found, state) => {
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
    item.addEventListener("click", (event) => run(option, event.ctrlKey || event.metaKey));
    item.addEventListener("pointermove", () => at !== i && mark(i));
    list.append(item);
  });
  if (state) list.append(make("li", { class: "palette-empty", role: "presentation" }, make("span", { role: "status" }, word(state))));
  list.toggleAttribute("aria-busy", state === "searching");
};

const ask = async (text) => {
  const answer = await fetch(`${dialog.dataset.url}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
  return (await answer.json()).items;
};

// What the page itself has is shown at once; the rest is asked for when the hand rests.
const search = () => {
  clearTimeout(timer);
  const mine = ++turn;
  const text = input.value.trim();
  const words = fold(text).split(" ");
  const local = own().filter((command) => words.every((part) => fold(command.label).includes(part)));
  entered = false;
  if (!dialog.dataset.url || text.length < LEAST) {
    draw(local, local.length || !text ? "" : "nothingFound");
    mark(0);
    return;
  }
  draw(local, "searching");
  mark(0);
  timer = setTimeout(async () => {
    let found = [];
    let state = "";
    try {
      found = await ask(text);
    } catch {
      state = "searchFailed";
    }
    if (mine !== turn || !dialog.open) return;
    const kept = at;
    draw([...local, ...found], state || (local.length + found.length ? "" : "nothingFound"));
    mark(kept);
    if (entered && options[at]) run(options[at]);
  }, 120);
};

const show = () => {
  if (dialog.open) return;
  input.value = "";
  dialog.showModal();
  search();
};

if (dialog) {
  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    const by = step(event);
    if (by) {
      event.preventDefault();
      mark(at + by);
    }
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      if (options[at]) run(options[at], event.ctrlKey || event.metaKey);
      else entered = true;
    }
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-palette]")) return;
    event.preventDefault();
    show();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      show();
    }
  });
}
