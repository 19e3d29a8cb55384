import { IDBFactory, IDBObjectStore } from "fake-indexeddb";
import { beforeEach, describe, expect, test, vi } from "vitest";

import { $, $$, answers, fire, native, network, open, passes, submit, type, words } from "./page.js";

const DAY = 86_400_000;
const SAID = "[data-app-said]";
const BODY = `<h1 tabindex="-1">Write now</h1>
  <div data-offline hidden><span data-queued></span></div>
  <section data-app-box hidden><ul data-app-list></ul></section>
  <form data-app-form data-draft="app" data-lacks-text="Write what it is about." data-lacks-consent="We need your consent."
    data-phone="(0|\\+84)\\d{9}" data-wrong-phone="This is no phone number." data-wrong-email="This is no address."
    data-refused="The hotline could not take this." data-busy="The hotline accepts no more now." data-aside="Not finished."
    data-leave="Leave it as it was" data-added="Your changes have been added." data-unpinned="The pin is removed." data-carried="From the other page.">
    <input type="hidden" name="lat"><input type="hidden" name="long"><input type="hidden" name="consent_version" value="2">
    <textarea name="text" id="text"></textarea>
    <script type="application/json" id="danger-words">[["114", "chay nha|cháy nhà", ""], ["", "khong co gi", ""]]</script>
    <div data-danger hidden><a href="tel:114" data-call="114">114</a><button type="button" data-danger-on>Go on</button></div>
    <div data-photos><input type="file" multiple name="photos" data-photos-field><ul data-photos-list></ul>
      <input name="photos-chosen" hidden data-photos-count><p data-photos-status></p></div>
    <input name="address"><button type="button" data-app-here>Where I am</button>
    <button type="button" data-app-off hidden>Remove the pin</button><span data-app-place></span>
    <input type="radio" name="kind" value="complaint" checked><input type="radio" name="kind" value="praise">
    <input name="name"><input name="phone"><input name="email" type="email">
    <input type="checkbox" name="consent" value="on">
    <span data-draft-status></span><button type="button" data-draft-discard hidden>Delete it</button>
    <p data-app-said role="status"></p><button id="send">Save and send</button>
  </form>`;

/** What one browser holds: its database, its local storage, and its locks. */
const browser = () => ({ database: new IDBFactory(), queue: Promise.resolve() });
let ours;
let box;
/** Long enough for the database to do what was asked of it. */
const done = async () => {
  for (let turn = 0; turn < 120; turn += 1) await new Promise((next) => setImmediate(next));
};
/** Opens the page, in the browser as the page before left it. */
const page = async ({ device = {}, html = "", before = () => {}, online = false } = {}) => {
  const left = ours.opened ? { ...localStorage } : {};
  ours.opened = true;
  box = await open(BODY, ["outbox", "photos", "draft", "danger", "pwa", "app"], {
    url: "https://1022.example.vn/app",
    html,
    before: async () => {
      const own = FormData; // a page's, which reads its forms
      const Both = function (read) {
        return read ? new own(read) : new native.FormData();
      };
      for (const [name, value] of Object.entries({ indexedDB: ours.database, ...native, FormData: Both, isSecureContext: true })) vi.stubGlobal(name, value);
      const request = (_, act) => (ours.queue = ours.queue.then(act, act));
      for (const [name, value] of Object.entries({ locks: { request }, storage: { persist: vi.fn() }, ...device })) Object.defineProperty(navigator, name, { value });
      for (const [key, value] of Object.entries(left)) localStorage.setItem(key, value);
      vi.spyOn(navigator, "onLine", "get").mockReturnValue(online);
      await before();
    },
  });
  box.start($("[data-danger]"));
  await done();
};
/** What lies on the device, without the draft. */
const rows = async () => (await box.all()).filter(({ id }) => id !== "draft");
const lines = () => $$("[data-app-list] li").map((item) => item.textContent.replace(/\s+/g, " ").trim());
const button = (label, within = document) => [...within.querySelectorAll("button")].find(({ textContent }) => textContent === label);
const press = async (label) => {
  button(label).click();
  await done();
};
const write = (text, more = {}) => {
  type("[name=text]", text);
  for (const [name, value] of Object.entries(more)) type(`[name=${name}]`, value);
  $("[name=consent]").checked = true;
};
const send = async () => {
  submit("[data-app-form]", $("#send"));
  await done();
};
const photo = (name) => {
  const bytes = new Uint8Array(12);
  bytes.set([0xff, 0xd8, 0xff, 0xda, 0, 8]);
  return new native.File([bytes], name, { type: "image/jpeg" });
};
const choose = async (...files) => {
  $("[data-photos-field]").files = files;
  fire($("[data-photos-field]"), "change");
  await done();
};
const back = async (status, body) => {
  fetch.mockClear();
  answers(status, body);
  network(true);
  await done();
};
const row = (more = {}) => ({ id: "r1", at: 1, changed: "a", state: "waiting", fields: { text: "Đèn hỏng" }, photos: [], ...more });
const sent = () => fetch.mock.calls.filter(([address]) => address === "/app/send").map(([, { body }]) => body);

