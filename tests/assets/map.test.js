import { describe, expect, test, vi } from "vitest";

import { $, $$, fire, open, settled, words } from "./page.js";

let maps;
let started;
let extent;
/** What maplibre gives: maps that remember what they were asked, or none on a device that cannot draw them. */
const library = (webgl) => {
  class Map {
    heard = {};
    asked = [];
    constructor(options) {
      if (!webgl) throw new Error("GPUInitializationError");
      this.options = options;
      this.loaded = new Promise((done) => (this.load = done));
      this.touchZoomRotate = this.keyboard = { disableRotation: () => this.asked.push("no rotation") };
      for (const name of ["zoomIn", "zoomOut", "fitBounds", "setPaintProperty", "remove"]) this[name] = vi.fn();
      maps.push(this);
    }
    getContainer() {
      return this.options.container;
    }
    getBounds() {
      return { getWest: () => 106, getSouth: () => 11, getEast: () => 107, getNorth: () => 12, contains: () => false };
    }
    getSource() {
      return { getBounds: () => extent };
    }
    getLayer(id) {
      return this.options.style.layers.find((layer) => layer.id === id);
    }
    isStyleLoaded() {
      return this.styled ?? true;
    }
    once() {
      return this.loaded;
    }
    on(event, act) {
      (this.heard[event] ??= []).push(act);
    }
    happens(event, detail = {}) {
      for (const act of this.heard[event] ?? []) act(detail);
    }
  }
  class Marker {
    constructor({ element }) {
      this.element = element;
    }
    setLngLat(place) {
      this.element.dataset.at = place.join();
      return this;
    }
    addTo(map) {
      map.getContainer().append(this.element);
      return this;
    }
  }
  return { Map, Marker, setWorkerUrl: vi.fn() };
};
/** Starts the map of a page; `load`: until it is drawn. */
const start = async (attributes, { webgl = true, load = true, coarse = false, fonts = async () => [] } = {}) => {
  maps = [];
  started = { many: vi.fn(), pick: vi.fn(), spots: vi.fn() };
  const names = { many: "startMany", pick: "startPick", spots: "startSpots" };
  const mocks = {
    "maplibre-gl": library(webgl),
    "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url": { default: "/worker.js" },
    "maplibre-gl/dist/maplibre-gl.css": {},
  };
  const exported = await open(`<div ${attributes}></div>`, "map", {
    before: () => {
      document.fonts = { load: fonts };
      vi.stubGlobal("matchMedia", (query) => Object.assign(new EventTarget(), { matches: coarse && query === "(pointer: coarse)" }));
      for (const [path, mock] of Object.entries(mocks)) vi.doMock(path, () => mock);
      for (const [mode, name] of Object.entries(names)) vi.doMock(`../../assets/js/map-${mode}.js`, () => ({ [name]: started[mode] }));
    },
  });
  for (const path of [...Object.keys(mocks), ...Object.keys(names).map((mode) => `../../assets/js/map-${mode}.js`)]) vi.doUnmock(path);
  const starting = exported.start($("[data-map]"));
  await settled();
  if (load) maps[0]?.load();
  await settled();
  return { starting, map: maps[0] };
};
const bounds = (empty = false) => ({ isEmpty: () => empty });
const layers = ({ options }) => options.style.layers.map(({ id }) => id);
const state = () => $("[data-map]").dataset.mapState;

describe("what every map shows", () => {
  test("is the country with its archipelagos on top, named as Vietnam's", async () => {
    const { map } = await start('data-map="spots"');
    expect(layers(map).slice(-3)).toEqual(["islands", "archipelagos", "island-names"]);
    expect(map.options.style.sources.islands.data.features.length).toBeGreaterThan(10);
    const { layout, minzoom } = map.getLayer("archipelagos");
    expect([layout["text-allow-overlap"], minzoom]).toEqual([true, undefined]); // at every nearness, whatever lies there
    const [[west, south], [east, north]] = map.options.bounds;
    for (const [long, lat] of [[111.6, 16.5], [114, 10], [104.8, 8.6], [105.3, 23.3]]) {
      expect(west < long && long < east && south < lat && lat < north).toBe(true);
    }
  });

  test("comes from nobody else, unless the province names tiles, and then says whose they are", async () => {
    const own = await start('data-map="spots"');
    expect(Object.keys(own.map.options.style.sources)).toEqual(["vietnam", "islands"]);
    expect(own.map.options.attributionControl).toBe(false);
    const tiled = await start('data-map="spots" data-tiles="https://tiles.example/{z}" data-attribution="© Example" data-areas="/areas.json"');
    expect(tiled.map.options.style.sources.tiles.tiles).toEqual(["https://tiles.example/{z}"]);
    expect(tiled.map.options.attributionControl).toEqual({ customAttribution: "© Example" });
    expect(tiled.map.getLayer("area-fill").paint["fill-opacity"]).toBe(0); // else they would not be seen
  });

  test("is named in the page's language, and its buttons say what they do", async () => {
    const { map } = await start('data-map="spots"');
    expect(map.options.locale["Map.Title"]).toBe("Map");
    expect(map.asked).toEqual(["no rotation", "no rotation"]); // north is up, by fingers and by keys
    expect($$(".map-controls button").map((button) => button.getAttribute("aria-label"))).toEqual(["Zoom in", "Zoom out"]);
    $("[aria-label='Zoom in']").click();
    $("[aria-label='Zoom out']").click();
    expect([map.zoomIn.mock.calls.length, map.zoomOut.mock.calls.length]).toEqual([1, 1]);
  });

  test("has the whole country in its corner", async () => {
    const { map } = await start('data-map="spots"');
    expect($(".map-inset")).not.toBeNull();
    expect(map.heard.moveend).toHaveLength(1);
  });

  test("leaves one finger to the page on a telephone", async () => {
    const cooperative = async (more, coarse) => (await start(`data-map="spots" ${more}`, { coarse })).map.options.cooperativeGestures;
    expect(await cooperative("data-cooperative", true)).toBe(true);
    expect(await cooperative("data-cooperative", false)).toBe(false);
    expect(await cooperative("", true)).toBe(false);
  });
});

