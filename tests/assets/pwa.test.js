import { beforeEach, describe, expect, test, vi } from "vitest";

import { $, fire, network, open, passes, settled, words } from "./page.js";

const PAGE = `<span data-queued></span><button data-install hidden>Install</button>`;
let kept;
let flush;
let registration;
let workers;
/** A worker of the page, in this state. */
const worker = (state = "installed") => Object.assign(new EventTarget(), { state, postMessage: vi.fn() });
/** A page of a browser that can do all of it, but for what is said. */
const page = async ({ controller = null, waiting = null, register, sync, secure = true, device = true, loaded = true } = {}) => {
  flush = vi.fn(async () => {
    for (const row of kept) row.state = "sent";
    return true;
  });
  const exported = await open(PAGE, "pwa", {
    before: () => {
      registration = Object.assign(new EventTarget(), { waiting, installing: null, sync });
      workers = Object.assign(new EventTarget(), {
        controller,
        ready: Promise.resolve(registration),
        register: register ?? vi.fn(async () => registration),
      });
      if (device) Object.defineProperty(navigator, "serviceWorker", { value: workers });
      Object.defineProperty(navigator, "locks", { value: {} });
      for (const [name, value] of Object.entries({ isSecureContext: secure, indexedDB: {} })) vi.stubGlobal(name, value);
      vi.doMock("../../assets/js/outbox.js", () => ({ all: async () => kept ?? Promise.reject(new DOMException("refused")), flush }));
    },
  });
  vi.doUnmock("../../assets/js/outbox.js");
  if (loaded) fire(window, "load");
  await settled();
  return exported;
};
const visible = async (state) => {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
  fire(document, "visibilitychange");
  await settled();
};
const offered = () => words("#toasts .toast span");

beforeEach(() => {
  kept = [];
});

describe("what waits on the device", () => {
  const waits = (count) => Array.from({ length: count }, () => ({ state: "waiting" }));

  test("is sent by the next page of the hotline, and by no page when nothing waits", async () => {
    kept = [{ state: "wrong" }, { state: "draft" }];
    await page();
    expect(flush).not.toHaveBeenCalled();
    expect(words("[data-queued]")).toBe("");
    kept = waits(2);
    await page();
    expect(flush).toHaveBeenCalledTimes(1);
  });

  test("is counted while it waits, and the page that lists it hears when that changes", async () => {
    kept = waits(2);
    const heard = vi.fn();
    const { send } = await page({ secure: false });
    document.addEventListener("caunoi:outbox", heard);
    let go;
    flush.mockImplementation(() => new Promise((done) => (go = done)));
    const sending = send();
    await settled();
    expect(words("[data-queued]")).toBe("2 waiting to be sent.");
    expect(heard).not.toHaveBeenCalled();
    kept = [];
    go(true);
    await sending;
    expect(words("[data-queued]")).toBe("");
    expect(heard).toHaveBeenCalledTimes(1);
  });

  test("goes when the network is back, and when somebody looks at the page again", async () => {
    await page();
    kept = waits(1);
    network(true);
    await settled();
    expect(flush).toHaveBeenCalledTimes(1);
    kept = waits(1);
    await visible("hidden");
    expect(flush).toHaveBeenCalledTimes(1);
    await visible("visible");
    expect(flush).toHaveBeenCalledTimes(2);
  });

  test("is left to the worker too, for a page that is gone by then", async () => {
    const register = vi.fn(async () => {});
    kept = waits(1);
    await page({ controller: worker("activated"), sync: { register } });
    expect(register).toHaveBeenCalledWith("outbox");
    expect(flush).toHaveBeenCalledTimes(1);
  });

  test("goes where the browser lets no worker send later", async () => {
    kept = waits(1);
    await page({ controller: worker("activated"), sync: { register: async () => { throw new DOMException("denied", "NotAllowedError"); } } });
    expect(flush).toHaveBeenCalledTimes(1);
    kept = waits(1);
    await page({ controller: worker("activated") });
    expect(flush).toHaveBeenCalledTimes(1);
    kept = waits(1);
    await page({ device: false });
    expect(flush).toHaveBeenCalledTimes(1);
  });

  test("is tried again after one minute, two, four, and at least every sixteen; anew from one when all were sent", async () => {
    kept = waits(1);
    await page({ loaded: false });
    flush.mockImplementation(async () => false);
    kept = waits(1);
    network(true);
    await settled();
    const waited = [];
    for (let turn = 0; turn < 7; turn += 1) {
      const before = flush.mock.calls.length;
      let minutes = 0;
      while (flush.mock.calls.length === before) {
        await passes(60_000);
        minutes += 1;
      }
      waited.push(minutes);
    }
    expect(waited).toEqual([1, 2, 4, 8, 16, 16, 16]);
    flush.mockImplementation(async () => (kept = []));
    network(true);
    await settled();
    const sent = flush.mock.calls.length;
    await passes(3_600_000);
    expect(flush).toHaveBeenCalledTimes(sent); // nothing waits any more
    flush.mockImplementation(async () => false);
    kept = waits(1);
    network(true);
    await settled();
    await passes(60_000);
    expect(flush).toHaveBeenCalledTimes(sent + 2);
  });

  test("is tried by one clock, however often it was tried by hand", async () => {
    await page();
    flush.mockImplementation(async () => false);
    kept = waits(1);
    for (let turn = 0; turn < 3; turn += 1) {
      network(true);
      await settled();
    }
    flush.mockClear();
    await passes(8 * 60_000);
    expect(flush.mock.calls.length).toBeLessThan(3);
  });

  test("of a browser that keeps nothing is nothing", async () => {
    kept = null;
    await page();
    expect(flush).not.toHaveBeenCalled();
  });

  test("is not sent from a page that anybody on the way can change", async () => {
    kept = waits(1);
    await page({ secure: false });
    network(true);
    await visible("visible");
    expect(flush).not.toHaveBeenCalled();
    expect(workers.register).not.toHaveBeenCalled();
  });
});

