import { alarm } from "./danger.js";
import { icon, make, memory } from "./dom.js";
import { changed, fields as kinds, forgetAll, putBack } from "./fields.js";
import { all, forget, keep, one } from "./outbox.js";
import { send } from "./pwa.js";
import { toast } from "./toast.js";
import { word } from "./words.js";

// The page that works without a network: write a report, keep it on the device, see what waits and what has arrived.
const form = document.querySelector("[data-app-form]");
const list = document.querySelector("[data-app-list]");
const box = document.querySelector("[data-app-box]");
const said = form.querySelector("[data-app-said]");
const photos = form.querySelector("[data-photos-field]");
const told = form.querySelector("[data-app-place]");
const off = form.querySelector("[data-app-off]");
const { lat, long, text, consent, consent_version: version, phone, email } = form.elements;
const staff = "staff" in document.documentElement.dataset;
// What is chosen lies beside the reports that wait, for the words (draft.js) are kept elsewhere and hold no photos, no pin,
// and not which report is being changed.
const DRAFT = "draft";
const WEEK = 7 * 86_400_000;
let mending = null; // the report that is being changed, as it was before
let done = false; // nothing was written since the last one was kept
let last = ""; // its id
let resets = 0; // what was asked for the report before is not for the next
const own = (name) => form.dataset[name];

const fields = () => {
  const found = {};
  for (const [name, value] of new FormData(form)) if (typeof value === "string") found[name] = value;
  return found;
};

const say = (what, bad = false) => {
  said.replaceChildren(what);
  said.classList.toggle("field-error", bad);
};

const button = (label, name, act) => {
  const made = make("button", { class: "btn btn-sm", type: "button" });
  made.append(icon(name), label);
  made.addEventListener("click", act);
  return made;
};

const drop = async (row) => {
  const at = [...list.children].findIndex((item) => item.dataset.id === row.id);
  await forget(row.id);
  await draw();
  const next = list.children[at] ?? list.lastElementChild;
  (next?.querySelector("a, button") ?? document.querySelector("h1")).focus();
  const back = async () => {
    await keep(row);
    await draw();
    send();
  };
  toast(word("draftDiscarded"), { act: back, label: word("undo") });
};

const arrived = (row) => {
  const [first, rest] = word("arrived", { code: "#" }).split("#");
  const link = make("a", { class: "item-link", href: row.url }, first, make("span", { class: "code" }, row.code), rest);
  return make("span", {}, link, row.added ? ` ${own("added")}` : null);
};

const refusal = (row) => Object.values(row.errors ?? {}).join(" ") || own("refused");

const waits = ({ busy }) => (busy && navigator.onLine ? own("busy") : "");

const line = (row) => {
  const item = make("li", { class: "stack-tight", "data-state": row.state, "data-id": row.id });
  if (row.state === "sent") {
    item.append(arrived(row));
    if (row.leftOut) item.append(make("p", { class: "field-error" }, word("photosLeftOut", { count: row.leftOut })));
    item.append(button(word("forget"), "x", () => drop(row)));
    return item;
  }
  const { address, name, phone: number } = row.fields;
  item.append(make("p", { class: "prose clip" }, row.fields.text || address || name || number || word("photos")));
  const states = { wrong: refusal(row), mending: word("mending"), aside: own("aside"), waiting: waits(row) || word("waits") };
  item.append(make("p", { class: row.state === "wrong" ? "field-error" : "hint" }, states[row.state]));
  const acts = make("p", { class: "row" });
  acts.append(button(word("mend"), "pencil", () => mend(row.id)));
  if (row.id === mending?.id) acts.append(button(own("leave"), "undo-2", leave));
  else acts.append(button(word("deleteDraft"), "trash-2", () => drop(row)));
  item.append(acts);
  return item;
};

export const draw = async () => {
  const rows = (await all().catch(() => [])).filter((row) => row.id !== DRAFT);
  list.replaceChildren(...rows.reverse().map(line));
  box.hidden = !rows.length;
};

