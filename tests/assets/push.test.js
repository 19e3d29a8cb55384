import { describe, expect, test, vi } from "vitest";

import { $, open, settled, words } from "./page.js";

const PLACE = `<div data-push="/f/abc/push" hidden><button>Tell me here</button><p role="status"></p></div>`;
const KEY = "_-8"; // bytes 255, 239, as URLs write them
const start = async ({ permission = "granted", subscribed = null, remembered = "", capable = true, secure = true, under = [255, 239] } = {}) => {
  const way = (endpoint) => ({ endpoint, toJSON: () => ({ endpoint }), unsubscribe: vi.fn(async () => true) });
  const subscription = { ...way("https://push.example/1"), options: { applicationServerKey: new Uint8Array(under).buffer } };
  const manager = {
    subscription,
    getSubscription: vi.fn(async () => subscribed && subscription),
    subscribe: vi.fn(async () => (subscribed ? way("https://push.example/2") : subscription)),
  };
  const exported = await open(PLACE, "push", {
    before: () => {
      vi.stubGlobal("isSecureContext", secure);
      if (capable) Object.defineProperty(navigator, "serviceWorker", { value: { ready: Promise.resolve({ pushManager: manager }) } });
      vi.stubGlobal("PushManager", class {});
      vi.stubGlobal("Notification", { permission, requestPermission: async () => permission });
      if (remembered) localStorage.setItem("push:/f/abc/push", remembered);
      fetch.mockImplementation(async () => new Response(JSON.stringify({ key: KEY })));
    },
  });
  await exported.start($("[data-push]"));
  return manager;
};
const press = async () => {
  $("button").click();
  await settled();
};
const on = () => $("button").getAttribute("aria-pressed") === "true";
const told = () => fetch.mock.calls.filter(([, more]) => more?.method === "POST").map(([address, { body }]) => [address, JSON.parse(body)]);

describe("a device that can be told", () => {
  test("is asked for its leave, and told from then on", async () => {
    const manager = await start();
    expect($("[data-push]").hidden).toBe(false);
    expect(on()).toBe(false);
    $("button").click();
    expect($("button").disabled).toBe(true); // it takes a while, and a question
    await settled();
    expect(manager.subscribe).toHaveBeenCalledWith({ userVisibleOnly: true, applicationServerKey: new Uint8Array([255, 239]) });
    expect(told()).toEqual([["/f/abc/push", { endpoint: "https://push.example/1", off: false }]]);
    expect(on()).toBe(true);
    expect(words("[role=status]")).toBe("This device is notified when something happens.");
    expect(localStorage.getItem("push:/f/abc/push")).toBe("1");
  });

  test("is told of a second ticket by the same way", async () => {
    const manager = await start({ subscribed: true });
    await press();
    expect(manager.subscribe).not.toHaveBeenCalled();
    expect(told()).toHaveLength(1);
  });

  test("gets a new way when our key has changed, and says which it had", async () => {
    const manager = await start({ subscribed: true, under: [1, 2] });
    fetch.mockImplementationOnce(async () => new Response(JSON.stringify({ key: KEY })));
    fetch.mockImplementationOnce(async () => new Response("", { status: 503 }));
    await press();
    expect(manager.subscription.unsubscribe).toHaveBeenCalled();
    expect(manager.subscribe).toHaveBeenCalledWith({ userVisibleOnly: true, applicationServerKey: new Uint8Array([255, 239]) });
    expect(on()).toBe(false);
    expect(localStorage.getItem("push-before")).toBe("https://push.example/1"); // we have not heard of it yet
    await press();
    expect(told().at(-1)).toEqual(["/f/abc/push", { endpoint: "https://push.example/2", off: false, before: "https://push.example/1" }]);
    expect(on()).toBe(true);
    expect(localStorage.getItem("push-before")).toBe(null);
  });

  test("is told no more when one says so", async () => {
    await start({ subscribed: true, remembered: "1" });
    expect(on()).toBe(true);
    await press();
    expect(told()).toEqual([["/f/abc/push", { endpoint: "https://push.example/1", off: true }]]);
    expect(on()).toBe(false);
    expect(words("[role=status]")).toBe("This device is no longer notified.");
    expect(localStorage.length).toBe(0);
  });

  test("that refuses says where that can be changed", async () => {
    await start({ permission: "denied", remembered: "1" });
    expect(on()).toBe(false); // refused since
    await press();
    expect(on()).toBe(false);
    expect(told()).toEqual([]);
    expect(words("[role=status]")).toBe("Your browser does not allow it. You can change that in its settings.");
  });

  test("of which the hotline did not hear is not said to be told", async () => {
    await start();
    fetch.mockImplementation(async (_, more) => new Response(JSON.stringify({ key: KEY }), { status: more ? 500 : 200 }));
    await press();
    expect(on()).toBe(false);
    expect(words("[role=status]")).toMatch(/^That did not work\./);
    expect($("button").disabled).toBe(false);
  });
});

