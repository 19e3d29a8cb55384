import { beforeEach, describe, expect, test, vi } from "vitest";

import { $, open, passes } from "./page.js";

const STRIP = `<div data-phone-strip><a data-when="off">off</a><button data-do="answer" data-when="ringing" hidden>Answer</button></div>`;

describe("the phone of another tab", () => {
  let line;
  let locks;
  let words;
  const says = async (now) => {
    line.postMessage({ kind: "state", now });
    await passes(5);
  };
  beforeEach(async () => {
    await open(STRIP, "phone-strip");
    const { start } = await import("../../assets/js/phone-strip.js");
    const { channel, LOCK } = await import("../../assets/js/phone-face.js");
    locks = [{ name: LOCK }];
    vi.stubGlobal("navigator", { ...navigator, locks: { query: async () => ({ held: locks }) } });
    line = channel();
    words = [];
    line.addEventListener("message", ({ data }) => words.push(data));
    start($("[data-phone-strip]"));
    await passes(5);
  });

  test("is asked for what it does, is shown as it says, and answers by a press here", async () => {
    expect(words).toEqual([{ kind: "who" }]);
    await says({ state: "ringing" });
    expect([$("a").hidden, $("button").hidden]).toEqual([true, false]);
    $("button").click();
    await passes(5);
    expect(words.at(-1)).toMatchObject({ kind: "do", act: "answer" });
  });

  test("is off as soon as nobody has it, though its tab said nothing", async () => {
    await says({ state: "ringing" });
    await passes(3_000);
    expect($("button").hidden).toBe(false);
    locks = [];
    await passes(3_000);
    expect([$("a").hidden, $("button").hidden]).toEqual([false, true]);
  });

  test("is not looked after any more once the strip was replaced", async () => {
    const query = vi.spyOn(navigator.locks, "query");
    $("[data-phone-strip]").remove();
    await passes(9_000);
    expect(query).not.toHaveBeenCalled();
  });
});
