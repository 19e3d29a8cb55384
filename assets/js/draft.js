import { each, memory } from "./dom.js";
import { language, word } from "./words.js";

// <form data-draft="report">: what is typed is kept on this device for a week and put back into empty fields.
// [data-draft-status] says so, [data-draft-discard] forgets it, <i data-draft-clear="report"> on the next page ends it.
const WEEK = 7 * 86_400_000;
const SKIP = /^(csrfmiddlewaretoken|password.*|otp|code)$/;
const key = (name) => `draft:${name}`;

const fields = (form) =>
  [...form.elements].filter(
    (field) => field.name && !SKIP.test(field.name) && !/^(file|password|submit|button|hidden)$/.test(field.type),
  );

const read = (form) => {
  const values = {};
  for (const field of fields(form)) {
    if (/checkbox|radio/.test(field.type)) {
      if (field.checked) (values[field.name] ??= []).push(field.value);
    } else if (field.value) {
      values[field.name] = field.value;
    }
  }
  return values;
};

const restore = (form, values) => {
  let restored = 0;
  const all = fields(form);
  const answered = new Set(all.filter((f) => /checkbox|radio/.test(f.type) && f.checked).map((f) => f.name));
  for (const field of all) {
    const value = values[field.name];
    if (value == null) continue;
    if (/checkbox|radio/.test(field.type)) {
      if (answered.has(field.name) || !value.includes(field.value)) continue;
      field.checked = true;
    } else if (!field.value || field.matches("select")) {
      field.value = value;
    } else {
      continue;
    }
    restored += 1;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  return restored;
};

each("form[data-draft]", (form) => {
  const place = key(form.dataset.draft);
  const status = form.querySelector("[data-draft-status]");
  const say = (text) => status && (status.textContent = text);
  let timer;

  const stored = JSON.parse(memory.get(place) ?? "null");
  if (stored && Date.now() - stored.at < WEEK) {
    if (restore(form, stored.values)) say(word("draftRestored"));
  } else {
    memory.set(place, null);
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!memory.set(place, JSON.stringify({ at: Date.now(), values: read(form) }))) return;
      const time = new Date().toLocaleTimeString(language(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
      say(word("draftSaved", { time }));
    }, 400);
  });
  form.querySelector("[data-draft-discard]")?.addEventListener("click", () => {
    clearTimeout(timer);
    memory.set(place, null);
    form.reset();
    say(word("draftDiscarded"));
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.detail.requestConfig.verb === "post") memory.set(place, null);
  });
});

each("[data-draft-clear]", (mark) => memory.set(key(mark.dataset.draftClear), null));
