// Reports that wait on this device until there is a network. Used by the page and by the service worker; nothing here
// touches the document. A report's id is made once and goes with every attempt: the server makes one ticket of it,
// however often it comes.
const NAME = "caunoi";
const STORE = "reports";

const open = () =>
  new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });

const within = async (mode, act) => {
  const base = await open();
  try {
    return await new Promise((done, fail) => {
      const change = base.transaction(STORE, mode, { durability: "strict" });
      const asked = act(change.objectStore(STORE));
      change.oncomplete = () => done(asked?.result);
      change.onerror = change.onabort = () => fail(change.error);
    });
  } finally {
    base.close();
  }
};

/** {id, state: waiting | wrong | mending | aside | sent | draft, at, fields, photos: [{name, data: Blob}], errors, code, url,
    added: it had arrived before and was changed since, busy: the status with which the server put it off} */
export const keep = (report) => within("readwrite", (store) => store.put(report));
export const forget = (id) => within("readwrite", (store) => store.delete(id));
export const all = async () => (await within("readonly", (store) => store.getAll())).sort((a, b) => a.at - b.at);
export const one = (id) => within("readonly", (store) => store.get(id));

const body = (report) => {
  const form = new FormData();
  form.set("id", report.id);
  for (const [name, value] of Object.entries(report.fields)) form.set(name, value);
  for (const photo of report.photos) form.append("photos", photo.data, photo.name);
  return form;
};

/** Tries one; what it is now. A network that fails, a server that is down or busy: it goes on waiting. */
const attempt = async (report) => {
  let answer;
  try {
    answer = await fetch("/app/send", { method: "POST", body: body(report), credentials: "omit" });
  } catch {
    return report;
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok && told.code) {
    // Who it was and what it said is not kept on the device once it has arrived.
    return { id: report.id, at: report.at, state: "sent", fields: {}, photos: [], code: told.code, url: told.url, leftOut: told.left_out, added: told.added };
  }
  if ([400, 413, 422].includes(answer.status)) return { ...report, state: "wrong", errors: told.errors ?? {} };
  return { ...report, busy: answer.status };
};

/** Sends all that wait, one window at a time; true when nothing waits any more. */
export const flush = () =>
  navigator.locks.request("caunoi-outbox", async () => {
    let left = 0;
    for (const { id } of await all()) {
      const report = await one(id);
      if (report?.state !== "waiting") continue;
      const now = await attempt(report);
      // What was taken back or mended meanwhile is not overwritten.
      if ((await one(id))?.changed === report.changed) await keep(now);
      if (now.state === "waiting") left += 1;
    }
    return left === 0;
  });