beforeEach(() => {
  ours = browser();
});

describe("a report that is written without a network", () => {
  test("is on the device, whole, and the form is empty for the next one", async () => {
    await page();
    write("Đèn hỏng", { phone: "0912 345 678" });
    await choose(photo("den.jpg"));
    await send();
    const [kept] = await rows();
    expect(kept).toMatchObject({ state: "waiting", fields: { text: "Đèn hỏng", phone: "0912 345 678", consent: "on", consent_version: "2" } });
    expect(kept.photos.map(({ name, data }) => [name, data.size])).toEqual([["den.jpg", 12]]);
    expect(words(SAID)).toBe("Kept on this device. It is sent as soon as there is a network.");
    expect($("[name=text]").value).toBe("");
    expect($("[data-photos-field]").files).toHaveLength(0);
    expect(lines()).toEqual(["Đèn hỏngWaiting for the network.ChangeDelete"]);
    expect($("[data-app-box]").hidden).toBe(false);
    expect(navigator.storage.persist).toHaveBeenCalled(); // so that a full disk takes other things first
  });

  test("is there after the page was closed, and is not taken for a draft", async () => {
    await page();
    write("Đèn hỏng");
    await send();
    await page();
    expect($("[name=text]").value).toBe("");
    expect(lines()).toHaveLength(1);
  });

  test("is sent once when the network is back, and its writer is led to the ticket", async () => {
    await page();
    write("Đèn hỏng");
    await send();
    await back(200, { code: "26-000123-4", url: "/f/abc" });
    window.dispatchEvent(new Event("online"));
    await done();
    expect(sent()).toHaveLength(1);
    expect(words(SAID)).toBe("Sent. Your ticket is 26-000123-4: follow it here.");
    expect($(`${SAID} a`).getAttribute("href")).toBe("/f/abc");
    expect(await rows()).toMatchObject([{ state: "sent", fields: {}, photos: [] }]);
    expect(lines()[0]).toMatch(/^Sent\. Your ticket is 26-000123-4: follow it here\./);
  });

  test("is kept once however often the button is pressed", async () => {
    await page();
    write("Đèn hỏng");
    submit("[data-app-form]", $("#send"));
    await send();
    await send();
    expect(await rows()).toHaveLength(1);
  });

  test("asks for the next one when something is written again", async () => {
    await page();
    write("Đèn hỏng");
    await send();
    write("Ngập nước");
    expect(words(SAID)).toBe("");
    await send();
    expect((await rows()).map(({ fields }) => fields.text).sort()).toEqual(["Ngập nước", "Đèn hỏng"].sort());
  });

  test("counts in the line that says that there is no network", async () => {
    await page();
    write("Đèn hỏng");
    await send();
    expect(words("[data-queued]")).toBe("1 waiting to be sent.");
    await back(200, { code: "1" });
    expect(words("[data-queued]")).toBe("");
  });
});

describe("a report that another window of this browser keeps", () => {
  test("is listed, and is sent by this one when the network is back", async () => {
    await page();
    await box.keep(row());
    await back(200, { code: "1", url: "/f/1" });
    expect(sent()).toHaveLength(1);
    expect(lines()).toHaveLength(1);
    expect(words(SAID)).toBe(""); // its writer sits elsewhere
  });

  test("is sent by one of the two", async () => {
    await page();
    await box.keep(row());
    answers(200, { code: "1" });
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(true);
    await Promise.all([box.send(), box.send()]);
    expect(sent()).toHaveLength(1);
  });
});

