import { describe, expect, test, vi } from "vitest";

import { $, $$, answers, fire, open, passes, settled, words } from "./page.js";

const page = async () => (await open("", "toast")).toast;
const shown = () => $$("#toasts .toast span").map(({ textContent }) => textContent);

describe("how long something is said", () => {
  test("ten seconds, and thirty where something went wrong", async () => {
    const toast = await page();
    toast("Saved.");
    toast("Not saved.", { kind: "error" });
    await passes(9_999);
    expect(shown()).toEqual(["Saved.", "Not saved."]);
    await passes(1);
    expect(shown()).toEqual(["Not saved."]);
    await passes(20_000);
    expect(shown()).toEqual([]);
  });

  test("time stands still while a pointer rests on it", async () => {
    const toast = await page();
    toast("Saved.");
    await passes(6_000);
    fire($(".toast"), "pointerenter");
    await passes(60_000);
    expect(shown()).toEqual(["Saved."]);
    fire($(".toast"), "pointerleave");
    await passes(3_999);
    expect(shown()).toEqual(["Saved."]);
    await passes(1);
    expect(shown()).toEqual([]);
  });

  test("it stays while the keyboard is in it, also when the pointer comes and goes", async () => {
    const toast = await page();
    toast("Saved.");
    await passes(6_000);
    fire($(".toast"), "focusin");
    fire($(".toast"), "pointerenter");
    await passes(60_000);
    fire($(".toast"), "pointerleave");
    await passes(60_000);
    expect(shown()).toEqual(["Saved."]);
    fire($(".toast"), "focusout");
    await passes(3_999);
    expect(shown()).toEqual(["Saved."]);
    await passes(1);
    expect(shown()).toEqual([]);
  });

  test("what the page came with goes too, or is closed by hand", async () => {
    const toasts = `<div class="toast" id="a">A</div><div class="toast" id="b">B<button data-dismiss>×</button></div>`;
    await open(toasts, "toast");
    $("[data-dismiss]").click();
    expect($("#b")).toBeNull();
    await passes(10_000);
    expect($("#a")).toBeNull();
  });
});

describe("what is said", () => {
  test("the same words are there once", async () => {
    const toast = await page();
    toast("Saved.");
    toast("Saved.");
    expect(shown()).toEqual(["Saved."]);
  });

  test("it can be closed by who does not want to wait", async () => {
    const toast = await page();
    toast("Saved.");
    $("[aria-label=Close]").click();
    expect(shown()).toEqual([]);
  });

  test.each([
    [403, /^You may not do this, or you were signed out\./],
    [503, /^The hotline's data cannot be reached just now\./],
    [500, /^That did not work\. Nothing you typed is lost/],
  ])("an answer %i says what it means", async (status, said) => {
    await page();
    fire(document, "htmx:responseError", { xhr: { status } });
    expect(shown()[0]).toMatch(said);
  });

  test("a form that shows its errors says nothing more", async () => {
    await page();
    fire(document, "htmx:responseError", { xhr: { status: 422 } });
    expect(shown()).toEqual([]);
  });

  test("no network is said as such", async () => {
    await page();
    fire(document, "htmx:sendError");
    expect(shown()[0]).toMatch(/^No network\./);
  });

  test("a page within another's, which has no place for it, says nothing", async () => {
    const toast = await page();
    $("#toasts").remove();
    expect(() => toast("Saved.")).not.toThrow();
  });
});

describe("undo", () => {
  const undo = async (status) => {
    await page();
    fire(document, "toast", { text: "Moved.", undo: "/desk/undo/7" });
    if (status) answers(status);
    $("#toasts .btn").click();
    await settled();
  };

  test("takes back what was done, and shows the page as it is then", async () => {
    await undo(200);
    expect(fetch).toHaveBeenCalledWith("/desk/undo/7", { method: "POST", headers: { "X-CSRFToken": "token" } });
    expect(location.reload).toHaveBeenCalled();
    expect(shown()).toEqual([]);
  });

  test.each([[500], [0]])("that fails (%i) says so, and leaves the page", async (status) => {
    await undo(status);
    expect(location.reload).not.toHaveBeenCalled();
    expect(shown()[0]).toMatch(/^That did not work\./);
  });

  test("what a script can take back itself is done once", async () => {
    const toast = await page();
    const act = vi.fn();
    toast("Deleted.", { act, label: "Undo" });
    expect(words("#toasts .btn")).toBe("Undo");
    $("#toasts .btn").click();
    expect(act).toHaveBeenCalledTimes(1);
    expect(shown()).toEqual([]);
  });
});
