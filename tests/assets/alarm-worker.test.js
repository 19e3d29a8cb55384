import { expect, test, vi } from "vitest";

import { open } from "./page.js";

test("is the newest at once, shows an emergency, and leaves every page alone", async () => {
  let worker;
  await open("", "alarm-worker", {
    url: "https://1022.example.vn/desk/alarms/worker.js",
    before: () => {
      const more = { registration: { showNotification: vi.fn() }, skipWaiting: vi.fn() };
      vi.stubGlobal("self", (worker = Object.assign(new EventTarget(), more)));
    },
  });
  worker.dispatchEvent(new Event("install"));
  expect(worker.skipWaiting).toHaveBeenCalledOnce();
  const data = { json: () => ({ title: "Tin khẩn cấp 114", rings: true }) };
  worker.dispatchEvent(Object.assign(new Event("push"), { waitUntil: () => {}, data }));
  expect(worker.registration.showNotification.mock.calls[0][0]).toBe("Tin khẩn cấp 114");
  const respondWith = vi.fn();
  worker.dispatchEvent(Object.assign(new Event("fetch"), { respondWith }));
  expect(respondWith).not.toHaveBeenCalled();
});
