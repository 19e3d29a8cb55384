import { describe, expect, test } from "vitest";

import { open } from "./page.js";

describe("what scripts say", () => {
  test("a sentence of the page is said with its values", async () => {
    const { word } = await open("", "words");
    expect(word("photosChosen", { count: 2, most: 5 })).toBe("2 of at most 5 photos chosen");
  });

  test("a value that nobody gave stays visible, as does a name without a sentence", async () => {
    const { word } = await open("", "words");
    expect(word("photosChosen", { count: 2 })).toBe("2 of at most {most} photos chosen");
    expect(word("neverWritten")).toBe("neverWritten");
  });

  test("a page that says no language speaks Vietnamese", async () => {
    const { language } = await open("", "words");
    expect(language()).toBe("en");
    document.documentElement.lang = "";
    expect(language()).toBe("vi");
  });

  test.each([
    ["Đường  Trần\nHưng Đạo ", "duong tran hung dao"],
    ["ĐƯỜNG", "duong"],
    ["ðuờng", "duong"],
    ["Thủ tục", "thu tuc"],
  ])("%j is found by who types no marks", async (typed, plain) => {
    const { fold } = await open("", "words");
    expect(fold(typed)).toBe(plain);
  });
});
