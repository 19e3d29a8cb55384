import { make, memory, writing } from "./dom.js";
import { word } from "./words.js";

// data-key="r" or "g q" on a link, button or field: the key presses or focuses it. "?" lists all that the page has.
// Single letters can be switched off (WCAG 2.1.4) and act only where nobody can be typing: not in a field, not while a
// form is open (a move's, or a page that is one: data-writing), and not after words were written and left by a click.
// Escape leaves a field, and closes the form of a move.
const OFF = "keys:off";
let sequence = "";
let timer;

const visible = (element) => element.offsetParent !== null || element.getClientRects().length > 0;
const find = (keys) => [...document.querySelectorAll(`[data-key="${CSS.escape(keys)}"]`)].find(visible);
const label = (element) =>
  element.dataset.keyLabel ??
  element.getAttribute("aria-label") ??
  (element.labels?.[0] ?? element).textContent.replace(/\s+/g, " ").trim();

const OPEN_MOVE = "details.move[open]";
const FIELD = "input:not([type=hidden]), select, textarea, button";
let written = false; // in a form that is to be sent, and not left by Escape

const typing = () => written || [...document.querySelectorAll(`${OPEN_MOVE}, [data-writing]`)].some(visible);

document.addEventListener("input", ({ target }) => {
  if (target.form?.method === "post" && !/checkbox|radio/.test(target.type)) written = true; // a tick is no word
});
for (const event of ["submit", "htmx:pushedIntoHistory"]) document.addEventListener(event, () => (written = false));

const act = (element) => {
  if (writing(element)) {
    element.focus();
    element.select?.();
  } else {
    if (element.matches("a[href]")) element.focus({ preventScroll: true });
    element.click();
  }
};

// A form that is opened has the caret in its first field, by whatever it was opened.
document.addEventListener("click", (event) => {
  const move = event.target.closest?.("details.move > summary")?.parentElement;
  if (!move || move.open) return; // it closes
  const enter = () => {
    if (!move.open) return;
    const first = [...move.querySelectorAll(FIELD)].find(visible);
    const chosen = first?.type === "radio" ? [...first.form.elements].find((one) => one.name === first.name && one.checked) : first;
    (chosen ?? first)?.focus();
  };
  move.addEventListener("toggle", enter, { once: true });
});

const leave = (target) => {
  written = false;
  const move = target.closest?.(OPEN_MOVE) ?? (writing(target) ? null : document.querySelector(OPEN_MOVE));
  if (move) {
    move.open = false;
    move.querySelector("summary").focus();
  } else if (writing(target)) {
    target.blur();
  }
};

const help = () => {
  const dialog = document.getElementById("keys");
  const list = dialog?.querySelector("[data-keys-list]");
  if (!list) return;
  const seen = new Set();
  const row = (name, keys) => make("li", {}, make("span", {}, name), make("span", {}, ...keys));
  for (const old of list.querySelectorAll("li:not([data-always])")) old.remove();
  const { j, k } = document.getElementById("queue-list")?.dataset ?? {};
  for (const [key, name] of Object.entries({ j, k })) {
    if (!name) continue;
    seen.add(key);
    list.append(row(name, [make("kbd", {}, key)]));
  }
  for (const element of document.querySelectorAll("[data-key]")) {
    const keys = element.dataset.key;
    if (seen.has(keys) || keys === "Ctrl Enter" || !visible(element)) continue;
    seen.add(keys);
    const shown = keys.split(" ").flatMap((key, i) => (i ? [` ${word("then")} `, make("kbd", {}, key)] : [make("kbd", {}, key)]));
    const name = label(element).replace(new RegExp(`\\s*${keys.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`), "");
    list.append(row(name, shown));
  }
  const toggle = dialog.querySelector("[data-keys-toggle]");
  if (toggle) toggle.checked = !memory.get(OFF);
  dialog.showModal();
};

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-keys-toggle]")) memory.set(OFF, event.target.checked ? null : "1");
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-help]")) help();
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.form ?? document.querySelector(`${OPEN_MOVE} form`);
    const submit =
      form?.querySelector("[data-key='Ctrl Enter']") ??
      form?.querySelector("button:not([type=button], [type=reset])") ??
      find("Ctrl Enter");
    if (submit) {
      event.preventDefault();
      submit.click();
    }
    return;
  }
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) return leave(event.target);
  if (writing(event.target) || event.ctrlKey || event.metaKey || memory.get(OFF)) return;
  if (document.querySelector("dialog[open]") || typing()) return;
  if (event.key === "?") {
    event.preventDefault();
    help();
    return;
  }
  if (event.key.length !== 1) return;
  clearTimeout(timer);
  sequence = `${sequence} ${event.key.toLowerCase()}`.trim();
  const element = find(sequence) ?? find(event.key.toLowerCase());
  if (element) {
    event.preventDefault();
    sequence = "";
    act(element);
    return;
  }
  if (!document.querySelector(`[data-key^="${CSS.escape(sequence)} "]`)) sequence = "";
  timer = setTimeout(() => (sequence = ""), 900);
});
