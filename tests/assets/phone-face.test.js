import { beforeEach, describe, expect, test, vi } from "vitest";

import { $, open } from "./page.js";

describe("what the phone looks like in a tab", () => {
  let face;
  beforeEach(async () => {
    await open(
      `<div id="phone"><p data-when="ringing talking" hidden>call</p><p data-when="off">off</p><p data-only="nothing" hidden></p>
        <b data-fact="caller"></b><button data-do="mute"><i>Mute</i></button><button data-do="answer" value="7"></button></div>`,
      "phone-face",
    );
    face = await import("../../assets/js/phone-face.js");
  });

  test("is what belongs to its state, and what is known", () => {
    face.show($("#phone"), { state: "talking", caller: "0912 345 678", muted: true, nothing: true });
    expect([$("[data-when~=talking]").hidden, $("[data-when=off]").hidden, $("[data-only]").hidden]).toEqual([false, true, false]);
    expect($("[data-fact]").textContent).toBe("0912 345 678");
    expect($("[data-do=mute]").getAttribute("aria-pressed")).toBe("true");
    face.show($("#phone"), { state: "off" });
    expect([$("[data-when~=talking]").hidden, $("[data-when=off]").hidden, $("[data-only]").hidden]).toEqual([true, false, true]);
    expect($("[data-fact]").textContent).toBe("");
    expect($("[data-do=mute]").getAttribute("aria-pressed")).toBe("false");
  });

  test("does what its buttons are named for, with their values, wherever in them one clicks", () => {
    const act = vi.fn();
    face.listen($("#phone"), act);
    $("i").click();
    $("[data-do=answer]").click();
    $("[data-fact]").click();
    expect(act.mock.calls).toEqual([["mute", ""], ["answer", "7"]]);
  });
});