describe("a device", () => {
  test("that is full says so, keeps the words in the form, and takes the report when there is room", async () => {
    await page();
    write("Đèn hỏng");
    await choose(photo("den.jpg"));
    const put = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    await send();
    expect(words(SAID)).toBe("This device does not have enough space. Remove some photos and try again.");
    expect($(SAID).className).toBe("field-error");
    expect($("[name=text]").value).toBe("Đèn hỏng");
    expect($("[data-photos-field]").files).toHaveLength(1);
    put.mockRestore();
    await send();
    expect(await rows()).toHaveLength(1);
    expect($(SAID).className).toBe("");
  });

  test("that keeps nothing (a private window) says so, and the words stay in the form", async () => {
    ours.database = { open: () => { throw new DOMException("refused", "SecurityError"); } };
    await page();
    write("Đèn hỏng");
    await send();
    expect(words(SAID)).toBe("This browser cannot keep a report to send later, perhaps because its window is private. Please use the usual form when you are online.");
    expect($(SAID).className).toBe("field-error");
    expect($("[name=text]").value).toBe("Đèn hỏng");
    ours.database.open = () => { throw new DOMException("full", "QuotaExceededError"); };
    await send(); // answers again, and not only the first time
    expect(words(SAID)).toMatch(/^This device does not have enough space\./);
  });
});

describe("a hotline that answers", () => {
  const sending = async (status, body = {}, more = {}) => {
    await page();
    write("Đèn hỏng", more);
    await send();
    await back(status, body);
  };

  test("that it cannot take the report says why beside the button and in the list", async () => {
    await sending(422, { errors: { phone: "This is no phone number." } });
    expect(words(SAID)).toBe("This is no phone number.Change");
    expect($(SAID).className).toBe("field-error");
    expect(words("[data-app-list] .field-error")).toBe("This is no phone number.");
    expect(sent()).toHaveLength(1);
    window.dispatchEvent(new Event("online"));
    await done();
    expect(sent()).toHaveLength(1); // it would only be refused again
  });

  test("without a reason says what may be wrong", async () => {
    await sending(413);
    expect(words("[data-app-list] .field-error")).toBe("The hotline could not take this.");
  });

  test("gets the changed report under the same id", async () => {
    await sending(422, { errors: { text: "Too short." } });
    const [{ id }] = await rows();
    button("Change", $(SAID)).click();
    await done();
    expect($("[name=text]").value).toBe("Đèn hỏng");
    expect(document.activeElement).toBe($("[name=text]"));
    write("Đèn hỏng ở số 5");
    answers(200, { code: "1", url: "/f/1", added: true });
    await send();
    expect(sent().map((body) => [body.get("id"), body.get("text")])).toEqual([[id, "Đèn hỏng"], [id, "Đèn hỏng ở số 5"]]);
    expect(lines()[0]).toMatch(/Your changes have been added\./);
  });

  test.each([429, 500, 503])("%i is busy: the report waits, and it is not the network's fault", async (status) => {
    await sending(status);
    expect(words(SAID)).toBe("The hotline accepts no more now.");
    expect(words("[data-app-list] .hint")).toBe("The hotline accepts no more now.");
    network(false);
    await box.draw();
    expect(words("[data-app-list] .hint")).toBe("Waiting for the network.");
  });

  test("that photos were left out is told to their owner", async () => {
    await sending(200, { code: "1", url: "/f/1", left_out: 2 });
    expect(words("[data-app-list] .field-error")).toBe("Photos that could not be read and were left out: 2.");
  });
});

