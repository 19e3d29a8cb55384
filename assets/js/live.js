import htmx from "htmx.org";

import { isPassive, signInAgain } from "./dom.js";
import { changed } from "./fields.js";

// <body data-live="/live" data-live-kinds="ticket call …">: each event becomes `live:<kind>` on the body, so that a
// fragment asks again by hx-trigger="live:ticket from:body". Without an id in the event all such fragments ask.
const { live: address, liveKinds = "" } = document.body.dataset;
const LONGEST = 60_000;
let source;
let wait = 1_000;
let leaving = false;

const asking = new Map();

const follows = (part, kind) => part?.getAttribute("hx-trigger")?.includes(`live:${kind} `);
const tell = (kind, detail) => {
  if (leaving) return;
  for (const one of asking.values()) one.missed ||= follows(one.part, kind);
  document.body.dispatchEvent(new CustomEvent(`live:${kind}`, { detail }));
};

// Of a burst the first is told at once and the last when it is over, so that what came last is shown too. How long a
// burst is gathered follows what asking again costs: many open screens leave a busy server its time.
const SETTLED = 100; // ms after which htmx has seen what it swapped in
const bursts = new Map();
let cost = 0;

const over = (kind) => {
  if (asking.size) return setTimeout(over, 50, kind);
  const last = bursts.get(kind);
  bursts.delete(kind);
  if (last) gather(kind, last.detail);
};
const gather = (kind, detail) => {
  if (bursts.has(kind)) {
    bursts.set(kind, { detail });
    return;
  }
  bursts.set(kind, undefined);
  setTimeout(over, Math.min(Math.max(4 * cost, 100), 3_000), kind);
  tell(kind, detail);
};
// What is told to a part while it asks, htmx keeps on the element that the answer removes: its heir asks in its place.
const settled = (xhr, { part, missed }) => {
  asking.delete(xhr);
  const heir = missed && !part.isConnected && document.getElementById(part.id);
  if (heir) htmx.ajax("GET", heir.getAttribute("hx-get"), { source: heir, event: new CustomEvent("live:resume") });
};
document.addEventListener("htmx:beforeRequest", ({ detail: { elt: part, requestConfig, xhr } }) => {
  if (requestConfig?.triggeringEvent?.type.startsWith("live:")) asking.set(xhr, { part, begun: performance.now() });
});
document.addEventListener("htmx:afterRequest", ({ detail: { xhr } }) => {
  const one = asking.get(xhr);
  if (!one) return;
  cost = performance.now() - one.begun;
  setTimeout(settled, SETTLED, xhr, one);
});

const read = (event) => {
  let detail = event.data;
  try {
    detail = JSON.parse(event.data);
  } catch {
    // plain text stays text
  }
  const kind = event.type === "message" ? (detail?.kind ?? "message") : event.type;
  gather(kind, detail);
  if (detail?.id) gather(`${kind}-${detail.id}`, detail); // for fragments that show one row only
};

const connect = () => {
  const from = new URL(address, location.href);
  from.searchParams.set("age", Math.ceil(performance.now())); // what happened since the page was asked for
  source = new EventSource(from, { withCredentials: true });
  source.addEventListener("open", () => {
    if (wait > 1_000) tell("resume");
    wait = 1_000;
    document.body.dataset.liveState = "open";
  });
  for (const kind of ["message", ...liveKinds.split(/\s+/).filter(Boolean)]) source.addEventListener(kind, read);
  source.addEventListener("signed-out", () => {
    source.close();
    location.replace(signInAgain());
  });
  source.addEventListener("error", () => {
    document.body.dataset.liveState = "waiting";
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(connect, wait + Math.random() * wait);
    wait = Math.min(wait * 2, LONGEST);
  });
};

if (address) {
  connect();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && connect());
  // Signing out ends one's presence, which would have this page ask for what is no longer its own.
  document.addEventListener("submit", ({ target }) => {
    if (!target.getAttribute("action")?.endsWith("/logout")) return;
    leaving = true;
    source.close();
  });
}

// What others do must not take words from under someone's hands: typed text, chosen files, the cursor and scroll places
// survive every swap of a fragment.
const FIELDS = "textarea[name], input[name]:not([type=hidden], [type=file]), select[name]";
const TICKS = /checkbox|radio/;
const name = ({ form, name, type, value }) => [form?.id || form?.action, name, TICKS.test(type) && value].join("|");
/** Fields by their names; of two that share one nobody knows whose the words are, so that they get none. */
const named = (fields) => {
  const found = new Map();
  for (const field of fields) found.set(name(field), found.has(name(field)) ? null : field);
  return found;
};

// The files of a field can only be kept by keeping the field, with the previews around it.
const files = (root) =>
  [...root.querySelectorAll("input[type=file][name]")].map((field) => ({ field, around: field.closest("[data-photos]") ?? field }));
const typed = (field) => changed(field) && !field.form?.matches("[data-sent]");

let kept;
document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, target } = event.detail;
  if (event.detail.shouldSwap === false || !target || !requestConfig || !isPassive(requestConfig.triggeringEvent)) return;
  const active = document.activeElement === document.body ? null : document.activeElement;
  kept = {
    fields: [...named(document.querySelectorAll(FIELDS))].filter(([, field]) => field && typed(field)),
    files: files(document).filter(({ field }) => field.files.length),
    active: active && {
      field: active,
      id: active.id,
      name: active.matches(FIELDS) && name(active),
      href: active.getAttribute("href"),
      from: active.selectionStart,
      to: active.selectionEnd,
    },
    scrolls: [...document.querySelectorAll("[data-keep-scroll]")].map((e) => [e.id, e.scrollTop]),
    page: scrollY,
    open: [...document.querySelectorAll("details[id][open]")].map((e) => e.id),
  };
});
document.addEventListener("htmx:afterSwap", () => {
  if (!kept) return;
  const { fields, files: chosen, active, scrolls, page, open } = kept;
  kept = undefined;
  for (const { field, around } of chosen) {
    const fresh = files(document).find((one) => one.field.id === field.id && one.field.name === field.name);
    if (fresh && fresh.field !== field) fresh.around.replaceWith(around);
  }
  const fresh = named(document.querySelectorAll(FIELDS));
  for (const [key, old] of fields) {
    const field = fresh.get(key);
    if (!field || field === old) continue;
    if (TICKS.test(field.type)) field.checked = old.checked;
    else field.value = old.value;
  }
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  const again =
    active?.field.isConnected === false &&
    (active.name
      ? fresh.get(active.name)
      : (active.id && document.getElementById(active.id)) ||
        (active.href && document.querySelector(`main a[href="${CSS.escape(active.href)}"]`)));
  if (again) {
    again.focus({ preventScroll: true });
    if (active.from != null) again.setSelectionRange?.(active.from, active.to);
  }
  for (const [id, top] of scrolls) document.getElementById(id)?.scrollTo(0, top);
  scrollTo({ top: page, behavior: "instant" });
});
