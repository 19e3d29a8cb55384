import { describe, expect, test, vi } from "vitest";

import { $, $$, answers, drawnMap, fire, open, Popup, settled, words } from "./page.js";

const point = (code, coordinates, more = {}) => ({ type: "Feature", properties: { code, ...more }, geometry: { type: "Point", coordinates } });
const points = (...features) => JSON.stringify({ type: "FeatureCollection", features });
const TWO = points(point("26-1", [106.9, 11.5]), point("26-2", [107, 11.6]));

/** The smallest rectangle around places. */
class Bounds {
  at = [];
  extend(place) {
    this.at.push(place);
  }
  isEmpty() {
    return !this.at.length;
  }
}
let source;
const drawn = () => {
  const canvas = { style: {} };
  source = { setData: vi.fn(), getClusterExpansionZoom: vi.fn(async () => 14) };
  return drawnMap({ canvas, getSource: () => source, fitBounds: vi.fn(), getCanvas: () => canvas });
};
const many = async ({ from = "#points", json = TWO, more = "", width = 800 } = {}) => {
  const list = `<ul><li id="a" data-show="106.9,11.5"><b>one</b></li><li id="b" data-show="">no place</li></ul>`;
  const { startMany } = await open(`<div data-map="many" data-points="${from}" ${more}></div>
    <script type="application/json" id="points">${json}</script>${list}`, "map-many", {
    before: () => {
      answers(200, JSON.parse(TWO));
      vi.doMock("maplibre-gl", () => ({ LngLatBounds: Bounds, Popup }));
    },
  });
  vi.doUnmock("maplibre-gl");
  const map = drawn();
  const there = new AbortController();
  Object.defineProperty($("[data-map]"), "clientWidth", { value: width });
  await startMany(map, $("[data-map]"), there.signal);
  return { ...map, there };
};

describe("a map of the tickets of a list", () => {
  test("shows them all, with room for what lies on it", async () => {
    const { addSource, fitBounds } = await many();
    expect(addSource.mock.calls[0][1]).toMatchObject({ data: JSON.parse(TWO), cluster: true });
    const [bounds, { padding, maxZoom }] = fitBounds.mock.calls[0];
    expect(bounds.at).toEqual([[106.9, 11.5], [107, 11.6]]);
    expect(padding.left).toBe(140); // the small map of the country
    expect(maxZoom).toBe(14); // one ticket alone is not shown as its roof
    const phone = await many({ width: 360 });
    expect(phone.fitBounds.mock.calls[0][1].padding).toMatchObject({ left: 32, bottom: 150 });
  });

  test("stays where it is when there are none, or when the page says where to look", async () => {
    expect((await many({ json: points() })).fitBounds).not.toHaveBeenCalled();
    expect((await many({ more: 'data-centre="106.9,11.5"' })).fitBounds).not.toHaveBeenCalled();
  });

  test("asks an address for them where the page does not hold them", async () => {
    const { addSource } = await many({ from: "/points.json" });
    expect(fetch.mock.calls[0][0]).toBe("/points.json");
    expect(addSource.mock.calls[0][1].data).toEqual(JSON.parse(TWO));
  });

  test("follows the list, while both are there", async () => {
    const { there } = await many();
    const three = points(point("26-3", [106, 11]));
    $("#points").textContent = three;
    fire(document, "htmx:afterSettle");
    await settled();
    expect(source.setData.mock.calls).toEqual([[JSON.parse(three)]]);
    $("#points").remove();
    fire(document, "htmx:afterSettle");
    await settled();
    expect(source.setData).toHaveBeenCalledTimes(1);
    there.abort();
    document.body.insertAdjacentHTML("beforeend", `<script type="application/json" id="points">${TWO}</script>`);
    fire(document, "htmx:afterSettle");
    await settled();
    expect(source.setData).toHaveBeenCalledTimes(1);
  });

  test("says of one ticket what it is, as words, and leads to it", async () => {
    const { heard } = await many();
    const { geometry } = point("", [106.9, 11.5]);
    heard["click points"]({ features: [{ properties: { code: "26-1", title: "<b>Đèn</b> hỏng", url: "/p/26-1", meta: "hôm qua" }, geometry }] });
    expect(words(".map-card")).toBe("<b>Đèn</b> hỏng26-1 · hôm quaSee the ticket");
    expect($(".map-card a").getAttribute("href")).toBe("/p/26-1");
    heard["click points"]({ features: [{ properties: { code: "26-2" }, geometry }] });
    expect($$(".map-card")[1].textContent).toBe("26-226-2");
  });

  test("goes as near as a spot needs to come apart", async () => {
    const { heard, easeTo } = await many();
    await heard["click clusters"]({ features: [{ properties: { cluster_id: 7 }, geometry: { coordinates: [107, 11.6] } }] });
    expect(source.getClusterExpansionZoom).toHaveBeenCalledWith(7);
    expect(easeTo).toHaveBeenCalledWith({ center: [107, 11.6], zoom: 14, duration: 150 });
  });

  test("shows where an item of the list lies, and stays for one that has no place, or when it is gone", async () => {
    const { easeTo, there } = await many();
    $("#b").click();
    expect(easeTo).not.toHaveBeenCalled();
    $("#a b").click();
    expect(easeTo.mock.calls).toEqual([[{ center: [106.9, 11.5], zoom: 15, duration: 150 }]]);
    there.abort();
    $("#a b").click();
    expect(easeTo).toHaveBeenCalledTimes(1);
  });

  test("has a hand over what can be pressed", async () => {
    const { heard, canvas } = await many();
    heard["mouseenter points"]();
    expect(canvas.style.cursor).toBe("pointer");
    heard["mouseleave points"]();
    expect(canvas.style.cursor).toBe("");
  });

  test("is drawn anew when the page turns dark, while it is there", async () => {
    const { images, setPaintProperty, there } = await many();
    fire(document, "caunoi:look");
    expect([...images.values()]).toEqual([2, 2, 2, 2, 2]);
    expect(setPaintProperty.mock.calls.map(([layer]) => layer)).toEqual(["clusters", "clusters", "cluster-counts"]);
    there.abort();
    fire(document, "caunoi:look");
    expect([...images.values()]).toEqual([2, 2, 2, 2, 2]);
  });
});