/** What became of the last one, where its writer looks: beside the button. */
const tell = async () => {
  const row = done && last ? await one(last) : null;
  if (!row || !done) return;
  if (row.state === "sent") say(arrived(row));
  else if (row.state === "wrong") {
    const change = button(word("mend"), "pencil", () => mend(row.id));
    say(make("span", { class: "row" }, refusal(row), change), true);
  } else say(waits(row) || word("keptHere"));
};

const choose = (chosen) => {
  const held = new DataTransfer();
  for (const { data, name } of chosen) held.items.add(new File([data], name, { type: data.type, lastModified: data.lastModified }));
  photos.files = held.files;
  photos.dispatchEvent(new Event("change"));
};

const chosen = () => [...photos.files].map((file) => ({ name: file.name, data: file }));

/** Why the device did not keep a report: it is full, or was told to keep nothing and never will. */
const unkept = ({ name }) => word(/Quota|Unknown|Abort/.test(name) ? "deviceFull" : "deviceKeepsNothing");

/** Keeps what draft.js does not. */
const jot = () => {
  const row = { id: DRAFT, at: Date.now(), state: DRAFT, photos: chosen(), mends: mending?.id };
  row.fields = { lat: lat.value, long: long.value };
  (!staff && (row.photos.length || lat.value || mending) ? keep(row) : forget(DRAFT)).catch(() => {});
};

const pin = (place, words = "") => {
  lat.value = place?.lat ?? "";
  long.value = place?.long ?? "";
  off.hidden = !lat.value;
  told.textContent = lat.value ? words : "";
};

const written = () => {
  if (done) say("");
  done = false;
};

const fill = (row) => {
  for (const field of kinds(form)) {
    const value = row.fields[field.name];
    if (field === consent) field.checked = "consent" in row.fields && row.fields.consent_version === version.value;
    else if (field.type === "radio") field.checked = field.value === value;
    else if (value !== undefined) field.value = value;
  }
  pin(row.fields);
  choose(row.photos);
};

/** A report as it was before somebody began to change it. */
const before = ({ was, ...row }) => ({ ...row, state: was ?? row.state });

/** The report that is being changed stays as it was. */
const giveBack = async () => {
  const row = mending;
  mending = null;
  if (row) await keep({ ...row, changed: crypto.randomUUID() });
};

const same = (row) => {
  const now = fields();
  const names = new Set([...Object.keys(now), ...Object.keys(row.fields)]);
  const files = (list) => list.map(({ name, data }) => `${name} ${data.size}`).join();
  names.delete("photos-chosen");
  return files(row.photos) === files(chosen()) && [...names].every((name) => /^consent/.test(name) || now[name] === row.fields[name]);
};

/** What is being written goes to the list, before another takes its place. */
const setAside = async () => {
  if (mending && same(mending)) return giveBack();
  const touched = lat.value || photos.files.length || kinds(form).some((field) => field !== consent && changed(field));
  if (done || !touched) return giveBack();
  const { id, at } = mending ?? { id: crypto.randomUUID(), at: Date.now() };
  await keep({ id, at, changed: crypto.randomUUID(), state: "aside", fields: fields(), photos: chosen() });
  mending = null;
};

const mend = async (id, held) => {
  await ready;
  const row = await one(id);
  if (!row || row.state === "sent") return draw();
  if (mending?.id !== id) {
    try {
      await setAside();
    } catch (error) {
      return say(unkept(error), true);
    }
    form.reset();
    const old = before(row);
    await keep({ ...old, state: "mending", was: old.state, changed: crypto.randomUUID() }); // not sent meanwhile
    mending = old;
    fill(held ?? row);
    written();
    text.dispatchEvent(new Event("input", { bubbles: true })); // for the draft
    jot();
  }
  text.focus(); // before the list is drawn, which takes a moment: by then somebody may write in another field
  form.scrollIntoView();
  await draw();
};

