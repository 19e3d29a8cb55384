import { readFileSync } from "node:fs";

import { expect, test, vi } from "vitest";

import { open } from "./page.js";

const run = new Function(readFileSync("caunoi/web/handed/frame.js", "utf8")); // a plain script

test("inside, the frame says how high it is when it is loaded, and whenever that changes", async () => {
  await open("", []);
  const told = vi.spyOn(window, "postMessage").mockImplementation(() => {});
  vi.stubGlobal("parent", window);
  let changed;
  const observe = vi.fn();
  vi.stubGlobal("ResizeObserver", class {
    observe = observe;
    constructor(change) {
      changed = change;
    }
  });
  vi.spyOn(Element.prototype, "scrollHeight", "get").mockReturnValue(640);
  run();
  expect(observe).toHaveBeenCalledWith(document.documentElement);
  window.dispatchEvent(new Event("load"));
  changed();
  expect(told.mock.calls).toEqual([[{ caunoiHeight: 640 }, "*"], [{ caunoiHeight: 640 }, "*"]]);
});
