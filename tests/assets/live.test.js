import { beforeEach, describe, expect, test, vi } from "vitest";

import { $, fire, open, passes, submit, type } from "./page.js";


const ajax = vi.fn();
let heard;
let streams;
/** The server's stream of news. Made when the page is there, so that its events are the page's. */
const source = () =>
  class extends EventTarget {
    static CLOSED = 2;
    readyState = 1;
    constructor(address) {
      super();
      this.address = address;
      streams.push(this);
    }
    close() {
      this.readyState = 2;
    }
    say(kind, data) {
      this.dispatchEvent(new MessageEvent(kind, { data: typeof data === "string" ? data : JSON.stringify(data) }));
    }
    lose(readyState = 2) {
      this.readyState = readyState;
      this.dispatchEvent(new Event("error"));
    }
  };
const page = async (body = "", attributes = 'data-live="/live" data-live-kinds="ticket call"') => {
  streams = [];
  heard = [];
  const before = () => {
    vi.stubGlobal("EventSource", source());
    vi.doMock("htmx.org", () => ({ default: { ajax } }));
    const kinds = ["ticket", "ticket-7", "ticket-8", "call", "message", "resume"];
    for (const kind of kinds) document.body.addEventListener(`live:${kind}`, ({ detail }) => heard.push([kind, detail?.id]));
  };
  await open(`<main>${body}</main>`, "live", { attributes, before });
};
const kinds = () => heard.map(([kind]) => kind);

describe("what happens elsewhere", () => {
  beforeEach(() => page());

  test("is asked for since the page was", () => {
    const { pathname, searchParams } = new URL(streams[0].address);
    expect(pathname).toBe("/live");
    expect(searchParams.get("age")).toMatch(/^\d+$/);
  });

  test("is told to lists, and to whoever shows that one ticket", () => {
    streams[0].say("ticket", { id: 7 });
    expect(heard).toEqual([["ticket", 7], ["ticket-7", 7]]);
  });

  test("without an id is told to all that show such things", () => {
    streams[0].say("call", {});
    streams[0].say("message", "hello");
    streams[0].say("message", { kind: "ticket" });
    expect(kinds()).toEqual(["call", "message", "ticket"]);
  });

  test("in a burst is told at once and when the burst is over, never in between", async () => {
    for (const id of [7, 8, 7]) streams[0].say("ticket", { id });
    expect(kinds()).toEqual(["ticket", "ticket-7", "ticket-8"]);
    await passes(100);
    expect(heard.slice(3)).toEqual([["ticket", 7], ["ticket-7", 7]]); // what came last is shown too
    await passes(10_000);
    expect(heard).toHaveLength(5);
  });

  test("is gathered the longer the more asking again costs", async () => {
    const xhr = {};
    fire(document, "htmx:beforeRequest", { xhr, requestConfig: { triggeringEvent: { type: "live:ticket" } } });
    await passes(500);
    fire(document, "htmx:afterRequest", { xhr });
    await passes(100);
    streams[0].say("call", {});
    streams[0].say("call", {});
    await passes(1_999);
    expect(kinds()).toEqual(["call"]);
    await passes(1);
    expect(kinds()).toEqual(["call", "call"]);
  });

  test("is not told while the page is still asking", async () => {
    const xhr = {};
    fire(document, "htmx:beforeRequest", { xhr, requestConfig: { triggeringEvent: { type: "live:call" } } });
    streams[0].say("call", {});
    streams[0].say("call", {});
    await passes(10_000);
    expect(kinds()).toEqual(["call"]);
    fire(document, "htmx:afterRequest", { xhr });
    await passes(200);
    expect(kinds()).toEqual(["call", "call"]);
  });

  test("while a part asks that its answer replaces is asked for by its heir, once", async () => {
    const part = (n) => `<div id="part" hx-get="/part?${n}" hx-trigger="live:call from:body throttle:2s, live:resume from:body"></div>`;
    const asks = async (meanwhile) => {
      ajax.mockClear();
      $("main").innerHTML = part(1);
      const detail = { xhr: {}, elt: $("#part"), requestConfig: { triggeringEvent: { type: "live:resume" } } };
      fire(document, "htmx:beforeRequest", detail);
      streams[0].say(...meanwhile);
      $("main").innerHTML = part(2);
      fire(document, "htmx:afterRequest", detail);
      await passes(5_000);
      return ajax.mock.calls.map(([verb, address, { source, event }]) => [verb, address, source.id, event.type]);
    };
    expect(await asks(["call", {}])).toEqual([["GET", "/part?2", "part", "live:resume"]]);
    expect(await asks(["ticket", {}])).toEqual([]); // what it does not follow
  });

  test("by the hand of whoever sits here keeps nothing waiting", async () => {
    fire(document, "htmx:beforeRequest", { xhr: {}, requestConfig: { triggeringEvent: { type: "click" } } });
    streams[0].say("call", {});
    streams[0].say("call", {});
    await passes(100);
    expect(kinds()).toEqual(["call", "call"]);
  });
});

