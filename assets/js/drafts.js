import { each, make, signInAgain } from "./dom.js";
import { changed, fields, filled, putBack, tidy, values } from "./fields.js";
import { word } from "./words.js";

// A form of the staff with <input name="draft" data-form="ticket-12/answer" data-kept="{…}"> (web/drafts.py): what is typed
// is kept by the server every second and put back with the next page, here or in another browser of the same person.
// Nothing of it stays on the machine.
const ADDRESS = "/drafts";
const PAUSE = 1_000;
const AGAIN = 4_000; // after a save that did not get through
const ANSWER = 1_000; // within which another window says that it has a form open
const ALIVE = 60_000; // bytes that a browser sends while a page goes away
const open = new Set();

/** This window, as the server tells windows of one person apart; says nothing about anybody. */
const here = () => {
  try {
    return (sessionStorage.window ??= crypto.getRandomValues(new Uint32Array(2)).join("-").slice(0, 20));
  } catch {
    return "";
  }
};

const windows = new BroadcastChannel("caunoi-drafts");
windows.addEventListener("message", ({ data }) => {
  const asked = data.window === here() && [...open].some((draft) => draft.name === data.ask && !draft.sent);
  if (asked) windows.postMessage({ open: data.ask, window: here() });
});
/** Whether a form is open in that window of this browser. */
const openIn = (window, name) =>
  new Promise((resolve) => {
    const done = (answer) => {
      clearTimeout(timer);
      windows.removeEventListener("message", heard);
      resolve(answer);
    };
    const heard = ({ data }) => data.open === name && data.window === window && done(true);
    const timer = setTimeout(done, ANSWER, false);
    windows.addEventListener("message", heard);
    windows.postMessage({ ask: name, window });
  });

class Draft {
  constructor(mark) {
    this.mark = mark;
    this.form = mark.form;
    this.name = mark.dataset.form;
    this.status = this.form.querySelector("[data-draft-status]");
    this.kept = JSON.parse(mark.dataset.kept ?? "{}");
    this.saved = JSON.stringify(this.kept);
    this.names = new Set(Object.keys(this.kept)); // these stay in the draft also where the page now comes with them
    this.line = Promise.resolve();
    if (this.names.size) this.meet();
    this.form.addEventListener("input", () => this.soon());
    this.form.addEventListener("change", () => this.soon());
    this.form.addEventListener("focusout", () => this.save());
    this.form.addEventListener("submit", () => this.send());
    this.button = this.form.querySelector("[data-draft-discard]");
    this.button?.addEventListener("click", () => this.discard());
    this.offer();
  }

  /** What another window has open is not put back here too: two callers' words would become one. */
  async meet() {
    const { window: writer = "" } = this.mark.dataset;
    this.waits = true; // what is not put back yet has not been taken away
    this.apart = !!writer && writer !== here() && (await openIn(writer, this.name));
    this.waits = false;
    if (!this.apart) return this.restore();
    this.names.clear();
    this.saved = "{}";
    this.say("draftElsewhere");
  }

