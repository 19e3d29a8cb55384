import { IDBFactory } from "fake-indexeddb";
import { expect, test, vi } from "vitest";

import { answers, native, open } from "./page.js";

const ID = "0b7c4e0e-0000-4000-8000-000000000001";
const report = (more = {}) => ({
  id: ID,
  at: 1,
  changed: "a",
  state: "waiting",
  fields: { text: "Đèn hỏng", phone: "0912345678" },
  photos: [{ name: "den.jpg", data: new native.Blob(["x"], { type: "image/jpeg" }) }],
  ...more,
});
const outbox = async () => {
  const locked = vi.fn((_, act) => act());
  const box = await open("", "outbox", {
    before: () => {
      for (const [name, value] of Object.entries({ indexedDB: new IDBFactory(), ...native })) vi.stubGlobal(name, value);
      Object.defineProperty(navigator, "locks", { value: { request: locked } });
    },
  });
  return { ...box, locked };
};

test("without a network a report waits, whole", async () => {
  const { keep, flush, one } = await outbox();
  await keep(report());
  expect(await flush()).toBe(false);
  expect(await one(ID)).toMatchObject({ state: "waiting", fields: report().fields });
});

test("a report is sent with its id, its words and its photos, by nobody in particular and by one window at a time", async () => {
  const { keep, flush, locked } = await outbox();
  answers(200, { code: "26-000123-4", url: "/f/abc" });
  await keep(report());
  expect(await flush()).toBe(true);
  const [[address, { body, method, credentials }]] = fetch.mock.calls;
  expect([address, method, credentials]).toEqual(["/app/send", "POST", "omit"]);
  expect([body.get("id"), body.get("text"), body.get("photos").name]).toEqual([ID, "Đèn hỏng", "den.jpg"]);
  expect(locked).toHaveBeenCalledWith("caunoi-outbox", expect.any(Function));
});

test("of what has arrived the device keeps the code and the way to it, not who wrote what", async () => {
  const { keep, flush, one } = await outbox();
  answers(200, { code: "26-000123-4", url: "/f/abc", left_out: 1, added: true });
  await keep(report());
  await flush();
  expect(await one(ID)).toEqual({
    id: ID,
    at: 1,
    state: "sent",
    fields: {},
    photos: [],
    code: "26-000123-4",
    url: "/f/abc",
    leftOut: 1,
    added: true,
  });
});

test.each([
  [422, { errors: { text: "Please write what it is about." } }, { text: "Please write what it is about." }],
  [413, {}, {}],
  [400, "not ours", {}], // it would be refused for ever
])("what the hotline refuses with %i is given back to its writer, and no longer waits", async (status, body, errors) => {
  const { keep, flush, one } = await outbox();
  answers(status, body);
  await keep(report());
  expect(await flush()).toBe(true);
  expect(await one(ID)).toMatchObject({ state: "wrong", errors, fields: report().fields });
});

test.each([429, 500, 503])("a hotline that answers %i is tried again later", async (status) => {
  const { keep, flush, one } = await outbox();
  answers(status);
  await keep(report());
  expect(await flush()).toBe(false);
  expect(await one(ID)).toMatchObject({ state: "waiting", busy: status });
});

test("a device that does not open what it keeps is not waited for", async () => {
  const { keep } = await outbox();
  await new Promise((done) => (indexedDB.open("caunoi", 2).onsuccess = done)); // by a newer version of the page
  await expect(keep(report())).rejects.toMatchObject({ name: "VersionError" });
});

test("the sign-in page of a hotel's network is not taken for an arrival", async () => {
  const { keep, flush, one } = await outbox();
  fetch.mockResolvedValue(new Response("<html>Welcome"));
  await keep(report());
  expect(await flush()).toBe(false);
  expect((await one(ID)).state).toBe("waiting");
});

test.each(["wrong", "mending", "aside", "sent", "draft"])("a report that is %s is not sent", async (state) => {
  const { keep, flush } = await outbox();
  await keep(report({ state }));
  expect(await flush()).toBe(true);
  expect(fetch).not.toHaveBeenCalled();
});

test("a report that its writer changed while it was on its way keeps the change, and what was taken back stays away", async () => {
  const { keep, flush, one, forget } = await outbox();
  fetch.mockImplementation(async () => {
    await keep(report({ changed: "b", state: "mending" }));
    return new Response('{"code": "26-000123-4"}');
  });
  await keep(report());
  await flush();
  expect(await one(ID)).toMatchObject({ changed: "b", state: "mending" });
  fetch.mockImplementation(async () => {
    await forget(ID);
    return new Response('{"code": "26-000123-4"}');
  });
  await keep(report());
  await flush();
  expect(await one(ID)).toBeUndefined();
});

test("one that fails does not keep the others back, and the oldest goes first", async () => {
  const { keep, flush, all } = await outbox();
  await keep(report({ id: "late", at: 2 }));
  await keep(report({ id: "early", at: 1 }));
  const order = [];
  fetch.mockImplementation(async (_, { body }) => {
    order.push(body.get("id"));
    return body.get("id") === "early" ? new Response("{}", { status: 500 }) : new Response('{"code": "1"}');
  });
  expect(await flush()).toBe(false);
  expect(order).toEqual(["early", "late"]);
  expect((await all()).map(({ state }) => state)).toEqual(["waiting", "sent"]);
});
