import { alarm } from "./danger.js";
import { icon, make, memory } from "./dom.js";
import { forgetAll } from "./fields.js";
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
// What is chosen lies beside the reports that wait, for the words (draft.js) are kept elsewhere and hold no photos.
const DRAFT = "draft";
const WEEK = 7 * 86_400_000;
let mending = null;
let done = false; // nothing was written since the last one was kept

const fields = () => {
  const found = {};
  for (const [name, value] of new FormData(form)) if (typeof value === "string") found[name] = value;
  return found;
};

const say = (text, bad = false) => {
  said.textContent = text;
  said.classList.toggle("field-error", bad);
};

const button = (label, name, act) => {
  const made = make("button", { class: "btn btn-sm", type: "button" });
  made.append(icon(name), label);
  made.addEventListener("click", act);
  return made;
};

const drop = async (row) => {
  await forget(row.id);
  await draw();
  const back = async () => {
    await keep(row);
    await draw();
    send();
  };
  toast(word("draftDiscarded"), { act: back, label: word("undo") });
};

const line = (row) => {
  const item = make("li", { class: "stack-tight", "data-state": row.state });
  if (row.state === "sent") {
    const [before, after] = word("arrived", { code: "#" }).split("#");
    item.append(make("a", { class: "item-link", href: row.url }, before, make("span", { class: "code" }, row.code), after));
    if (row.leftOut) item.append(make("p", { class: "field-error" }, word("photosLeftOut", { count: row.leftOut })));
    item.append(button(word("forget"), "x", async () => (await forget(row.id), draw())));
    return item;
  }
  item.append(make("p", { class: "prose clip" }, row.fields.text));
  const why = Object.values(row.errors ?? {}).join(" ");
  item.append(make("p", { class: row.state === "wrong" ? "field-error" : "hint" }, row.state === "wrong" ? why : word("waits")));
  const acts = make("p", { class: "row" });
  acts.append(button(word("mend"), "pencil", () => mend(row.id)));
  acts.append(button(word("deleteDraft"), "trash-2", () => drop(row)));
  item.append(acts);
  return item;
};

export const draw = async () => {
  const rows = (await all()).filter((row) => row.id !== DRAFT);
  list.replaceChildren(...rows.reverse().map(line));
  box.hidden = !rows.length;
};

const choose = (chosen) => {
  const held = new DataTransfer();
  for (const { data, name } of chosen) held.items.add(new File([data], name, { type: data.type, lastModified: data.lastModified }));
  photos.files = held.files;
  photos.dispatchEvent(new Event("change"));
};

const chosen = () => [...photos.files].map((file) => ({ name: file.name, data: file }));

const written = () => {
  if (done) say("");
  done = false;
};

const mend = async (id) => {
  const row = await one(id);
  if (!row || row.state === "sent") return draw();
  await keep({ ...row, state: "wrong", errors: { "": word("mending") }, changed: crypto.randomUUID() }); // not sent meanwhile
  mending = row;
  written();
  for (const field of form.elements) {
    if (!field.name || field.type === "file") continue;
    if (field.type === "checkbox") field.checked = field.name in row.fields;
    else if (field.name in row.fields) field.value = row.fields[field.name];
  }
  choose(row.photos);
  form.elements.text.focus();
  form.scrollIntoView();
  return draw();
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (done || alarm()) return;
  if (!form.elements.text.value.trim()) {
    say(form.dataset.lacksText, true);
    form.elements.text.focus();
    return;
  }
  if (!form.elements.consent.checked) {
    say(form.dataset.lacksConsent, true);
    form.elements.consent.focus();
    return;
  }
  const row = {
    id: mending?.id ?? crypto.randomUUID(),
    at: mending?.at ?? Date.now(),
    changed: crypto.randomUUID(),
    state: "waiting",
    fields: fields(),
    photos: chosen(),
  };
  done = true;
  try {
    await keep(row);
  } catch {
    done = false;
    say(word("deviceFull"), true);
    return;
  }
  navigator.storage?.persist?.();
  mending = null;
  form.reset();
  forgetAll("app");
  forgetAll("report");
  say(word("keptHere"));
  await draw();
  await send();
});

form.querySelector("[data-app-here]")?.addEventListener("click", () => {
  const told = form.querySelector("[data-app-place]");
  told.textContent = word("locating");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      form.elements.lat.value = coords.latitude.toFixed(6);
      form.elements.long.value = coords.longitude.toFixed(6);
      told.textContent = word("located", { metres: Math.round(coords.accuracy) });
    },
    () => {
      told.textContent = word("notLocated");
    },
    { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 },
  );
});

// What was begun on the usual form and could not go on without a network.
const staff = "staff" in document.documentElement.dataset;
const begun = staff ? null : JSON.parse(memory.get("draft:report") ?? "null");
if (begun?.values?.text && !form.elements.text.value) form.elements.text.value = begun.values.text;
form.addEventListener("input", written);
form.addEventListener("caunoi:photos", () => {
  const held = chosen();
  const row = { id: DRAFT, at: Date.now(), state: DRAFT, fields: {}, photos: held };
  (held.length && !staff ? keep(row) : forget(DRAFT)).catch(() => {});
});
if (!staff) {
  one(DRAFT)
    .then((row) => row && Date.now() - row.at < WEEK && !photos.files.length && choose(row.photos))
    .catch(() => {});
}
document.addEventListener("caunoi:outbox", draw);
draw();
