import { describe, expect, test } from "vitest";

import { $, open } from "./page.js";

const KEY = [
  { name: "Đúng hạn", colour: "green" },
  { name: "Quá hạn", colour: "red" },
];
/** The picture of a chart of 400 × 200 points, drawn twice as sharp; a letter is eight points wide. */
const picture = async ({ title = "Phiếu theo tháng", key = KEY, period = "Tháng 11/2026" } = {}) => {
  const exported = await open(`<main><p class="hint">${period}</p></main><figure><figcaption>${title}</figcaption></figure>`, "picture", {
    before: () => (document.title = "Thống kê"),
  });
  const paper = exported.picture($("figure"), { width: 800, height: 400 }, key, 2);
  const { calls } = paper.getContext("2d");
  const texts = calls.filter(([name]) => name === "fillText").map(([, text, x, y]) => [text, x, y]);
  const drawn = calls.find(([name]) => name === "drawImage").slice(2);
  return { paper, calls, texts, drawn, colours: calls.filter(([name]) => name === "fillStyle").map(([, colour]) => colour) };
};

describe("a picture of a chart speaks for itself", () => {
  test("what it shows above, its key, and below where and of what time it is from", async () => {
    const { texts } = await picture();
    expect(texts.map(([text]) => text)).toEqual(["Phiếu theo tháng", "Đúng hạn", "Quá hạn", "Thống kê · Tháng 11/2026"]);
    const heights = texts.map(([, , y]) => y);
    expect(heights).toEqual([31, 53, 53, 275]);
  });

  test("with each colour before its name, one name beside the other", async () => {
    const { calls, texts, colours } = await picture();
    expect(colours).toEqual(expect.arrayContaining(["green", "red"]));
    const boxes = calls.filter(([name, , , width]) => name === "fillRect" && width === 10).map(([, x]) => x);
    const [, first, second] = texts.map(([, x]) => x);
    expect([boxes[0], first, boxes[1], second]).toEqual([20, 35, 35 + 8 * 8 + 16, 35 + 8 * 8 + 16 + 15]);
  });

  test("without a key where there is one thing only", async () => {
    const { texts, drawn, paper } = await picture({ key: KEY.slice(0, 1) });
    expect(texts.map(([text]) => text)).not.toContain("Đúng hạn");
    expect(drawn).toEqual([20, 42, 400, 200]);
    expect([paper.width, paper.height]).toEqual([880, 400 + (42 + 20 + 22) * 2]);
  });

  test("with a long title on several lines, and room for them", async () => {
    const { texts, drawn } = await picture({ title: "Phiếu ".repeat(20) });
    const title = texts.filter(([text]) => text.startsWith("Phiếu"));
    expect(title.length).toBe(3);
    expect(title.every(([text]) => text.length * 8 <= 400)).toBe(true);
    expect(title.map(([text]) => text).join(" ")).toBe("Phiếu ".repeat(20).trim());
    expect(drawn[1]).toBe(20 + 22 * 4);
  });

  test("and is sharp on paper, on the page's own ground", async () => {
    const { paper, calls } = await picture();
    expect([paper.width, paper.height]).toEqual([880, 400 + (64 + 20 + 22) * 2]);
    expect(calls.find(([name]) => name === "scale")).toEqual(["scale", 2, 2]);
    expect(calls.find(([name]) => name === "fillRect")).toEqual(["fillRect", 0, 0, paper.width, paper.height]);
  });

  test("where the page names no time, by the page alone", async () => {
    expect((await picture({ period: "" })).texts.at(-1)[0]).toBe("Thống kê");
    const exported = await open(`<figure><figcaption>Phiếu</figcaption></figure>`, "picture");
    expect(() => exported.picture($("figure"), { width: 800, height: 400 }, KEY, 2)).not.toThrow();
  });
});