describe("before it is kept", () => {
  test.each([
    ["without words", " ", {}, "[name=text]", "Write what it is about."],
    ["a wrong number", "Đèn hỏng", { phone: "12" }, "[name=phone]", "This is no phone number."],
    ["an address with a gap", "Đèn hỏng", { email: "lan @nha.vn" }, "[name=email]", "This is no address."],
    ["an address that no mail reaches", "Đèn hỏng", { email: "lan@nha" }, "[name=email]", "This is no address."],
  ])("%s is said at once, at its field", async (_, text, more, field, sentence) => {
    await page();
    write(text, more);
    await send();
    expect(words(SAID)).toBe(sentence);
    expect(document.activeElement).toBe($(field));
    expect(await rows()).toEqual([]);
  });

  test("consent is needed", async () => {
    await page();
    write("Đèn hỏng");
    $("[name=consent]").checked = false;
    await send();
    expect(words(SAID)).toBe("We need your consent.");
    expect(await rows()).toEqual([]);
  });

  test("a number as people write it is one", async () => {
    await page();
    write("Đèn hỏng", { phone: "+84 (912) 345-678", email: "lan@example.vn" });
    await send();
    expect(await rows()).toHaveLength(1);
  });

  test("whoever writes of a fire sees the call button first", async () => {
    await page();
    write("cháy nhà");
    await send();
    expect(await rows()).toEqual([]);
    expect(document.activeElement).toBe($("[data-call]"));
    $("[data-danger-on]").click();
    await send();
    expect(await rows()).toHaveLength(1);
  });
});

describe("whoever changes a report that waits", () => {
  const change = async (...kept) => {
    await page({ before: () => {} });
    for (const one of kept) await box.keep(one);
    await box.draw();
    button("Change", $("[data-app-list] [data-id=r1]")).click();
    await done();
  };
  const NAMED = { text: "Đèn hỏng", kind: "praise", lat: "11.5", long: "106.9", consent: "on", consent_version: "2" };
  const filed = row({ fields: { ...Object.fromEntries(["address", "name", "phone", "email"].map((name) => [name, ""])), ...NAMED }, photos: [{ name: "a.jpg", data: photo("a.jpg") }] });

  test("finds it in the form as it was, and it is not sent meanwhile", async () => {
    await change(filed);
    expect([$("[name=text]").value, $("[name=lat]").value, $("[name=kind]:checked").value, $("[name=consent]").checked]).toEqual(["Đèn hỏng", "11.5", "praise", true]);
    expect($("[data-photos-field]").files.map(({ name }) => name)).toEqual(["a.jpg"]);
    await back(200, { code: "1" });
    expect(sent()).toEqual([]);
    expect(words("[data-app-list] .hint")).toMatch(/^You are changing this/);
  });

  test("consents anew to words that were changed since", async () => {
    await change({ ...filed, fields: { ...filed.fields, consent_version: "1" } });
    expect($("[name=consent]").checked).toBe(false);
    expect($("[name=consent_version]").value).toBe("2");
  });

  test("leaves it as it was, and it is sent so; and can think better of that", async () => {
    await change(filed);
    type("[name=text]", "Đèn hỏng rồi");
    button("Leave it as it was").focus();
    await press("Leave it as it was");
    expect(await rows()).toMatchObject([{ state: "waiting", fields: { text: "Đèn hỏng" } }]);
    expect($("[name=text]").value).toBe("");
    expect(document.activeElement).toBe($("[name=text]")); // its button is gone
    await press("Undo");
    expect($("[name=text]").value).toBe("Đèn hỏng rồi");
    expect(await rows()).toMatchObject([{ state: "mending" }]);
  });

  test("sends it as it is now, in place of the old one", async () => {
    await change(filed);
    write("Đèn hỏng rồi");
    await send();
    expect(await rows()).toMatchObject([{ id: "r1", at: 1, state: "waiting", fields: { text: "Đèn hỏng rồi" } }]);
  });

  test("and closes the page goes on with it at the next visit", async () => {
    await change(filed);
    write("Đèn hỏng rồi");
    fire(window, "pagehide");
    await page();
    expect([$("[name=text]").value, $("[name=lat]").value]).toEqual(["Đèn hỏng rồi", "11.5"]);
    expect($("[data-photos-field]").files.map(({ name }) => name)).toEqual(["a.jpg"]);
    await send();
    expect(await rows()).toMatchObject([{ id: "r1", state: "waiting", fields: { text: "Đèn hỏng rồi" } }]);
  });

  test("and never comes back has it sent as it was", async () => {
    await change(filed);
    const [draft] = (await box.all()).filter(({ id }) => id === "draft");
    await box.keep({ ...draft, at: draft.at - 8 * DAY });
    await page();
    expect(await rows()).toMatchObject([{ id: "r1", state: "waiting", fields: { text: "Đèn hỏng" } }]);
    expect($("[name=lat]").value).toBe("");
  });

  test("does not lose another that is being written", async () => {
    await page();
    await box.keep(filed);
    await box.draw();
    write("Ngập nước");
    await press("Change");
    expect($("[name=text]").value).toBe("Đèn hỏng");
    const aside = (await rows()).find(({ state }) => state === "aside");
    expect(aside.fields.text).toBe("Ngập nước");
    expect(lines().some((line) => /^Ngập nướcNot finished\./.test(line))).toBe(true);
  });

  test("keeps no copy of one that was only looked at", async () => {
    await change(filed, { ...filed, id: "r2", at: 2, fields: { ...filed.fields, text: "Ngập nước" } });
    button("Change", $("[data-app-list] [data-id=r2]")).click();
    await done();
    expect($("[name=text]").value).toBe("Ngập nước");
    expect((await rows()).map(({ id, state }) => [id, state])).toEqual([["r1", "waiting"], ["r2", "mending"]]);
  });

  test("loses nothing when the device is full", async () => {
    await page();
    await box.keep(filed);
    await box.draw();
    write("Ngập nước");
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    await press("Change");
    expect($("[name=text]").value).toBe("Ngập nước");
    expect(words(SAID)).toMatch(/^This device does not have enough space\./);
  });

  test("that has arrived meanwhile finds that it has", async () => {
    await page();
    await box.keep(row());
    await box.draw();
    await box.keep(row({ state: "sent", code: "1", url: "/f/1", fields: {} }));
    await press("Change");
    expect($("[name=text]").value).toBe("");
    expect(lines()[0]).toMatch(/^Sent\./);
  });
});