describe("the connection", () => {
  test("a page that follows nothing opens none", async () => {
    await page("", "");
    expect(streams).toEqual([]);
  });

  test("that comes back has the page ask for what it missed; the first one does not", async () => {
    await page();
    streams[0].dispatchEvent(new Event("open"));
    expect(document.body.dataset.liveState).toBe("open");
    expect(kinds()).toEqual([]);
    streams[0].lose();
    expect(document.body.dataset.liveState).toBe("waiting");
    await passes(2_000);
    streams[1].dispatchEvent(new Event("open"));
    expect(kinds()).toEqual(["resume"]);
  });

  test("that the browser mends by itself is left to it", async () => {
    await page();
    streams[0].lose(0);
    await passes(120_000);
    expect(streams).toHaveLength(1);
  });

  test("that stays away is tried ever more rarely, and at least every two minutes", async () => {
    await page();
    vi.spyOn(Math, "random").mockReturnValue(0);
    const waits = [];
    for (let turn = 0; turn < 9; turn += 1) {
      const begun = performance.now();
      streams.at(-1).lose();
      const before = streams.length;
      while (streams.length === before) await passes(500);
      waits.push((performance.now() - begun) / 1_000);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test("ends with the page and before signing out, and is there again after a step back", async () => {
    await page(`<form action="/logout"></form>`);
    fire(window, "pagehide");
    expect(streams[0].readyState).toBe(2);
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    expect(streams).toHaveLength(2);
    submit("form");
    expect(streams[1].readyState).toBe(2);
  });

  test("asks for nothing more once one signs out, not for the last of a burst either", async () => {
    await page(`<form action="/logout"></form>`);
    for (const id of [7, 8]) streams[0].say("ticket", { id });
    submit("form");
    await passes(10_000);
    expect(kinds()).toEqual(["ticket", "ticket-7", "ticket-8"]);
  });
});

describe("a part of the page that is replaced while somebody works in it", () => {
  const PART = `<form id="form"><textarea name="text" id="text"></textarea><input type="checkbox" name="wish" value="a">
    <input type="radio" name="kind" value="a" checked><input type="radio" name="kind" value="b">
    <input name="twin"><input name="twin"></form>
    <details id="more"><summary>More</summary></details><a href="/desk/7">7</a><div id="list" data-keep-scroll></div>`;
  const swap = (cause = "live:ticket", fresh = PART, meanwhile = () => {}) => {
    const target = $("main");
    const detail = { target, requestConfig: { triggeringEvent: cause && { type: cause } } };
    fire(document, "htmx:beforeSwap", detail);
    target.innerHTML = fresh;
    meanwhile();
    fire(document, "htmx:afterSwap", detail);
  };
  beforeEach(() => page(PART));

  test("keeps words, ticks and choices", () => {
    type("#text", "Đã sửa");
    $("[name=wish]").click();
    $("[name=kind][value=b]").click();
    swap();
    expect($("#text").value).toBe("Đã sửa");
    expect($("[name=wish]").checked).toBe(true);
    expect($("[name=kind]:checked").value).toBe("b");
  });

  test("keeps the caret where it was in the words", () => {
    type("#text", "Đã sửa");
    $("#text").setSelectionRange(2, 4);
    swap(null); // at a time: htmx names no event
    expect(document.activeElement).toBe($("#text"));
    expect([$("#text").selectionStart, $("#text").selectionEnd]).toEqual([2, 4]);
  });

  test("keeps the focus on a link to the same place", () => {
    $("a").focus();
    swap();
    expect(document.activeElement).toBe($("a"));
  });

  test("takes the news where nobody has typed", () => {
    swap("live:ticket", PART.replace("</textarea>", "Mới</textarea>"));
    expect($("#text").value).toBe("Mới");
  });

  test("gives no words to one of two fields of the same name", () => {
    for (const twin of ["[name=twin]", "[name=twin] + [name=twin]"]) {
      type(twin, "của ai?");
      swap();
      expect($(twin).value).toBe("");
    }
  });

  test("does not offer words again that were just sent", () => {
    type("#text", "Đã sửa");
    $("#form").dataset.sent = "";
    swap();
    expect($("#text").value).toBe("");
  });

  test("keeps what is unfolded, and how far was read", () => {
    $("#more").open = true;
    $("#list").scrollTop = 40;
    const scrolled = vi.spyOn(Element.prototype, "scrollTo");
    swap();
    expect($("#more").open).toBe(true);
    expect(scrolled).toHaveBeenCalledWith(0, 40);
    expect(scrollTo).toHaveBeenCalledWith({ top: 0, behavior: "instant" });
  });

  test("keeps both of what comes out of band, beside the part that was asked for", async () => {
    const card = '<details id="card"><summary>Call</summary><form id="keys"><input name="digits" id="digits"></form></details>';
    await page(PART + `<div id="pop">${card}</div>`);
    const beside = $("#pop");
    document.body.append(beside);
    $("#card").open = true;
    type("#digits", "12");
    swap("live:ticket", PART, () => { beside.innerHTML = card; });
    expect($("#card").open).toBe(true);
    expect($("#digits").value).toBe("12");
    expect(document.activeElement).toBe($("#digits"));
  });

  test("keeps chosen photos with their previews", async () => {
    const picker = `<form id="form"><div data-photos><input type="file" name="photos" id="photos"></div></form>`;
    await page(picker);
    $("#photos").files = [new File(["x"], "den.jpg")];
    $("[data-photos]").append("den.jpg");
    swap("live:ticket", picker);
    expect($("#photos").files).toHaveLength(1);
    expect($("[data-photos]").textContent).toBe("den.jpg");
  });

  test("is simply replaced where the person asked for it", () => {
    type("#text", "Đã sửa");
    swap("click");
    expect($("#text").value).toBe("");
  });
});
