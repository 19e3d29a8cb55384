import { describe, expect, test, vi } from "vitest";

import { open } from "./page.js";

const ORIGIN = "https://1022.example.vn";
let worker;
const start = async () => {
  const { show } = await open("", "pushed", {
    url: `${ORIGIN}/sw.js`,
    before: () => {
      worker = Object.assign(new EventTarget(), {
        registration: { showNotification: vi.fn() },
        clients: { openWindow: vi.fn() },
      });
      vi.stubGlobal("self", worker);
    },
  });
  show();
};
/** What the worker does with an event. */
const happens = async (kind, more = {}) => {
  let doing;
  worker.dispatchEvent(Object.assign(new Event(kind), { waitUntil: (done) => (doing = done), ...more }));
  return doing;
};

describe("a message to the device", () => {
  test("says what the hotline says", async () => {
    await start();
    await happens("push", { data: { json: () => ({ title: "Phiếu 26-1", body: "Đã trả lời", tag: "26-1", url: "/f/abc" }) } });
    const [title, more] = worker.registration.showNotification.mock.calls[0];
    expect([title, more.body, more.tag, more.data]).toEqual(["Phiếu 26-1", "Đã trả lời", "26-1", { url: "/f/abc" }]);
  });

  test.each([true, false])("of an emergency stays until somebody has it, and is silent then (%s)", async (rings) => {
    await start();
    await happens("push", { data: { json: () => ({ title: "Tin khẩn cấp 114", tag: "alarm-7", rings }) } });
    const [, more] = worker.registration.showNotification.mock.calls[0];
    expect([more.requireInteraction, more.renotify, more.silent]).toEqual([rings, rings, !rings]);
  });

  test("without words still says who it is from", async () => {
    await start();
    await happens("push");
    expect(worker.registration.showNotification.mock.calls[0][0]).toBe("1022");
  });

  test.each([
    ["/f/abc", [[`${ORIGIN}/f/abc`]]],
    [undefined, [[`${ORIGIN}/`]]],
    ["https://elsewhere.example/", []],
  ])("leads to %s only on our own pages", async (url, opened) => {
    await start();
    const close = vi.fn();
    await happens("notificationclick", { notification: { close, data: { url } } });
    expect(worker.clients.openWindow.mock.calls).toEqual(opened);
    expect(close).toHaveBeenCalled();
  });
});
