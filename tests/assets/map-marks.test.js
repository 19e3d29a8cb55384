import { describe, expect, test } from "vitest";

import { open } from "./page.js";

describe("the marks of a map", () => {
  test("differ by their shape, not by their colour alone", async () => {
    const { MARKS, picture } = await open("", "map-marks");
    const shapes = MARKS.map((mark) => JSON.stringify(picture(mark).calls));
    expect(MARKS).toEqual(["on-time", "due-soon", "overdue", "done-late", "refused"]);
    expect(new Set(shapes).size).toBe(5);
  });
});
