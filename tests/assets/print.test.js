import { describe, expect, test, vi } from "vitest";

import { $, $$, fire, open } from "./page.js";

describe("a page on paper", () => {
  const PAGE = `<button data-print>Print</button><main><details class="fold" id="a"></details><details class="fold" open id="b"></details>
    <div class="no-print"><details class="fold" id="c"></details></div><details id="d"></details></main>`;
  const shown = () => $$("details[open]").map(({ id }) => id);

  test("has its folds open, for paper cannot be clicked, and is afterwards as it was", async () => {
    await open(PAGE, "print");
    fire(window, "beforeprint");
    expect(shown()).toEqual(["a", "b"]);
    fire(window, "afterprint");
    expect(shown()).toEqual(["b"]);
  });

  test("is light, and afterwards as dark as it was, or as the device says", async () => {
    const look = () => document.documentElement.dataset.theme;
    await open(PAGE, "print", { html: 'data-theme="caunoi-dark"' });
    fire(window, "beforeprint");
    expect(look()).toBe("caunoi");
    fire(window, "afterprint");
    expect(look()).toBe("caunoi-dark");
    await open(PAGE, "print");
    fire(window, "beforeprint");
    fire(window, "afterprint");
    expect(look()).toBeUndefined();
  });

  test("comes by its button", async () => {
    await open(PAGE, "print");
    const print = vi.fn();
    vi.stubGlobal("print", print);
    document.body.click();
    expect(print).not.toHaveBeenCalled();
    $("[data-print]").click();
    expect(print).toHaveBeenCalledTimes(1);
  });
});
