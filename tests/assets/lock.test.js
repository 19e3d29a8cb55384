import { beforeEach, describe, expect, test, vi } from "vitest";

import { $, fire, open, passes } from "./page.js";

const MINUTE = 60_000;
let windows;
let heard;

const page = async (attributes = 'data-idle="15" data-user="7"') => {
  await open(`<main><form><input name="csrfmiddlewaretoken" value="old"><textarea>chưa gửi</textarea></form></main>`, "lock", { attributes });
  fetch.mockImplementation(async () => new Response(null, { status: 204 }));
  windows = new BroadcastChannel("caunoi-lock");
  heard = [];
  windows.addEventListener("message", ({ data }) => heard.push(data));
};
const lock = () => $("dialog.lock");
const asked = () => fetch.mock.calls.map(([address]) => address);

describe("a screen before which nobody sits", () => {
  beforeEach(() => page());

  test("locks after so many minutes, on the page and on the server", async () => {
    await passes(14 * MINUTE);
    expect(lock()).toBeNull();
    await passes(MINUTE + 5_000);
    expect(lock().open).toBe(true);
    expect(document.documentElement.dataset.locked).toBe("");
    expect(asked()).toEqual(["/sessions/lock"]);
  });

  test("stays open while somebody works in it, and says so at most once a minute", async () => {
    for (let minute = 0; minute < 20; minute += 1) {
      fire(document.body, "keydown");
      fire(document.body, "keydown");
      await passes(MINUTE + 1_000);
    }
    expect(lock()).toBeNull();
    expect(new Set(asked())).toEqual(new Set(["/sessions/here"]));
    expect(asked().length).toBeLessThan(21);
  });

  test("is kept open by another window of the same person, and by nobody else's", async () => {
    await passes(14 * MINUTE);
    windows.postMessage({ active: Date.now(), user: "8" });
    await passes(MINUTE + 5_000);
    expect(lock()).not.toBeNull();
    await page();
    await passes(14 * MINUTE);
    windows.postMessage({ active: Date.now(), user: "7" });
    await passes(2 * MINUTE);
    expect(lock()).toBeNull();
  });

  test("opens when the person has signed in again elsewhere, with all that was typed", async () => {
    await passes(16 * MINUTE);
    document.cookie = "csrftoken=fresh";
    const resumed = vi.fn();
    document.body.addEventListener("live:resume", resumed);
    const opened = vi.fn(() => ({}));
    vi.stubGlobal("open", opened);
    lock().querySelector("button").click();
    expect(opened.mock.calls[0][0]).toBe("/login?over=1&next=%2Fsessions%2Funlocked");
    windows.postMessage({ unlocked: "7" });
    await passes(10);
    expect(lock()).toBeNull();
    expect("locked" in document.documentElement.dataset).toBe(false);
    expect($("textarea").value).toBe("chưa gửi");
    expect($("[name=csrfmiddlewaretoken]").value).toBe("fresh");
    expect(resumed).toHaveBeenCalledTimes(1);
    await passes(MINUTE);
    expect(lock()).toBeNull();
  });

  test("asks for nothing by itself behind the lock, and cannot be closed", async () => {
    await passes(16 * MINUTE);
    const request = new CustomEvent("htmx:beforeRequest", { cancelable: true, bubbles: true });
    document.dispatchEvent(request);
    expect(request.defaultPrevented).toBe(true);
    const cancel = new Event("cancel", { cancelable: true });
    lock().dispatchEvent(cancel);
    expect(cancel.defaultPrevented).toBe(true);
    fire(document.body, "keydown");
    expect(asked()).toEqual(["/sessions/lock"]);
  });

  test("is not awake because something moves beneath a pointer that rests", async () => {
    for (let minute = 0; minute < 16; minute += 1) {
      dispatchEvent(Object.assign(new Event("pointermove"), { screenX: 5, screenY: 5 }));
      await passes(MINUTE);
    }
    expect(lock()).not.toBeNull();
  });
});

describe("a page that does not lock", () => {
  test("on a wall nobody sits before", async () => {
    await page("");
    await passes(60 * MINUTE);
    expect(lock()).toBeNull();
    expect(asked()).toEqual([]);
  });
});

test("the small window in which somebody signed in again tells the others", async () => {
  const said = [];
  const before = () => new BroadcastChannel("caunoi-lock").addEventListener("message", ({ data }) => said.push(data));
  await open(`<div data-unlocked></div>`, "lock", { attributes: 'data-user="7"', before });
  await passes(10);
  expect(said).toContainEqual({ unlocked: "7" });
});
