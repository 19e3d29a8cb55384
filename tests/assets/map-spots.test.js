import { describe, expect, test, vi } from "vitest";

import { $, answers, drawnMap, fire, open, passes, Popup, settled, words } from "./page.js";

/** A map that shows Đồng Xoài from 106.8 to 107.0 east and from 11.4 to 11.6 north. */
const map = () => {
  const source = { setData: vi.fn() };
  const view = { zoom: 12.7 };
  return drawnMap({
    view,
    source,
    getBounds: () => ({ getWest: () => 106.8, getEast: () => 107, getSouth: () => 11.4, getNorth: () => 11.6 }),
    getZoom: () => view.zoom,
    getSource: () => source,
    getCanvas: () => ({ style: {} }),
  });
};
const spots = async () => {
  const { startSpots } = await open(`<div data-map="spots" data-points="/points.json?since=2026"></div>`, "map-spots", {
    before: () => {
      answers(200, { type: "FeatureCollection", features: [] });
      vi.doMock("maplibre-gl", () => ({ Popup }));
    },
  });
  vi.doUnmock("maplibre-gl");
  const drawn = map();
  const there = new AbortController();
  startSpots(drawn, $("[data-map]"), there.signal);
  await settled();
  return { ...drawn, there };
};
const asked = () => fetch.mock.calls.map(([address]) => Object.fromEntries(new URL(address).searchParams));
const feature = (properties) => ({ features: [{ properties, geometry: { coordinates: [106.9, 11.5] } }] });

describe("a map of many tickets", () => {
  test("asks for what is looked at and a little more, as whole steps of nearness", async () => {
    await spots();
    expect(asked()).toEqual([{ since: "2026", box: "106.7500,11.3500,107.0500,11.6500", zoom: "12" }]);
    expect($("[data-map]").dataset.mapSpots).toBe("ready");
  });

  test("asks once when the hand rests", async () => {
    const { heard } = await spots();
    heard.moveend();
    await passes(119);
    heard.moveend();
    await passes(119);
    expect(fetch).toHaveBeenCalledTimes(1);
    await passes(1);
    expect(fetch).toHaveBeenCalledTimes(2);
    expect(fetch.mock.calls[0][1].signal.aborted).toBe(true); // an older answer would take the place of the newer
  });

  test("keeps what it shows while the hotline is busy or there is no network", async () => {
    const { heard, source } = await spots();
    expect(source.setData).toHaveBeenCalledTimes(1);
    answers(503);
    heard.moveend();
    await passes(120);
    await settled();
    fetch.mockRejectedValue(new TypeError("no network"));
    heard.moveend();
    await passes(120);
    await settled();
    expect(source.setData).toHaveBeenCalledTimes(1);
    expect($("[data-map]").dataset.mapSpots).toBe("away");
  });

  test("says of one ticket what it is and leads to it", async () => {
    const { heard } = await spots();
    heard["click points"](feature({ code: "26-1", title: "Đèn hỏng", url: "/p/26-1", meta: "hôm qua" }));
    expect(words(".map-card")).toBe("Đèn hỏng26-1 · hôm quaSee the ticket");
    expect($(".map-card a").getAttribute("href")).toBe("/p/26-1");
  });

  test("names one without a title by its code, and leads nowhere where there is nothing", async () => {
    const { heard } = await spots();
    heard["click points"](feature({ code: "26-1" }));
    expect(words(".map-card")).toBe("26-126-1");
  });

  test("goes nearer to a spot that can be told apart, never beyond the nearest", async () => {
    const { heard, easeTo, view } = await spots();
    heard["click clusters"](feature({ count: 12 }));
    expect(easeTo).toHaveBeenLastCalledWith({ center: [106.9, 11.5], zoom: 14.7, duration: 150 });
    view.zoom = 17;
    heard["click clusters"](feature({ count: 12 }));
    expect(easeTo.mock.lastCall[0].zoom).toBe(18);
  });

  test("lists the tickets of one place", async () => {
    const { heard, easeTo } = await spots();
    heard["click clusters"](feature({ count: 3, url: "/register?at=1" }));
    expect(easeTo).not.toHaveBeenCalled();
    expect(words(".map-card")).toBe("3 tickets at this placeSee the list");
  });

  test("is drawn anew when the page turns dark, while it is there", async () => {
    const { images, there } = await spots();
    fire(document, "caunoi:look");
    expect([...images.values()]).toEqual([2, 2, 2, 2, 2]);
    there.abort();
    fire(document, "caunoi:look");
    expect([...images.values()]).toEqual([2, 2, 2, 2, 2]);
  });
});
