import { each, icon, make } from "./dom.js";
import { word } from "./words.js";

const LIFE = 10_000;
const LONG_LIFE = 30_000; // what went wrong
const region = () => document.getElementById("toasts");

/** Time that stands still while a pointer or the keyboard rests on the toast. */
const countDown = (toast) => {
  const resting = new Set();
  let left = toast.matches(".toast-error") ? LONG_LIFE : LIFE;
  let since;
  let timer;
  const run = () => {
    since = Date.now();
    timer = setTimeout(() => toast.remove(), left);
  };
  const rest = () => {
    clearTimeout(timer);
    left -= Date.now() - since;
  };
  for (const [comes, goes] of [["pointerenter", "pointerleave"], ["focusin", "focusout"]]) {
    toast.addEventListener(comes, () => {
      if (!resting.size) rest();
      resting.add(comes);
    });
    toast.addEventListener(goes, () => resting.delete(comes) && !resting.size && run());
  }
  run();
};

each(".toast", (toast) => {
  toast.querySelector("[data-dismiss]")?.addEventListener("click", () => toast.remove());
  countDown(toast);
});

/** Says something for ten seconds. undo: an address that takes it back when posted to; or act, named by label. */
export const toast = (text, { kind = "success", undo, act, label } = {}) => {
  const place = region();
  if (!place) return; // a page within another's
  for (const old of place.children) if (old.dataset.text === text) old.remove();
  const shown = make(
    "div",
    { class: `toast toast-${kind} ${undo ? "toast-undo" : ""}`, "data-text": text },
    icon(kind === "success" ? "circle-check" : "circle-alert"),
    make("span", {}, text),
  );
  if (undo) {
    const button = make("button", { class: "btn btn-sm", type: "button" }, icon("undo-2"), word("undo"));
    button.addEventListener("click", () => {
      shown.remove();
      document.body.dispatchEvent(new CustomEvent("caunoi:undo", { detail: { url: undo } }));
    });
    shown.append(button);
  }
  if (act) {
    const button = make("button", { class: "btn btn-sm", type: "button" }, label);
    button.addEventListener("click", () => {
      shown.remove();
      act();
    });
    shown.append(button);
  }
  const close = make("button", { class: "btn btn-quiet btn-icon btn-sm", type: "button", "aria-label": word("close") });
  close.append(icon("x"));
  close.addEventListener("click", () => shown.remove());
  shown.append(close);
  place.append(shown);
  countDown(shown);
};

// A view answers `HX-Trigger: {"toast": {"text": "…", "undo": "/…"}}`.
document.addEventListener("toast", (event) => toast(event.detail.text ?? event.detail.value, event.detail));
document.addEventListener("htmx:sendError", () => toast(word("noNetwork"), { kind: "error" }));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status !== 422) toast(word({ 403: "forbidden", 503: "away" }[status] ?? "failed"), { kind: "error" });
});
document.body.addEventListener("caunoi:undo", async (event) => {
  const answer = await fetch(event.detail.url, {
    method: "POST",
    headers: { "X-CSRFToken": document.documentElement.dataset.csrf ?? "" },
  }).catch(() => null);
  if (answer?.ok) location.reload();
  else toast(word("failed"), { kind: "error" });
});
