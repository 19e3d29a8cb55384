import { make, memory, writing } from "./dom.js";
import { word } from "./words.js";

// data-key="r" or "g q" on a link, button or field: the key presses or focuses it. "?" lists all that the page has.
// Single letters can be switched off (WCAG 2.1.4) and never act while someone writes; Escape leaves a field.
const OFF = "keys:off";
let sequence = "";
let timer;

const visible = (element) => element.offsetParent !== null || element.getClientRects().length > 0;
const find = (keys) => [...document.querySelectorAll(`[data-key="${CSS.escape(keys)}"]`)].find(visible);
const label = (element) =>
  element.dataset.keyLabel ??
  element.getAttribute("aria-label") ??
  (element.labels?.[0] ?? element).textContent.replace(/\s+/g, " ").trim();

const act = (element) => {
  if (writing(element)) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
};

const help = () => {
  const dialog = document.getElementById("keys");
  const list = dialog?.querySelector("[data-keys-list]");
  if (!list) return;
  const seen = new Set();
  list.replaceChildren();
  for (const element of document.querySelectorAll("[data-key]")) {
    const keys = element.dataset.key;
    if (seen.has(keys) || !visible(element)) continue;
    seen.add(keys);
    const shown = keys.split(" ").flatMap((key, i) => (i ? [` ${word("then")} `, make("kbd", {}, key)] : [make("kbd", {}, key)]));
    const name = label(element).replace(new RegExp(`\\s*${keys.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`), "");
    list.append(make("li", {}, make("span", {}, name), make("span", {}, ...shown)));
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
    const form = event.target.form;
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
  if (writing(event.target)) {
    if (event.key === "Escape" && !event.target.closest("dialog")) event.target.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || memory.get(OFF) || document.querySelector("dialog[open]")) return;
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