describe("a new version", () => {
  const OFFER = "There is a new version of this page.";
  const finds = async (fresh) => {
    registration.installing = fresh;
    fire(registration, "updatefound");
    fresh.state = "installed";
    fire(fresh, "statechange");
  };

  test("is looked for at the hotline, never in what the browser keeps", async () => {
    await page();
    expect(workers.register).toHaveBeenCalledWith("/sw.js", { updateViaCache: "none" });
  });

  test("that waits already is offered, and one that comes later", async () => {
    await page({ controller: worker("activated"), waiting: worker() });
    expect(offered()).toBe(OFFER);
    await page({ controller: worker("activated") });
    expect(offered()).toBeUndefined();
    await finds(worker("installing"));
    expect(offered()).toBe(OFFER);
  });

  test("that is not ready yet is not offered", async () => {
    await page({ controller: worker("activated") });
    const fresh = worker("installing");
    registration.installing = fresh;
    fire(registration, "updatefound");
    fresh.state = "redundant"; // a file of it did not arrive
    fire(fresh, "statechange");
    expect(offered()).toBeUndefined();
  });

  test("is not offered to who has none yet: the first is simply there", async () => {
    await page({ waiting: worker() });
    await finds(worker("installing"));
    expect(offered()).toBeUndefined();
    fire(workers, "controllerchange");
    expect(location.reload).not.toHaveBeenCalled();
  });

  test("comes when its reader wants it, and the page is loaded once, by it", async () => {
    const waiting = worker();
    await page({ controller: worker("activated"), waiting });
    $("#toasts .btn").click();
    expect(waiting.postMessage).toHaveBeenCalledWith("now");
    expect(location.reload).not.toHaveBeenCalled(); // the old one would answer
    fire(workers, "controllerchange");
    fire(workers, "controllerchange");
    expect(location.reload).toHaveBeenCalledTimes(1);
  });

  test("that another window asked for takes no words from under anybody's hands here", async () => {
    await page({ controller: worker("activated"), waiting: worker() });
    fire(workers, "controllerchange");
    expect(location.reload).not.toHaveBeenCalled();
  });

  test("that another window has already brought is loaded here at once", async () => {
    const waiting = worker();
    await page({ controller: worker("activated"), waiting });
    waiting.state = "activated";
    fire(workers, "controllerchange");
    $("#toasts .btn").click();
    expect(location.reload).toHaveBeenCalledTimes(1);
    expect(waiting.postMessage).not.toHaveBeenCalled();
  });

  test("that cannot be had disturbs nobody", async () => {
    const refused = vi.fn(async () => { throw new DOMException("refused", "SecurityError"); });
    await page({ register: refused });
    expect(refused).toHaveBeenCalled();
    expect(offered()).toBeUndefined();
  });
});

describe("the button that puts it on the home screen", () => {
  const prompt = () => Object.assign(new Event("beforeinstallprompt", { cancelable: true }), { prompt: vi.fn(async () => {}) });

  test("is there when the browser offers it, asks once, and goes", async () => {
    await page();
    const asks = prompt();
    window.dispatchEvent(asks);
    expect(asks.defaultPrevented).toBe(true); // no banner of the browser's own
    expect($("[data-install]").hidden).toBe(false);
    $("[data-install]").click();
    $("[data-install]").click();
    await settled();
    expect(asks.prompt).toHaveBeenCalledTimes(1);
    expect($("[data-install]").hidden).toBe(true);
  });

  test("does nothing before that", async () => {
    await page();
    expect(() => $("[data-install]").click()).not.toThrow();
    expect($("[data-install]").hidden).toBe(true);
  });
});
