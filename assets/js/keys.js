import { make, memory, writing } from "./dom.js";
import { word } from "./words.js";

// data-key="r" or "g q" on a link, button or field: the key presses or focuses it. "?" lists all that the page has.
// Single letters can be switched off (WCAG 2.1.4) and act only where nobody can be typing: not in a field or the open form
// around it, not on a page that is a form (data-writing), and not after words were written and left by a click. Whoever
// types on although no field has the caret types words: the letters after one that is no key do nothing, and those after
// one that opened a list choose nothing of it, until there is a pause. While the next page is on its way they wait for it. Escape leaves a field, and closes the form of a move. Ctrl Enter sends the form
// that has the focus; where none has it, the page's own button of that name.
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
const EDITS = { Enter: "insertLineBreak", Backspace: "delete" };
const PAUSE = 700; // milliseconds
const waiting = []; // keys
let leaving = false; // another page, or (its request) another ticket, was asked for and is not there yet
let wordAt = -PAUSE; // when the last letter of a word was typed that no field took
let written = false; // in a form that is to be sent, and not left by Escape

const typing = () => written || document.querySelector("[data-writing]") || document.activeElement?.closest("details:is(.move, .fold)[open] form");

document.addEventListener("input", ({ target }) => {
  if (target.form?.method === "post" && !/checkbox|radio/.test(target.type)) written = true; // a tick is no word
});
for (const event of ["submit", "htmx:pushedIntoHistory"]) document.addEventListener(event, () => (written = false));

// A form that is opened has the caret in its first field, by whatever it was opened.
const enter = (move) => {
  const first = [...move.querySelectorAll(FIELD)].find(visible);
  const chosen = first?.type === "radio" ? [...first.form.elements].find((one) => one.name === first.name && one.checked) : first;
  (chosen ?? first)?.focus();
};

// The second click of a double click neither closes what the first has opened, nor presses what came to lie there.
let pressed;
const press = (event) => {
  const again = event.detail > 1;
  if (!again) pressed = event.target.closest?.("details.move > summary")?.parentElement;
  if (!pressed) return;
  event.preventDefault();
  if (again) event.stopPropagation();
  else pressed.open = !pressed.open;
  if (pressed.open) enter(pressed);
};
document.addEventListener("click", press, { capture: true });
const opened = ({ target }) => {
  if (target.open && target.matches("main details.fold:has(form)") && target.contains(document.activeElement)) enter(target);
};
document.addEventListener("toggle", opened, { capture: true });

// After a message was sent, its page leads to the form again: the caret too.
const led = document.getElementById(location.hash.slice(1));
if (led?.matches("form")) enter(led);

const act = (element) => {
  if (writing(element)) {
    element.focus();
    element.select?.();
  } else if (element.matches(`${OPEN_MOVE} > summary`)) {
    enter(element.parentElement);
  } else {
    if (element.matches("a[href]")) {
      element.focus({ preventScroll: true });
      leaving = !element.hash;
    }
    element.click();
  }
};

const leave = (target) => {
  written = leaving = false;
  waiting.length = 0;
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
    const between = keys.startsWith("Ctrl ") ? " " : ` ${word("then")} `;
    const shown = keys.split(" ").flatMap((key, i) => (i ? [between, make("kbd", {}, key)] : [make("kbd", {}, key)]));
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

const play = (key) => {
  if (writing(document.activeElement)) return document.execCommand(EDITS[key] ?? "insertText", false, key);
  if (key.length !== 1 || typing()) return false;
  if (key === "?") {
    help();
    return true;
  }
  const now = performance.now();
  if (now - wordAt < PAUSE) {
    wordAt = now;
    return true;
  }
  clearTimeout(timer);
  sequence = `${sequence} ${key.toLowerCase()}`.trim();
  const element = find(sequence);
  if (element) {
    sequence = "";
    act(element);
    if (document.activeElement.matches("select")) wordAt = now;
    return true;
  }
  if (!document.querySelector(`[data-key^="${CSS.escape(sequence)} "]`)) {
    sequence = "";
    wordAt = now;
  }
  timer = setTimeout(() => (sequence = ""), 900);
  return false;
};

const toNext = (link) => link.matches("[hx-boost] a");
document.addEventListener("htmx:confirm", ({ target }) => {
  if (toNext(target)) leaving = true;
});
document.addEventListener("htmx:beforeRequest", ({ target, detail }) => {
  if (toNext(target)) leaving = detail.xhr;
});
// What comes in meanwhile of the ticket that is left, or of one that was passed over, would take the place of the next.
document.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
  if (leaving && target.id === "ticket" && detail.xhr !== leaving) detail.shouldSwap = false;
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.xhr !== leaving || !detail.target.isConnected) return; // else it is there, and soon settled
  leaving = false;
  waiting.length = 0;
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  setTimeout(() => {
    if (detail.xhr !== leaving) return;
    leaving = false;
    while (waiting.length && !leaving) play(waiting.shift());
  });
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  if (event.key.length === 1 && event.target.matches("select")) {
    const now = performance.now();
    if (now - wordAt < PAUSE) {
      wordAt = now;
      event.preventDefault();
    }
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.form ?? event.target.closest("form");
    const submit = form
      ? (form.querySelector("[data-key='Ctrl Enter']") ?? form.querySelector("button:not([type=button], [type=reset])"))
      : event.target.matches("body, main") && find("Ctrl Enter");
    if (submit) {
      event.preventDefault();
      submit.click();
    }
    return;
  }
  const dialog = document.querySelector("dialog[open]");
  const combined = (event.ctrlKey || event.metaKey) && !dialog && !event.repeat && find(`Ctrl ${event.key}`);
  if (combined) {
    event.preventDefault();
    combined.click();
    return;
  }
  if (event.key === "Escape" && !dialog) return leave(event.target);
  if (dialog || writing(event.target) || event.ctrlKey || event.metaKey || memory.get(OFF)) return;
  if (leaving) {
    if (event.key.length === 1 || event.key in EDITS) {
      event.preventDefault();
      waiting.push(event.key);
    }
  } else if (play(event.key)) {
    event.preventDefault();
  }
});
