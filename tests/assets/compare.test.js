import { describe, expect, test } from "vitest";

import { $, fire, open } from "./page.js";

describe("before and after", () => {
  test("the line between them is where the range says, at once and when it moves", async () => {
    await open(`<div data-compare><input type="range" min="0" max="100" value="50"></div>`, "compare");
    const at = () => $("[data-compare]").style.getPropertyValue("--at");
    expect(at()).toBe("50%");
    $("input").value = "80";
    fire($("input"), "input");
    expect(at()).toBe("80%");
  });
});