test.each([500, 0])("a hotline that did not hear (%i) that a device wants no more goes on, and the page says so", async (status) => {
  await start({ subscribed: true, remembered: "1" });
  fetch.mockImplementation(async () => {
    if (!status) throw new TypeError("no network");
    return new Response("", { status });
  });
  await press();
  expect(on()).toBe(true);
  expect(words("[role=status]")).toMatch(/^That did not work\./);
  expect(localStorage.getItem("push:/f/abc/push")).toBe("1");
});

test.each([[{ capable: false }], [{ secure: false }]])("a browser that cannot do it offers nothing (%j)", async (how) => {
  await start(how);
  expect($("[data-push]").hidden).toBe(true);
});

describe("a browser of the staff", () => {
  const DESK = `<div data-push="/desk/alarms/push" data-push-worker="/desk/alarms/worker.js" hidden><button>Ring</button><p role="status"></p></div>`;
  const begin = async ({ mine = true, subscribed = true, installing = false, remembered = false, fails = false } = {}) => {
    const subscription = { endpoint: "https://push.example/9", options: {}, toJSON: () => ({ endpoint: "https://push.example/9" }) };
    const pushManager = { getSubscription: async () => (subscribed ? subscription : null), subscribe: vi.fn(async () => subscription) };
    const heard = [];
    const worker = { state: "installing", addEventListener: (_, listener) => heard.push(listener) };
    worker.becomes = (state) => heard.forEach((listener) => listener({ target: Object.assign(worker, { state }) }));
    const registration = { pushManager, active: installing ? null : {}, installing: installing ? worker : null };
    const register = vi.fn(async () => registration);
    if (fails) register.mockRejectedValueOnce(new TypeError("no network"));
    const exported = await open(DESK, "push", {
      before: () => {
        document.documentElement.dataset.csrf = "token";
        if (remembered) localStorage.setItem("push:/desk/alarms/push", "1");
        vi.stubGlobal("isSecureContext", true);
        Object.defineProperty(navigator, "serviceWorker", { value: { register } });
        vi.stubGlobal("PushManager", class {});
        vi.stubGlobal("Notification", { permission: "granted", requestPermission: async () => "granted" });
        fetch.mockImplementation(async (_, more) => new Response(JSON.stringify(more ? { on: mine } : { key: KEY })));
      },
    });
    const started = exported.start($("[data-push]"));
    return { pushManager, register, started, worker };
  };

  test("has a worker of its own, and says by our token whose it is", async () => {
    const { register, started } = await begin();
    await started;
    expect(register).toHaveBeenCalledWith("/desk/alarms/worker.js", { updateViaCache: "none" });
    expect(told()).toEqual([["/desk/alarms/push", { endpoint: "https://push.example/9", asks: true }]]);
    expect(fetch.mock.calls[0][1].headers["X-CSRFToken"]).toBe("token");
    expect(on()).toBe(true);
  });

  test("that rings for somebody else is not said to ring for this one, whatever it remembers", async () => {
    await (await begin({ mine: false, remembered: true })).started;
    expect(on()).toBe(false);
  });

  test("is asked once its worker is there", async () => {
    const { pushManager, started, worker } = await begin({ subscribed: false, installing: true });
    await settled();
    await press();
    worker.becomes("activating");
    await settled();
    expect(pushManager.subscribe).not.toHaveBeenCalled();
    worker.becomes("activated");
    await started;
    await settled();
    expect(pushManager.subscribe).toHaveBeenCalledOnce();
    expect(on()).toBe(true);
  });

  test("whose hotline cannot be asked is not said to ring, and may be asked again", async () => {
    await (await begin({ remembered: true, fails: true })).started;
    expect(on()).toBe(false);
    await press();
    expect(on()).toBe(true);
  });
});