describe("a map looks", () => {
  test("at its place, at where the page says, or at the whole country", async () => {
    const view = async (attributes) => {
      const { center, zoom, bounds: all } = (await start(`data-map="one" ${attributes}`)).map.options;
      return all ? "country" : [...center, zoom];
    };
    expect(await view('data-lat="11.5" data-long="106.9"')).toEqual([106.9, 11.5, 14]);
    expect(await view('data-lat="11.5" data-long="106.9" data-zoom="10"')).toEqual([106.9, 11.5, 10]);
    expect(await view('data-centre="106.9,11.5"')).toEqual([106.9, 11.5, 9]);
    expect(await view("")).toBe("country");
    expect(await view('data-lat="106.9" data-long="11.5"')).toBe("country"); // the two were mixed up
    expect(await view('data-lat="11.5" data-long="181"')).toBe("country");
  });

  test("at its areas, once they are there", async () => {
    extent = bounds();
    expect((await start('data-map="spots" data-areas="/areas.json"')).map.fitBounds.mock.calls[0][0]).toBe(extent);
    extent = bounds(true);
    expect((await start('data-map="spots" data-areas="/areas.json"')).map.fitBounds).not.toHaveBeenCalled();
    extent = bounds();
    expect((await start('data-map="one" data-areas="/areas.json" data-lat="11.5" data-long="106.9"')).map.fitBounds).not.toHaveBeenCalled();
    expect((await start('data-map="pick" data-areas="/areas.json" data-centre="106.9,11.5"')).map.fitBounds).not.toHaveBeenCalled();
  });

  test("at the country when they cannot be loaded, and a place can be chosen all the same", async () => {
    extent = new Promise(() => {});
    const { map } = await start('data-map="pick" data-areas="/areas.json"');
    map.happens("error", { sourceId: "tiles" });
    await settled();
    expect(started.pick).not.toHaveBeenCalled();
    map.happens("error", { sourceId: "areas" });
    await settled();
    expect(started.pick).toHaveBeenCalledTimes(1);
    expect(state()).toBe("ready");
  });

  test.each(["pick", "many", "spots"])("and %s begins when it is drawn, and ends with it", async (mode) => {
    const { map } = await start(`data-map="${mode}"`, { load: false });
    expect([started[mode].mock.calls.length, state()]).toEqual([0, undefined]);
    map.load();
    await settled();
    expect(state()).toBe("ready");
    const [given, element, signal] = started[mode].mock.calls[0];
    expect([given, element, signal.aborted]).toEqual([map, $("[data-map]"), false]);
    expect(Object.values(started).flatMap(({ mock }) => mock.calls)).toHaveLength(1);
    fire(document, "htmx:beforeCleanupElement", { elt: $("[data-map]") });
    expect(signal.aborted).toBe(true);
    expect(map.remove).toHaveBeenCalled();
  });

  test("and shows one place by a pin", async () => {
    await start('data-map="one" data-lat="11.5" data-long="106.9"');
    expect($(".map-pin").dataset.at).toBe("106.9,11.5");
    await start('data-map="one" data-lat="106.9" data-long="11.5"');
    expect($(".map-pin")).toBeNull();
  });
});

describe("a map changes its colours", () => {
  test("with the page, once it has any", async () => {
    extent = bounds();
    const { map } = await start('data-map="spots" data-areas="/areas.json"');
    map.styled = false;
    fire(document, "caunoi:look");
    expect(map.setPaintProperty).not.toHaveBeenCalled();
    map.styled = true;
    fire(document, "caunoi:look");
    const painted = new Set(map.setPaintProperty.mock.calls.map(([layer]) => layer));
    const coloured = layers(map).filter((id) => id !== "tiles");
    expect([...painted].sort()).toEqual([...coloured].sort());
  });
});

describe("a browser that cannot draw maps", () => {
  test("says so where the map would be, and a place can be chosen without it", async () => {
    const { starting } = await start('data-map="pick"', { webgl: false });
    await expect(starting).resolves.toBeUndefined();
    expect(words("[data-map]")).toBe("This browser cannot draw the map. The rest of the page works without it.");
    expect(started.pick).toHaveBeenCalledWith(null, $("[data-map]"), expect.any(AbortSignal));
    expect(state()).toBe("none");
  });

  test("begins nothing else that needs one", async () => {
    await start('data-map="many"', { webgl: false });
    expect(Object.values(started).flatMap(({ mock }) => mock.calls)).toEqual([]);
    expect(words("[data-map]")).toMatch(/^This browser cannot draw the map\./);
  });
});

test("a map whose letters do not arrive is drawn all the same; one whose page has gone is not", async () => {
  const { map } = await start('data-map="spots"', { fonts: async () => { throw new Error("no network"); } });
  expect(map).toBeDefined();
  let arrive;
  await start('data-map="spots"', { fonts: () => new Promise((done) => (arrive = done)) });
  fire(document, "htmx:beforeCleanupElement", { elt: $("[data-map]") });
  arrive([]);
  await settled();
  expect(maps).toEqual([]);
});