describe("whoever deletes a report from the list", () => {
  test("finds the caret at the next one, and can take it back", async () => {
    await page();
    await box.keep(row());
    await box.keep(row({ id: "r2", at: 2, fields: { text: "Ngập nước" } }));
    await box.draw();
    expect(lines().map((line) => line.slice(0, 8))).toEqual(["Ngập nướ", "Đèn hỏng"]); // the newest first
    await press("Delete");
    expect((await rows()).map(({ id }) => id)).toEqual(["r1"]);
    expect($("[data-id=r1]").contains(document.activeElement)).toBe(true);
    expect(words("#toasts .toast span")).toBe("Deleted from this device.");
    await press("Undo");
    expect((await rows()).map(({ id, state }) => [id, state])).toEqual([["r1", "waiting"], ["r2", "waiting"]]);
  });

  test("of which it was the last finds the caret at the top of the page, and no empty list", async () => {
    await page();
    await box.keep(row({ state: "sent", code: "1", url: "/f/1" }));
    await box.draw();
    await press("Remove from this list");
    expect(await rows()).toEqual([]);
    expect($("[data-app-box]").hidden).toBe(true);
    expect(document.activeElement).toBe($("h1"));
  });
});

describe("the list says what a report without words is", () => {
  test.each([
    [{ address: "Số 5 Lê Lợi" }, "Số 5 Lê Lợi"],
    [{ name: "Lan" }, "Lan"],
    [{ phone: "0912345678" }, "0912345678"],
    [{}, "Photos"],
  ])("%j", async (fields, title) => {
    await page();
    await box.keep(row({ state: "aside", fields }));
    await box.draw();
    expect(words("[data-app-list] .prose")).toBe(title);
  });
});

