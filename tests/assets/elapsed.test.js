import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { $, open } from "./page.js";

describe("a clock that goes on", () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ["setInterval", "performance"] }));
  afterEach(() => vi.useRealTimers());

  test("counts from what the server said, whatever the browser's clock says", async () => {
    await open(`<span data-elapsed="58">0:58</span>`, "elapsed");
    vi.advanceTimersByTime(3_000);
    expect($("[data-elapsed]").textContent).toBe("1:01");
    vi.advanceTimersByTime(3_600_000);
    expect($("[data-elapsed]").textContent).toBe("1:01:01");
  });

  test("begins anew in what was swapped in", async () => {
    await open(`<span data-elapsed="5">0:05</span>`, "elapsed");
    vi.advanceTimersByTime(10_000);
    document.body.innerHTML = `<span data-elapsed="2">0:02</span>`;
    document.dispatchEvent(new Event("htmx:afterSettle"));
    vi.advanceTimersByTime(1_000);
    expect($("[data-elapsed]").textContent).toBe("0:03");
  });
});