const leave = async () => {
  const { id } = mending;
  const held = { fields: fields(), photos: chosen() };
  form.reset();
  forgetAll("app");
  await draw();
  text.focus();
  toast(word("draftDiscarded"), { act: () => mend(id, held), label: word("undo") });
};

/** The first field that the hotline would refuse, and why. */
const lack = () => {
  if (!text.value.trim()) return [text, own("lacksText")];
  const number = phone.value.replace(/[^\p{L}\p{N}+]/gu, "");
  if (phone.value.trim() && !new RegExp(`^(?:${own("phone")})$`, "i").test(number)) return [phone, own("wrongPhone")];
  if (email.validity.typeMismatch || !/^$|@.*\../.test(email.value)) return [email, own("wrongEmail")];
  return consent.checked ? null : [consent, own("lacksConsent")];
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (done || alarm()) return;
  const wrong = lack();
  if (wrong) {
    say(wrong[1], true);
    wrong[0].focus();
    return;
  }
  done = true;
  await ready;
  const row = {
    id: mending?.id ?? crypto.randomUUID(),
    at: mending?.at ?? Date.now(),
    changed: crypto.randomUUID(),
    state: "waiting",
    fields: fields(),
    photos: chosen(),
  };
  try {
    await keep(row);
  } catch (error) {
    done = false;
    say(unkept(error), true);
    return;
  }
  navigator.storage?.persist?.();
  last = row.id;
  mending = null;
  form.reset();
  forgetAll("app");
  forgetAll("report");
  say(word("keptHere"));
  await draw();
  await send();
});

form.addEventListener("reset", () => {
  resets += 1;
  pin(null); // what is hidden stays else
  const changing = mending;
  giveBack()
    .then(jot)
    .then(draw)
    .then(() => changing && send());
});

form.querySelector("[data-app-here]")?.addEventListener("click", () => {
  told.textContent = word(navigator.geolocation ? "locating" : "notLocated");
  const asked = resets;
  navigator.geolocation?.getCurrentPosition(
    ({ coords }) => {
      if (asked !== resets) return;
      const place = { lat: coords.latitude.toFixed(6), long: coords.longitude.toFixed(6) };
      pin(place, word("located", { metres: Math.round(coords.accuracy) }));
      jot();
    },
    () => {
      if (asked === resets) told.textContent = word("notLocated");
    },
    { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 },
  );
});
off.addEventListener("click", () => {
  pin(null);
  told.textContent = own("unpinned");
  jot();
  form.querySelector("[data-app-here]").focus();
});

// What was begun on the usual form and could not go on without a network.
const fresh = (kept) => kept && Date.now() - kept.at < WEEK;
const begun = ["report", "report-where", "report-you"]
  .map((name) => !staff && JSON.parse(memory.get(`draft:${name}`) ?? "null"))
  .map((draft) => fresh(draft) && draft);
if (begun[0]?.values?.text && !text.value) {
  for (const step of begun) if (step) putBack(form, { ...step.values, consent: [] });
  say(own("carried"));
}

form.addEventListener("input", written);
form.addEventListener("caunoi:photos", jot);

/** What the page held when it was left, and which report it was changing; any other that was being changed waits again. */
const resume = async () => {
  const row = staff ? null : await one(DRAFT);
  const stays = fresh(row);
  for (const each of await all()) {
    if (each.state !== "mending") continue;
    if (stays && row.mends === each.id) mending = before(each);
    else await keep({ ...before(each), changed: crypto.randomUUID() });
  }
  if (!stays) return;
  if (!lat.value && row.fields.lat) pin(row.fields);
  if (!photos.files.length && row.photos.length) choose(row.photos);
};
const ready = resume()
  .catch(() => {})
  .then(draw);
document.addEventListener("caunoi:outbox", () => draw().then(tell));
