import { describe, expect, test, vi } from "vitest";

import { $, answers, fire, network, open, passes, posted, press, submit, type, words } from "./page.js";

const STATUS = "[data-draft-status]";
const form = ({ kept = {}, more = "", inside = "" } = {}) => `<details class="fold"><summary>Answer</summary>
  <form id="answer" method="post" action="/desk/12/answer">
    <input type="hidden" name="csrfmiddlewaretoken" value="old">
    <input type="hidden" name="draft" value="signed" data-form="ticket-12/answer" data-kept='${JSON.stringify(kept)}' ${more}>
    <textarea name="text" autofocus></textarea><input type="checkbox" name="call" value="1">${inside}
    <span data-draft-status></span><button type="button" data-draft-discard hidden>Delete it</button><button>Send</button>
  </form></details>`;
const page = async (given = {}, more = {}) => {
  await open(form(given), "drafts", { before: () => answers(200, { at: "09:41" }), ...more });
  await passes(0);
};
/** Another window of the same browser, with the form open in it. */
const elsewhere = () => {
  const windows = new BroadcastChannel("caunoi-drafts");
  windows.addEventListener("message", ({ data }) => {
    if (data.window === "other") windows.postMessage({ open: data.ask, window: "other" });
  });
};

describe("while somebody types", () => {
  test("the words are with the server a second later, once, and the page says when", async () => {
    await page();
    type("[name=text]", "Đã");
    await passes(500);
    type("[name=text]", "Đã sửa");
    await passes(499);
    expect(fetch).not.toHaveBeenCalled();
    await passes(1);
    expect(posted()).toEqual([{ draft: "signed", fields: { text: "Đã sửa" }, window: sessionStorage.window, apart: false }]);
    expect(words(STATUS)).toBe("Draft saved at 09:41");
    await passes(60_000);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  test("a form that nobody has touched is sent nowhere, and offers nothing to delete", async () => {
    await page();
    fire($("[name=text]"), "focusout");
    fire(window, "pagehide");
    await passes(60_000);
    expect(fetch).not.toHaveBeenCalled();
    expect($("[data-draft-discard]").hidden).toBe(true);
  });

  test("a field that is left is saved at once", async () => {
    await page();
    type("[name=text]", "Đã sửa");
    fire($("[name=text]"), "focusout");
    await passes(0);
    expect(posted()[0].fields).toEqual({ text: "Đã sửa" });
  });

  test("ticks of one name are one answer: that none is ticked is told too", async () => {
    await page({ inside: `<input type="checkbox" name="wish" value="mail" checked><input type="checkbox" name="wish" value="sms">` });
    $("[value=mail]").click();
    await passes(1_000);
    expect(posted()[0].fields).toEqual({ wish: [] });
  });

  test("what is only proposed is not kept, until somebody takes it", async () => {
    await page({ inside: `<select name="field"><option value="">–</option><option value="trees">Trees</option></select>` });
    const field = $("[name=field]");
    field.value = "trees";
    field.dataset.offered = "";
    type("[name=text]", "Cây");
    await passes(1_000);
    expect(posted()[0].fields).toEqual({ text: "Cây" });
    delete field.dataset.offered;
    fire(field, "change");
    await passes(1_000);
    expect(posted()[1].fields).toEqual({ text: "Cây", field: "trees" });
  });

  test("what is typed while a save is on its way is not called saved, and follows", async () => {
    await page();
    let arrive;
    fetch.mockImplementation(() => new Promise((done) => (arrive = () => done(new Response('{"at": "09:42"}')))));
    type("[name=text]", "một");
    await passes(1_000);
    type("[name=text]", "một hai");
    arrive();
    await passes(0);
    expect(words(STATUS)).toBe("");
    await passes(1_000);
    expect(posted().map(({ fields }) => fields.text)).toEqual(["một", "một hai"]);
  });
});

describe("when the words do not arrive", () => {
  test("at the machine, because its browser keeps nothing, they are with the server all the same", async () => {
    await page({}, { before: () => (answers(200, { at: "09:41" }), vi.stubGlobal("sessionStorage", undefined)) });
    type("[name=text]", "Đã sửa");
    await passes(1_000);
    expect(posted()).toEqual([{ draft: "signed", fields: { text: "Đã sửa" }, window: "", apart: false }]);
    expect(words(STATUS)).toBe("Draft saved at 09:41");
  });

  test("the page says so and tries again until they do", async () => {
    await page({}, { before: () => {} });
    type("[name=text]", "Đã sửa");
    await passes(1_000);
    expect(words(STATUS)).toBe("The draft is not saved: no connection. It is tried again.");
    answers(200, { at: "09:42" });
    await passes(3_999);
    expect(fetch).toHaveBeenCalledTimes(1);
    await passes(1);
    expect(words(STATUS)).toBe("Draft saved at 09:42");
  });

  test("they are tried at once when the network is back", async () => {
    await page({}, { before: () => {} });
    type("[name=text]", "Đã sửa");
    await passes(1_000);
    answers(200, { at: "09:42" });
    network(true);
    await passes(0);
    expect(words(STATUS)).toBe("Draft saved at 09:42");
  });

  test.each([
    [400, "The draft cannot be saved from this page. Copy your words, then reload it."],
    [410, "This page is too old to save drafts. Copy your words, then reload it."],
    [413, "This is too long to be saved as a draft. Send it, or keep a copy of your words."],
  ])("what can never be saved (%i) is said to be so, and is not tried again", async (status, sentence) => {
    await page();
    answers(status);
    type("[name=text]", "Đã sửa");
    await passes(1_000);
    expect(words(STATUS)).toBe(sentence);
    await passes(60_000);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  test("another window that writes the same is named as the reason", async () => {
    await page();
    answers(409);
    type("[name=text]", "Đã sửa");
    await passes(1_000);
    expect(words(STATUS)).toMatch(/^You are writing this in another window too\./);
  });
});

describe("what was typed before", () => {
  test("is put back, unfolded, and can be deleted", async () => {
    await page({ kept: { text: "Hôm qua", call: ["1"] } });
    expect($("[name=text]").value).toBe("Hôm qua");
    expect($("[name=call]").checked).toBe(true);
    expect($("details").open).toBe(true);
    expect($("[data-draft-discard]").hidden).toBe(false);
    expect(words(STATUS)).toBe("We restored what you had typed.");
    await passes(60_000);
    expect(fetch).not.toHaveBeenCalled(); // the server has it
  });

  test("stays in the draft when it is what the page now comes with", async () => {
    await page({ kept: { text: "Hôm qua", call: ["1"] }, inside: `<input name="name" value="">` });
    $("[name=text]").defaultValue = "Hôm qua";
    type("[name=name]", "Lan");
    await passes(1_000);
    expect(posted()[0].fields).toEqual({ text: "Hôm qua", call: ["1"], name: "Lan" });
  });

  test("is deleted here and at the server, and the caret waits in the first field", async () => {
    await page({ kept: { text: "Hôm qua" } });
    $("[data-draft-discard]").click();
    expect($("[name=text]").value).toBe("");
    expect(document.activeElement).toBe($("[name=text]"));
    expect($("[data-draft-discard]").hidden).toBe(true);
    await passes(0);
    expect(posted()[0].fields).toEqual({});
    expect(words(STATUS)).toBe("The draft is deleted.");
  });

  test("is not put back while another window has it open: two callers' words would become one", async () => {
    await page({ kept: { text: "của cửa sổ kia" }, more: 'data-window="other"' }, { before: () => (answers(200), elsewhere()) });
    await passes(10);
    expect($("[name=text]").value).toBe("");
    expect(words(STATUS)).toMatch(/^You are writing this in another window too\./);
    type("[name=text]", "của cửa sổ này");
    await passes(1_000);
    expect(posted()[0]).toMatchObject({ fields: { text: "của cửa sổ này" }, apart: true });
    submit("#answer");
    expect($("[name=apart]").value).toBe("1");
  });

  test("is put back after a second when that window is closed, and is not taken away meanwhile", async () => {
    await page({ kept: { text: "Hôm qua" }, more: 'data-window="other"' });
    fire($("[name=text]"), "focusout");
    await passes(999);
    expect($("[name=text]").value).toBe("");
    expect(fetch).not.toHaveBeenCalled();
    await passes(1);
    expect($("[name=text]").value).toBe("Hôm qua");
  });

  test("a window tells others which forms it has open, until they are sent", async () => {
    await page();
    const heard = vi.fn();
    const other = new BroadcastChannel("caunoi-drafts");
    other.addEventListener("message", ({ data }) => heard(data.open));
    type("[name=text]", "Đã sửa");
    await passes(1_000);
    const ask = async (more) => {
      other.postMessage({ ask: "ticket-12/answer", window: sessionStorage.window, ...more });
      await passes(10);
      return heard.mock.calls.length;
    };
    expect(await ask({ ask: "ticket-13/answer" })).toBe(0);
    expect(await ask({ window: "third" })).toBe(0);
    expect(await ask()).toBe(1);
    submit("#answer");
    expect(await ask()).toBe(1);
  });
});

describe("when the page goes", () => {
  test("what is not saved yet goes after it", async () => {
    await page();
    type("[name=text]", "Đã sửa");
    fire(window, "pagehide");
    expect(fetch.mock.calls[0][1].keepalive).toBe(true);
  });

  test("more than a browser sends behind a page goes without that promise", async () => {
    await page();
    type("[name=text]", "a".repeat(50_000));
    fire(window, "pagehide");
    expect(fetch.mock.lastCall[1].keepalive).toBe(true);
    type("[name=text]", "ế".repeat(25_000)); // three bytes each
    fire(window, "pagehide");
    expect(fetch.mock.lastCall[1].keepalive).toBe(false);
  });

  test("a form that was sent is no draft any more, and says which window it came from", async () => {
    await page();
    type("[name=text]", "Đã sửa");
    submit("#answer");
    fire(window, "pagehide");
    await passes(60_000);
    expect(fetch).not.toHaveBeenCalled();
    expect($("#answer [name=window]").value).toBe(sessionStorage.window);
    expect($("#answer [name=apart]")).toBeNull();
  });

  test("a form carries the token of whoever has signed in again in another window", async () => {
    await page();
    document.cookie = "csrftoken=fresh";
    submit("#answer");
    expect($("[name=csrfmiddlewaretoken]").value).toBe("fresh");
  });

  test("a step back to it asks the server anew", async () => {
    await page();
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false }));
    expect(location.reload).not.toHaveBeenCalled();
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    expect(location.reload).toHaveBeenCalled();
  });

  test("who signs out in one window leaves all, once it is done", async () => {
    await page({ inside: "" });
    document.body.insertAdjacentHTML("beforeend", `<form id="out" action="/logout"></form>`);
    const other = new BroadcastChannel("caunoi");
    const heard = vi.fn();
    other.addEventListener("message", heard);
    submit("#answer");
    submit("#out");
    await passes(10);
    expect(heard).not.toHaveBeenCalled();
    fire(window, "pagehide");
    await passes(10);
    expect(heard).toHaveBeenCalledTimes(1);
    other.postMessage("signed out");
    await passes(10);
    expect(location.replace).toHaveBeenCalledWith(`/login?over=1&next=${encodeURIComponent(location.pathname + location.search)}`);
  });
});

describe("when a part of the page is exchanged", () => {
  test("the words in it are saved first, so that the newer part knows them", async () => {
    await page();
    type("[name=text]", "Đã sửa");
    const issueRequest = vi.fn();
    const event = fire(document, "htmx:confirm", { target: document.body, issueRequest });
    expect(event.defaultPrevented).toBe(true);
    expect(issueRequest).not.toHaveBeenCalled();
    await passes(0);
    expect(posted()[0].fields).toEqual({ text: "Đã sửa" });
    expect(issueRequest).toHaveBeenCalledWith(true);
  });

  test("a part without words waits for nothing", async () => {
    await page();
    expect(fire(document, "htmx:confirm", { target: document.body }).defaultPrevented).toBe(false);
    type("[name=text]", "Đã sửa");
    expect(fire(document, "htmx:confirm", { target: $("#toasts") }).defaultPrevented).toBe(false);
  });

  test("words in a form that the newer part no longer has are saved, and the page asks once more", async () => {
    await page();
    type("[name=text]", "Đã sửa");
    $("details").remove();
    const again = vi.fn();
    document.body.addEventListener("live:resume", again);
    fire(document, "htmx:afterSettle");
    await passes(0);
    expect(posted()[0].fields).toEqual({ text: "Đã sửa" });
    expect(again).toHaveBeenCalledTimes(1);
    await passes(60_000);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  test("the same form in the newer part takes the words over", async () => {
    await page();
    type("[name=text]", "Đã sửa");
    const old = $("details");
    old.insertAdjacentHTML("afterend", form({ kept: { text: "Đã sửa" } }));
    old.remove();
    fire(document, "htmx:load", { elt: $("details") });
    fire(document, "htmx:afterSettle");
    await passes(5_000);
    expect($("[name=text]").value).toBe("Đã sửa");
    expect(fetch).not.toHaveBeenCalled();
  });
});

test("a page without a form of the staff keeps nothing", async () => {
  await open(`<form><textarea name="text"></textarea></form>`, "drafts");
  type("[name=text]", "Đã sửa");
  press("a");
  await passes(10_000);
  expect(fetch).not.toHaveBeenCalled();
});
