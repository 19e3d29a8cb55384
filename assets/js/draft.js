import { each, memory } from "./dom.js";
import { changed, putBack, tidy, values } from "./fields.js";
import { language, word } from "./words.js";

// Citizens' pages: what is typed into <form data-draft="report"> is kept on this device for a week and put back.
// [data-draft-status] says so, [data-draft-discard] forgets it, <i data-draft-clear="report"> on the next page ends it.
// Whoever is signed in as staff neither sees nor leaves any; their own forms keep theirs on the server (drafts.js).
const WEEK = 7 * 86_400_000;
const key = (name) => `draft:${name}`;
const staff = "staff" in document.documentElement.dataset;

tidy();
each("form[data-draft]", (form) => {
  if (staff) return;
  const place = key(form.dataset.draft);
  const status = form.querySelector("[data-draft-status]");
  const say = (text) => status && (status.textContent = text);
  let timer;

  const stored = JSON.parse(memory.get(place) ?? "null");
  if (stored && Date.now() - stored.at < WEEK) {
    if (putBack(form, stored.values)) say(word("draftRestored"));
  } else {
    memory.set(place, null);
  }
  const kept = new Set(Object.keys(stored?.values ?? {}));

  const keep = () => {
    clearTimeout(timer);
    const found = values(form, (field) => changed(field) || kept.has(field.name) || field.value);
    if (!memory.set(place, JSON.stringify({ at: Date.now(), values: found }))) return;
    const time = new Date().toLocaleTimeString(language(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    say(word("draftSaved", { time }));
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 400);
  });
  form.querySelector("[data-draft-discard]")?.addEventListener("click", () => {
    clearTimeout(timer);
    memory.set(place, null);
    form.reset();
    say(word("draftDiscarded"));
  });
  form.addEventListener("submit", keep); // the page that answers ends it
});

each("[data-draft-clear]", (mark) => memory.set(key(mark.dataset.draftClear), null));