describe("where it is", () => {
  let found;
  let failed;
  const geolocation = { getCurrentPosition: (yes, no) => ([found, failed] = [yes, no]) };
  const here = { coords: { latitude: 11.5234567, longitude: 106.9, accuracy: 12.4 } };

  test("is the device's own place, within so many metres, and stays with the draft", async () => {
    await page({ device: { geolocation } });
    $("[data-app-here]").click();
    expect(words("[data-app-place]")).toBe("Finding where you are…");
    found(here);
    await done();
    expect([$("[name=lat]").value, $("[name=long]").value]).toEqual(["11.523457", "106.900000"]);
    expect(words("[data-app-place]")).toBe("This is where you are, within about 12 m.");
    expect($("[data-app-off]").hidden).toBe(false);
    await page();
    expect($("[name=lat]").value).toBe("11.523457");
    expect($("[data-app-off]").hidden).toBe(false);
  });

  test("can be taken back", async () => {
    await page({ device: { geolocation } });
    $("[data-app-here]").click();
    found(here);
    $("[data-app-off]").click();
    await done();
    expect([$("[name=lat]").value, $("[name=long]").value]).toEqual(["", ""]);
    expect(words("[data-app-place]")).toBe("The pin is removed.");
    expect($("[data-app-off]").hidden).toBe(true);
    expect(document.activeElement).toBe($("[data-app-here]"));
    await page();
    expect($("[name=lat]").value).toBe("");
  });

  test("is asked for in words where the person or the device does not say it", async () => {
    await page({ device: { geolocation } });
    $("[data-app-here]").click();
    failed({ code: 1 });
    expect(words("[data-app-place]")).toMatch(/^We could not find where you are\./);
    expect($("[name=lat]").value).toBe("");
  });

  test("is not to be had of a browser that has no such thing", async () => {
    await page();
    $("[data-app-here]").click();
    expect(words("[data-app-place]")).toMatch(/^We could not find where you are\./);
  });

  test("does not go with the next report when it was found after the first was sent", async () => {
    await page({ device: { geolocation } });
    write("Đèn hỏng");
    $("[data-app-here]").click();
    await send();
    found(here);
    await done();
    expect($("[name=lat]").value).toBe("");
    write("Ngập nước");
    await send();
    expect((await rows()).map(({ fields }) => fields.lat)).toEqual(["", ""]);
  });
});

describe("what was begun on the usual form", () => {
  const begun = (at) => () => {
    localStorage.setItem("draft:report", JSON.stringify({ at, values: { text: "Đèn hỏng", consent: ["on"] } }));
    localStorage.setItem("draft:report-you", JSON.stringify({ at, values: { name: "Lan" } }));
  };

  test("is here too, but for the consent", async () => {
    await page({ before: () => begun(Date.now() - DAY)() });
    expect([$("[name=text]").value, $("[name=name]").value, $("[name=consent]").checked]).toEqual(["Đèn hỏng", "Lan", false]);
    expect(words(SAID)).toBe("From the other page.");
  });

  test("is done when it is kept here", async () => {
    await page({ before: () => begun(Date.now())() });
    $("[name=consent]").checked = true;
    await send();
    expect(Object.keys(localStorage)).toEqual([]);
  });

  test("does not take the place of what was begun here", async () => {
    await page({
      before: () => {
        begun(Date.now())();
        localStorage.setItem("draft:app", JSON.stringify({ at: Date.now(), values: { text: "Ngập nước" } }));
      },
    });
    expect($("[name=text]").value).toBe("Ngập nước");
    expect($("[name=name]").value).toBe("");
  });

  test("is kept for a week here too", async () => {
    await page({ before: () => begun(Date.now() - 8 * DAY)() });
    expect($("[name=text]").value).toBe("");
    expect(words(SAID)).toBe("");
  });

  test("is not shown to the staff, whose device it may be", async () => {
    await page({ html: "data-staff", before: () => begun(Date.now())() });
    expect($("[name=text]").value).toBe("");
  });
});

test("the photos of a report that is being written come back, for a week, and not to the staff", async () => {
  await page();
  await choose(photo("a.jpg"));
  await page();
  expect(lines()).toEqual([]); // what is being written is no report yet
  expect($("[data-app-box]").hidden).toBe(true);
  expect($("[data-photos-field]").files.map(({ name }) => name)).toEqual(["a.jpg"]);
  await page({ html: "data-staff" });
  expect($("[data-photos-field]").files).toHaveLength(0);
});

test("what waits is tried again every minute, for a network that only seems to be there tells nobody when it is", async () => {
  await page({ online: true });
  write("Đèn hỏng");
  await send();
  expect(sent()).toHaveLength(1);
  answers(200, { code: "1", url: "/f/1" });
  await passes(60_000);
  await done();
  expect(sent()).toHaveLength(2);
  expect(words(SAID)).toMatch(/^Sent\./);
  await passes(600_000);
  expect(sent()).toHaveLength(2);
});