  restore() {
    this.restoring = true;
    const count = putBack(this.form, this.kept);
    this.restoring = false;
    for (let fold = this.form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    if (count) this.say("draftRestored");
    if (this.dirty) this.soon();
  }

  /** What somebody typed or chose; what is only proposed (offers.js) is proposed anew. */
  read() {
    return values(this.form, (field) =>
      this.group(field).some((one) => !("offered" in one.dataset) && (changed(one) || (this.names.has(one.name) && filled(one)))),
    );
  }

  offer() {
    if (this.button) this.button.hidden = !Object.keys(this.read()).length;
  }

  /** The ticks of one name are one answer. */
  group(field) {
    return /checkbox|radio/.test(field.type) ? fields(this.form).filter((other) => other.name === field.name) : [field];
  }

  get dirty() {
    return !this.sent && !this.waits && JSON.stringify(this.read()) !== this.saved;
  }

  soon(pause = PAUSE) {
    this.offer();
    if (!this.restoring && !this.sent) this.timer ??= setTimeout(() => this.save(), pause);
  }

  /** Saves what is not saved yet, after what is on its way; `leaving`: the page goes, and waits for nothing. */
  save(leaving = false) {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (leaving) return this.post(true);
    this.line = this.line.then(() => this.post());
    return this.line;
  }

  async post(leaving = false) {
    if (!this.dirty) return;
    const found = this.read();
    const text = JSON.stringify(found);
    const body = JSON.stringify({ draft: this.mark.value, fields: found, window: here(), apart: !!this.apart });
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(ADDRESS, { method: "POST", headers, body, keepalive: leaving && new Blob([body]).size < ALIVE }).catch(() => null);
    if (answer?.ok) {
      const { at } = await answer.json();
      this.saved = text;
      if (!this.dirty) this.say(text === "{}" ? "draftForgotten" : "draftKept", { time: at });
      return;
    }
    const why = { 400: "draftRefused", 409: "draftElsewhere", 410: "draftTooOld", 413: "draftTooLong" }[answer?.status];
    this.say(why ?? "draftNotKept");
    if (!why || answer.status === 409) this.soon(AGAIN);
  }

  send() {
    this.sent = true;
    this.form.dataset.sent = ""; // a newer part of the page that comes before the answer does not get these words
    clearTimeout(this.timer);
    const token = document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/)?.[1]; // signed in again in another window
    const field = this.form.querySelector("[name=csrfmiddlewaretoken]");
    if (token && field) field.value = token;
    const told = { window: here(), ...(this.apart && { apart: 1 }) };
    for (const [name, value] of Object.entries(told)) {
      if (!this.form.elements[name]) this.form.append(make("input", { type: "hidden", name, value }));
    }
  }

  discard() {
    this.names.clear();
    this.form.reset();
    this.offer();
    this.save();
    this.form.querySelector("[autofocus]")?.focus();
  }

  say(name, values) {
    if (this.status) this.status.textContent = word(name, values);
  }
}

tidy();
each("input[name=draft][data-form]", (mark) => {
  if (mark.form && fields(mark.form).length) open.add(new Draft(mark));
});

const leave = () => {
  for (const draft of open) draft.save(true);
};
addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());
addEventListener("online", () => [...open].forEach((draft) => draft.save()));
addEventListener("pageshow", (event) => event.persisted && location.reload()); // what was sent is not offered again

// Before a part of the page is exchanged for a newer one, what is typed in it is kept, so that the newer one knows it. What
// is typed meanwhile, into a form that the newer one no longer has, is kept too, and the page asks once more.
document.addEventListener("htmx:confirm", (event) => {
  const { target, issueRequest } = event.detail;
  const dirty = [...open].filter((draft) => target?.contains(draft.form) && draft.dirty);
  if (!dirty.length) return;
  event.preventDefault();
  Promise.all(dirty.map((draft) => draft.save())).finally(() => issueRequest(true));
});
document.addEventListener("htmx:afterSettle", () => {
  const gone = [...open].filter((draft) => !draft.form.isConnected);
  const there = new Set([...open].filter((draft) => draft.form.isConnected).map((draft) => draft.name));
  for (const draft of gone) {
    clearTimeout(draft.timer);
    open.delete(draft);
    if (draft.dirty && !there.has(draft.name)) {
      draft.save().then(() => document.body.dispatchEvent(new CustomEvent("live:resume")));
    }
  }
});

// Who signs out in one window leaves them all. They hear of it when it is done: before, /login would send them back.
const leaving = new BroadcastChannel("caunoi");
leaving.addEventListener("message", () => location.replace(signInAgain()));
document.addEventListener("submit", (event) => {
  if (event.target.action.endsWith("/logout")) addEventListener("pagehide", () => leaving.postMessage("signed out"));
});
