import { beforeEach, describe, expect, test, vi } from "vitest";

import { $, $$, fire, open, passes, press, type } from "./page.js";

const PAGE = `<nav><a class="rail-item" href="#map"><span data-label>Bản đồ</span></a></nav>
  <button data-command="Chuyển xử lý" data-key="c">→</button><button data-command="Đóng phiếu">×</button><a id="find" data-palette>Find</a>
  <dialog id="palette" data-url="/desk/find"><input><ul role="listbox"></ul></dialog>`;
let clicked;
const start = async (page = PAGE) => {
  await open(page, "palette");
  clicked = [];
  for (const button of $$("[data-command]")) button.addEventListener("click", () => clicked.push(button.dataset.command));
  vi.stubGlobal("open", vi.fn());
};
beforeEach(() => start());
const show = () => press("k", { ctrlKey: true }, document.body);
const found = (...items) => fetch.mockResolvedValue({ ok: true, redirected: false, json: async () => ({ items }) });
const ticket = (label) => ({ label, url: `/desk/${label}`, group: "Tickets" });
const options = () => $$("[role=option]").map((option) => option.querySelector("span").textContent);
const rows = () => $$("[role=listbox] > li").map((row) => row.textContent.trim());
const chosen = () => $("[aria-selected=true] span")?.textContent;
const input = () => $("dialog input");
const search = async (words) => {
  type("dialog input", words);
  await passes(120);
};

describe("Ctrl K", () => {
  test.each([["ctrlKey"], ["metaKey"]])("with %s shows what this page can do, and where else there is something", (held) => {
    expect(press("K", { [held]: true }, document.body).defaultPrevented).toBe(true);
    expect($("dialog").open).toBe(true);
    expect(rows()).toEqual(["Go to", "Bản đồ", "On this page", "Chuyển xử lýc", "Đóng phiếu"]);
  });

  test("with other keys beside it belongs to the browser", () => {
    expect(press("k", { ctrlKey: true, shiftKey: true }, document.body).defaultPrevented).toBe(false);
    expect(press("k", {}, document.body).defaultPrevented).toBe(false);
    expect($("dialog").open).toBe(false);
  });

  test("a click on its button does the same, and begins anew", () => {
    show();
    input().value = "xử";
    $("dialog").close();
    $("#find").click();
    expect(input().value).toBe("");
    expect(options()).toHaveLength(3);
  });
});

describe("whoever types", () => {
  beforeEach(show);

  test("needs no marks and no order of words", () => {
    type("dialog input", "ly chuyen");
    expect(options()).toEqual(["Chuyển xử lý"]);
  });

  test("is asked nothing by one letter", async () => {
    await search("d");
    expect(fetch).not.toHaveBeenCalled();
    expect(options()).toEqual(["Bản đồ", "Đóng phiếu"]);
  });

  test("sees below the commands what the hotline has, once the hand rests", async () => {
    found(ticket("26-1"), ticket("26-2"));
    type("dialog input", "dong");
    expect(rows().at(-1)).toBe("Searching…");
    await passes(119);
    expect(fetch).not.toHaveBeenCalled();
    await passes(1);
    expect(fetch.mock.calls[0][0]).toBe("/desk/find?q=dong");
    expect(rows()).toEqual(["On this page", "Đóng phiếu", "Tickets", "26-1", "26-2"]);
  });

  test("keeps the line that is chosen when more comes below", async () => {
    found(ticket("26-1"));
    type("dialog input", "on");
    expect(options()).toEqual(["Đóng phiếu"]);
    await passes(120);
    expect(chosen()).toBe("Đóng phiếu");
  });

  test("never sees the answer to what was typed before", async () => {
    let late;
    fetch.mockImplementationOnce(() => new Promise((done) => (late = done)));
    await search("dong");
    found(ticket("26-2"));
    await search("xxx");
    late({ ok: true, redirected: false, json: async () => ({ items: [ticket("26-1")] }) });
    await passes(0);
    expect(options()).toEqual(["26-2"]);
  });

  test("is told that nothing was found", async () => {
    found();
    await search("xxx");
    expect(rows()).toEqual(["Nothing found. Try fewer words."]);
  });

  test.each([
    ["does not answer", () => fetch.mockRejectedValue(new TypeError())],
    ["is busy", () => fetch.mockResolvedValue({ ok: false, statusText: "busy" })],
    ["wants one to sign in again", () => fetch.mockResolvedValue({ ok: true, redirected: true, json: async () => ({ items: [] }) })],
  ])("is told that the search %s, beside what the page has itself", async (_, fail) => {
    fail();
    await search("dong");
    expect(rows()).toEqual(["On this page", "Đóng phiếu", "The search does not answer just now. Please try again."]);
  });
});

describe("whoever chooses", () => {
  beforeEach(show);

  test("goes up and down, and not beyond the ends", () => {
    expect(chosen()).toBe("Bản đồ");
    press("ArrowUp", {}, input());
    expect(chosen()).toBe("Bản đồ");
    press("ArrowDown", {}, input());
    expect(chosen()).toBe("Chuyển xử lý");
    expect(input().getAttribute("aria-activedescendant")).toBe("palette-1");
    press("PageDown", {}, input());
    expect(chosen()).toBe("Đóng phiếu");
  });

  test("does it by Enter or by a click", () => {
    press("ArrowDown", {}, input());
    press("Enter", {}, input());
    expect(clicked).toEqual(["Chuyển xử lý"]);
    expect($("dialog").open).toBe(false);
    show();
    $$("[role=option]")[2].click();
    expect(clicked).toEqual(["Chuyển xử lý", "Đóng phiếu"]);
  });

  test("does nothing by the Enter that ends a Vietnamese word", () => {
    press("Enter", { isComposing: true }, input());
    expect($("dialog").open).toBe(true);
  });

  test("opens what was found, here or with Ctrl beside", async () => {
    found(ticket("26-1"));
    await search("xxx");
    press("Enter", { ctrlKey: true }, input());
    expect(globalThis.open).toHaveBeenCalledWith("/desk/26-1", "_blank", "noopener");
    expect(location.assign).not.toHaveBeenCalled();
    press("Enter", {}, input());
    expect(location.assign).toHaveBeenCalledWith("/desk/26-1");
  });

  test("may press Enter before the answer is there", async () => {
    found(ticket("26-1"));
    type("dialog input", "xxx");
    press("Enter", {}, input());
    expect(location.assign).not.toHaveBeenCalled();
    await passes(120);
    expect(location.assign).toHaveBeenCalledWith("/desk/26-1");
  });

  test("opens nothing that was typed on after Enter, or when the palette was shut", async () => {
    found(ticket("26-1"));
    type("dialog input", "xxx");
    press("Enter", {}, input());
    await search("xxxx");
    expect(location.assign).not.toHaveBeenCalled();
    type("dialog input", "xxx");
    press("Enter", {}, input());
    $("dialog").close();
    await passes(120);
    expect(location.assign).not.toHaveBeenCalled();
  });
});

test("a page without a palette leaves Ctrl K to the browser", async () => {
  await open("", "palette");
  expect(show().defaultPrevented).toBe(false);
  fire(document.body, "click");
});
