import { each, memory } from "./dom.js";
import { changed, fields, forgetAll, putBack, tidy, values } from "./fields.js";
import { toast } from "./toast.js";
import { language, word } from "./words.js";

// Citizens' pages: what is typed into <form data-draft="report"> is kept on this device for a week and put back;
// with data-draft-of only what was typed into the same one (a report's address, words that an address brought).
// [data-draft-status] says so, [data-draft-discard] forgets it, <i data-draft-clear="report"> on the next page ends it.
// Whoever is signed in as staff neither sees nor leaves any; their own forms keep theirs on the server (drafts.js).
const WEEK = 7 * 86_400_000;
const staff = "staff" in document.documentElement.dataset;

tidy();
each("[data-draft-clear]", ({ dataset }) => {
  forgetAll(dataset.draftClear);
  const { href, search } = location;
  if (/[?&]done=/.test(search)) history.replaceState(history.state, "", href.replace(search, "")); // said once
});
each("form[data-draft]", (form) => {
  if (staff) return;
  const { draft, draftOf: of } = form.dataset;
  const place = `draft:${draft}`;
  const status = form.querySelector("[data-draft-status]");
  const discard = form.querySelector("[data-draft-discard]");
  const say = (text) => status && (status.textContent = text);
  let timer;

  const stored = JSON.parse(memory.get(place) ?? "null");
  const fresh = stored && Date.now() - stored.at < WEEK;
  if (!fresh) memory.set(place, null);
  const back = fresh && (of === undefined || stored.of === of) ? stored.values : {};
  // a browser that was quicker after a reload has put them back itself
  if (putBack(form, back) || fields(form).some((field) => field.name in back && changed(field))) {
    say(word("draftRestored"));
    if (discard) discard.hidden = false;
  }
  const kept = new Set(Object.keys(back));

  const keep = () => {
    clearTimeout(timer);
    timer = undefined;
    const found = values(form, (field) => changed(field) || kept.has(field.name) || field.value);
    if (!memory.set(place, JSON.stringify({ at: Date.now(), of, values: found }))) return;
    const time = new Date().toLocaleTimeString(language(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    say(word("draftSaved", { time }));
  };

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 400);
  };
  form.addEventListener("input", soon);
  form.addEventListener("caunoi:place", soon); // a pin on the map
  addEventListener("pagehide", () => timer && keep());
  discard?.addEventListener("click", () => {
    clearTimeout(timer);
    timer = undefined;
    const found = values(form, () => true);
    memory.set(place, null);
    form.reset();
    discard.hidden = true;
    say("");
    const undo = () => {
      putBack(form, found);
      keep();
    };
    toast(word("draftDiscarded"), { act: undo, label: word("undo") });
    form.querySelector("textarea, input:not([type=hidden])")?.focus();
  });
  form.addEventListener("submit", keep); // the page that answers ends it
});
