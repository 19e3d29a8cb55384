import { execFileSync } from "node:child_process";

import { describe, expect, test } from "vitest";

import { $, open, passes, type, words } from "./page.js";

// lib/messages/danger.py decides the same at the server: its table, and what its own tests say of it.
const { tables, danger, harmless } = JSON.parse(
  execFileSync(".venv/bin/python", [
    "-c",
    `import json; from caunoi.lib.messages.danger import tables; from tests.lib.test_danger import DANGER, HARMLESS
print(json.dumps({"tables": tables(), "danger": DANGER, "harmless": HARMLESS}))`,
  ]),
);
const NUMBERS = ["111", "113", "114", "115"];
const page = async (written = "") => {
  const calls = NUMBERS.map((number) => `<a href="tel:${number}" data-call="${number}" hidden>${number}</a>`).join("");
  const exported = await open(
    `<script type="application/json" id="danger-words">${JSON.stringify(tables)}</script>
    <form><textarea name="text">${written}</textarea><div data-danger hidden>${calls}<button type="button" data-danger-on>Go on</button></div></form>`,
    "danger",
  );
  exported.start($("[data-danger]"));
  return exported;
};
const shown = () => ($("[data-danger]").hidden ? "" : words("[data-call]:not([hidden])"));
const says = async (text) => {
  type("textarea", text);
  await passes(200);
  return shown();
};

describe("whoever writes of danger to life is sent to the telephone, as the server would", () => {
  test("for every sentence of the server's tests", async () => {
    await page();
    const wrong = [];
    for (const [number, text] of danger) if ((await says(text)) !== number) wrong.push([number, text, shown()]);
    expect(danger.length).toBeGreaterThan(50);
    expect(wrong).toEqual([]);
  });

  test("and not at a broken lamp", async () => {
    await page();
    const wrong = [];
    for (const text of harmless) if (await says(text)) wrong.push([text, shown()]);
    expect(harmless.length).toBeGreaterThan(50);
    expect(wrong).toEqual([]);
  });

  test("for words that stood there already", async () => {
    await page("Nhà tôi đang cháy");
    expect(shown()).toBe("114");
  });

  test("for words whose marks are typed as letters of their own", async () => {
    await page();
    expect(await says("Nhà tôi đang cháy".normalize("NFD"))).toBe("114");
  });

  test("once the hand rests, not at every letter", async () => {
    await page();
    type("textarea", "Nhà tôi đang cháy");
    await passes(199);
    expect(shown()).toBe("");
    await passes(1);
    expect(shown()).toBe("114");
    expect(await says("Đèn hỏng")).toBe("");
  });
});

describe("whoever goes on writing", () => {
  test("is not asked again about the same, and is about another danger", async () => {
    await page();
    await says("Nhà tôi đang cháy");
    $("[data-danger-on]").click();
    expect(shown()).toBe("");
    expect(document.activeElement).toBe($("textarea"));
    expect(await says("Nhà tôi đang cháy, xe đang cháy")).toBe("");
    expect(await says("Có người bất tỉnh")).toBe("115");
  });

  test("is held back once before sending, at the call button", async () => {
    const { alarm } = await page();
    type("textarea", "Nhà tôi đang cháy");
    expect(alarm()).toBe(true);
    expect(document.activeElement).toBe($("[data-call='114']"));
    $("[data-danger-on]").click();
    expect(alarm()).toBe(false);
  });

  test("of a broken lamp is held back by nothing", async () => {
    const { alarm } = await page("Đèn hỏng");
    expect(alarm()).toBe(false);
  });
});
