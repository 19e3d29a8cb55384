import { describe, expect, test, vi } from "vitest";

import { $, open, words } from "./page.js";

describe("a text that is put into an answer", () => {
  const page = (written) =>
    open(
      `<p id="text"> Nộp tại xã. </p><button data-insert="#text" data-into="#area" data-cite="1.2@3">Use</button>
      <details><form><textarea id="area">${written}</textarea><input type="hidden" name="answer-cites" value="9@1"></form></details>`,
      "insert",
    );

  test("stands below what is written, with its source, and is unfolded", async () => {
    await page("Chào bà,  ");
    const heard = vi.fn();
    $("#area").addEventListener("input", heard);
    $("button").click();
    expect($("#area").value).toBe("Chào bà,\n\nNộp tại xã.");
    expect($("[name=answer-cites]").value).toBe("9@1 1.2@3");
    expect($("details").open).toBe(true);
    expect(heard).toHaveBeenCalled(); // for the draft
  });

  test("is the answer where nothing is written", async () => {
    await page(" ");
    $("button").click();
    expect($("#area").value).toBe("Nộp tại xã.");
  });

  test("is copied where there is no answer to put it into", async () => {
    await page("");
    $("#area").remove();
    const writeText = vi.fn();
    Object.defineProperty(navigator, "clipboard", { value: { writeText } });
    $("button").click();
    expect(writeText).toHaveBeenCalledWith("Nộp tại xã.");
    expect(words("#toasts .toast span")).toBe("Copied.");
  });
});
