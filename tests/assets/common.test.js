import { expect, test, vi } from "vitest";

import { $, fire, open, passes } from "./page.js";

let near;
let started;
let config;
const page = (more = "") =>
  open(`<div data-map id="a"></div><div data-map id="b"></div>${more}`, "common", {
    before: () => {
      started = vi.fn();
      vi.stubGlobal("IntersectionObserver", class {
        observe = vi.fn();
        unobserve = vi.fn();
        constructor(see) {
          near = { see, observer: this };
        }
      });
      config = {};
      vi.doMock("htmx.org", () => ({ default: { config } }));
      for (const name of ["map", "chart"]) vi.doMock(`../../assets/js/${name}.js`, () => ({ start: started }));
    },
  }).then(() => vi.doUnmock("htmx.org"));

/** What htmx does with an answer: the first line that fits. */
const swaps = (status) => config.responseHandling.find(({ code }) => new RegExp(code).test(String(status)));

test("a form that shows its errors is shown, a failure leaves the page as it is", async () => {
  await page();
  expect(swaps(200)).toMatchObject({ swap: true });
  expect(swaps(204)).toMatchObject({ swap: false });
  expect(swaps(422)).toMatchObject({ swap: true, error: false });
  for (const status of [403, 404, 500, 503]) expect(swaps(status)).toMatchObject({ swap: false, error: true });
});

test("no answer brings scripts, and nobody's data stays in the browser's history", async () => {
  await page();
  expect(config).toMatchObject({ allowEval: false, allowScriptTags: false, selfRequestsOnly: true, historyCacheSize: 0 });
});

test("what a part of the page asks for carries the page's token", async () => {
  await page();
  const detail = { headers: {}, triggeringEvent: new Event("click") };
  fire(document, "htmx:configRequest", detail);
  expect(detail.headers).toEqual({ "X-CSRFToken": "token" });
});

test("what the page asks for by itself keeps nobody's session awake, what a person does keeps it", async () => {
  await open("<main></main>", "common", {
    before: () => vi.stubGlobal("IntersectionObserver", class { observe() {} }),
  });
  const asked = {};
  document.addEventListener("htmx:configRequest", (event) => {
    asked[event.detail.path] = event.detail.headers["X-Passive"];
    event.preventDefault();
  });
  $("main").innerHTML = `<i hx-get="/time" hx-trigger="every 1s"></i><i hx-get="/begin" hx-trigger="load"></i>
    <i hx-get="/live" hx-trigger="live:ticket from:body"></i>
    <a id="person" hx-get="/person"></a><input id="typed" name="q" hx-get="/typed" hx-trigger="input">`;
  const { default: htmx } = await vi.importActual("htmx.org");
  htmx.process($("main"));
  await passes(1_500);
  fire(document.body, "live:ticket");
  $("#person").click();
  fire($("#typed"), "input");
  expect(asked).toEqual({ "/time": "1", "/begin": "1", "/live": "1", "/person": undefined, "/typed": undefined });
});

test("a map comes when it is about to be seen, once", async () => {
  await page();
  near.see([
    { target: $("#a"), isIntersecting: false },
    { target: $("#b"), isIntersecting: true },
  ]);
  await vi.waitFor(() => expect(started).toHaveBeenCalled());
  expect(started.mock.calls).toEqual([[$("#b")]]);
  expect(near.observer.unobserve).toHaveBeenCalledWith($("#b"));
  vi.doUnmock("../../assets/js/map.js");
});

test("a chart comes with the page that shows it", async () => {
  await page(`<figure data-chart></figure>`);
  await vi.waitFor(() => expect(started).toHaveBeenCalled());
  expect(started.mock.calls).toEqual([[$("figure")]]);
  vi.doUnmock("../../assets/js/chart.js");
});
