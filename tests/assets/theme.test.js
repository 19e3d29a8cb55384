import { describe, expect, test, vi } from "vitest";

import { $, fire, open } from "./page.js";

describe("light, dark and tight", () => {
  const BUTTONS = ["theme:dark", "theme:light", "theme:", "density:tight"].map((choice) => `<button data-choose="${choice}">${choice}</button>`).join("");
  const page = (stored = {}) =>
    open(BUTTONS, "theme", { before: () => Object.entries(stored).forEach(([kind, value]) => localStorage.setItem(kind, value)) });
  const look = () => ({ ...document.documentElement.dataset });
  const pressed = () => [...document.querySelectorAll("[aria-pressed=true]")].map(({ dataset }) => dataset.choose);

  test("what is chosen is seen at once, kept here, and told to the server for the next page", async () => {
    await page();
    const heard = vi.fn();
    document.addEventListener("caunoi:look", heard);
    $("[data-choose='theme:dark']").click();
    expect(look().theme).toBe("caunoi-dark");
    expect(pressed()).toEqual(["theme:dark"]);
    expect(localStorage.getItem("theme")).toBe("dark");
    expect(document.cookie).toBe("theme=dark");
    expect(heard).toHaveBeenCalled(); // maps and charts are drawn anew
  });

  test("as the device says: nothing is kept anywhere", async () => {
    await page({ theme: "dark" });
    document.cookie = "theme=dark";
    $("[data-choose='theme:']").click();
    expect(look().theme).toBeUndefined();
    expect(localStorage.length).toBe(0);
    expect(document.cookie).toBe("");
    expect(pressed()).toEqual(["theme:"]);
  });

  test("a part that comes while the page is printed leaves it white", async () => {
    await page({ theme: "dark" });
    Object.assign(document.documentElement.dataset, { theme: "caunoi", paper: "" });
    fire(document, "htmx:load");
    expect(look().theme).toBe("caunoi");
    delete document.documentElement.dataset.paper;
    fire(document, "htmx:load");
    expect(look().theme).toBe("caunoi-dark");
  });

  test("the next page looks as the last one did, also in a part that comes later", async () => {
    await page({ theme: "light", density: "tight" });
    expect(look()).toMatchObject({ theme: "caunoi", density: "tight" });
    expect(pressed()).toEqual(["theme:light", "density:tight"]);
    $("[data-choose='theme:light']").removeAttribute("aria-pressed");
    fire(document, "htmx:load");
    expect(pressed()).toEqual(["theme:light", "density:tight"]);
  });

  test("other windows follow", async () => {
    await page();
    const stored = (key, newValue) => window.dispatchEvent(Object.assign(new Event("storage"), { key, newValue }));
    stored("theme", "dark");
    expect(look().theme).toBe("caunoi-dark");
    stored("draft:report", "light");
    expect(look().theme).toBe("caunoi-dark");
    stored("theme", null);
    expect(look().theme).toBeUndefined();
  });
});

describe("a colour for a canvas", () => {
  test("is what the browser makes of its name now, and leaves nothing on the page", async () => {
    const { token } = await open("", "theme");
    let probe;
    const canvas = document.createElement("canvas").getContext("2d");
    canvas.getImageData = () => ({ data: [12, 34, 56, 128] });
    vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(canvas);
    vi.spyOn(window, "getComputedStyle").mockImplementation((element) => ((probe = element), { color: "red" }));
    vi.stubGlobal("getComputedStyle", window.getComputedStyle);
    const before = document.body.childElementCount;
    expect(token("--on-time")).toBe("rgba(12, 34, 56, 0.5)");
    expect(canvas.calls).toContainEqual(["fillStyle", "red"]);
    expect(probe.style.forcedColorAdjust).toBe("none"); // the parts of a bar are told apart by it
    token("--ink-muted", false);
    expect(probe.style.forcedColorAdjust).not.toBe("none"); // words are as the reader wants them
    expect(document.body.childElementCount).toBe(before);
  });

  test("is asked for anew when the device turns dark", async () => {
    let device;
    const heard = vi.fn();
    await open("", "theme", { before: () => vi.stubGlobal("matchMedia", () => (device ??= new EventTarget())) });
    document.addEventListener("caunoi:look", heard);
    device.dispatchEvent(new Event("change"));
    expect(heard).toHaveBeenCalledTimes(1);
  });
});
