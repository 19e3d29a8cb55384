import { readFileSync } from "node:fs";

import { describe, expect, test, vi } from "vitest";

import { open } from "./page.js";

const ORIGIN = "https://1022.example.vn";
const KEPT = "kept page";
let worker;
let kept;
/** The worker of version 2, on a device that speaks this language and still holds version 1. */
const start = async ({ chosen, language = "vi-VN", sent = true } = {}) => {
  kept = new Map([["caunoi-1", new Map()], ["others", new Map()]]);
  const cache = (name) => ({
    addAll: async (requests) => requests.forEach(({ url }) => kept.get(name).set(new URL(url).pathname, "file")),
    put: async (address, page) => kept.get(name).set(address, page),
    match: async (address) => kept.get(name).get(address),
  });
  const flush = vi.fn(async () => sent);
  await open("", "sw", {
    url: `${ORIGIN}/sw.js`,
    before: () => {
      worker = Object.assign(new EventTarget(), {
        caunoi: { version: "2", files: ["/static/dist/a.js"] },
        registration: { showNotification: vi.fn() },
        clients: { claim: vi.fn(), openWindow: vi.fn() },
        skipWaiting: vi.fn(),
        cookieStore: { get: async () => chosen && { value: chosen } },
      });
      vi.stubGlobal("self", worker);
      vi.stubGlobal("Request", class {
        constructor(url, more) {
          Object.assign(this, { url: new URL(url, ORIGIN).href }, more);
        }
      });
      vi.stubGlobal("caches", {
        open: async (name) => {
          if (!kept.has(name)) kept.set(name, new Map());
          return cache(name);
        },
        keys: async () => [...kept.keys()],
        delete: async (name) => kept.delete(name),
      });
      vi.spyOn(navigator, "language", "get").mockReturnValue(language);
      vi.doMock("../../assets/js/outbox.js", () => ({ flush }));
    },
  });
  vi.doUnmock("../../assets/js/outbox.js");
  return flush;
};
/** What the worker does with an event; undefined where it leaves it to the browser. */
const happens = async (kind, more = {}) => {
  let doing;
  const event = Object.assign(new Event(kind), { waitUntil: (done) => (doing = done), respondWith: (done) => (doing = done), ...more });
  worker.dispatchEvent(event);
  return doing;
};
const asks = (path, more = {}) => happens("fetch", { request: { url: new URL(path, ORIGIN).href, method: "GET", mode: "navigate", ...more } });
const answered = async (path) => {
  fetch.mockResolvedValue("page");
  return (await asks(path)) !== undefined;
};
/** The first part of each address in a table of addresses. */
const firsts = (file) => [...readFileSync(`caunoi/${file}`, "utf8").matchAll(/path\(\s*"([^"<]*)/g)].map(([, path]) => `/${path}`);

describe("without a network", () => {
  test.each([
    [{ language: "vi-VN" }, "vi"],
    [{ language: "en-GB" }, "en"],
    [{ language: "fr" }, "vi"],
    [{ language: "en-GB", chosen: "vi" }, "vi"],
  ])("a citizen's page is the one to write on, in the language of its reader (%j)", async (how, language) => {
    await start(how);
    fetch.mockImplementation(async (address, { headers }) => `${KEPT} ${headers["Accept-Language"]}`);
    await happens("install");
    fetch.mockRejectedValue(new TypeError("no network"));
    expect(await asks("/report")).toBe(`${KEPT} ${language}`);
  });

  test("a device that holds no page yet shows the browser's own error", async () => {
    await start();
    fetch.mockRejectedValue(new TypeError("no network"));
    await expect(asks("/report")).rejects.toThrow("no network");
  });

  test("files of that page come from the device, also with a network", async () => {
    await start();
    fetch.mockResolvedValue("page");
    await happens("install");
    expect(await asks("/static/dist/a.js", { mode: "no-cors" })).toBe("file");
    expect(await asks("/static/dist/b.js", { mode: "no-cors" })).toBeUndefined();
    expect(await asks("/static/dist/a.js", { mode: "cors", method: "POST" })).toBeUndefined();
  });
});

describe("with a network", () => {
  test("every page is as the hotline has it now", async () => {
    await start();
    fetch.mockResolvedValue("fresh");
    expect(await asks("/register")).toBe("fresh");
  });

  test("a step back to what a form was answered asks for its page anew", async () => {
    await start();
    fetch.mockResolvedValue("fresh");
    await asks("/report", { cache: "only-if-cached" });
    expect({ ...fetch.mock.calls[0][0] }).toEqual({ url: `${ORIGIN}/report`, redirect: "manual" });
  });
});

describe("the worker looks at", () => {
  const FILES = /\.|-$|^\/app\/send$|^\/open-data/;
  const pages = firsts("web/citizen/urls.py").filter((path) => !FILES.test(path));
  const others = [...firsts("web/urls.py"), ...firsts("urls.py").filter((path) => path !== "/")];

  test("every page of citizens", async () => {
    await start();
    expect(pages).toContain("/tthc/");
    const left = [];
    for (const path of pages) if (!(await answered(path === "/" ? path : path.replace(/\/$/, "/x")))) left.push(path);
    expect(left).toEqual([]);
  });

  test("no page of the staff, nothing of machines, and no file", async () => {
    await start();
    expect(others).toEqual(expect.arrayContaining(["/login", "/notices/", "/desk/", "/quality/", "/files/"]));
    const seen = [];
    for (const path of [...others, "/live", "/hooks/x", "/cti/x", "/static/dist/a.js"]) if (await answered(path)) seen.push(path);
    expect(seen).toEqual([]);
  });

  test("no other site", async () => {
    await start();
    expect(await asks("https://elsewhere.example/report")).toBeUndefined();
  });
});

test("a new version takes the place of the old one, and of nothing else", async () => {
  await start();
  fetch.mockResolvedValue("page");
  await happens("install");
  await happens("activate");
  expect([...kept.keys()]).toEqual(["others", "caunoi-2"]);
  expect(worker.clients.claim).toHaveBeenCalled();
});

test("a new version waits until its reader wants it", async () => {
  await start();
  await happens("message", { data: "later" });
  expect(worker.skipWaiting).not.toHaveBeenCalled();
  await happens("message", { data: "now" });
  expect(worker.skipWaiting).toHaveBeenCalled();
});

describe("reports that wait", () => {
  test("are sent when the network comes back, even without a page", async () => {
    const flush = await start();
    await happens("sync", { tag: "outbox" });
    expect(flush).toHaveBeenCalledTimes(1);
    await happens("sync", { tag: "another" });
    expect(flush).toHaveBeenCalledTimes(1);
  });

  test("are tried again by the browser while some still wait", async () => {
    await start({ sent: false });
    await expect(happens("sync", { tag: "outbox" })).rejects.toThrow("still waiting");
  });
});
