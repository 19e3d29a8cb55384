import { describe, expect, test, vi } from "vitest";

import { $, fire, open, press, words } from "./page.js";

const PAGE = `<form><div data-map-block>
  <button type="button" data-map-here>Where I am</button><button type="button" data-map-centre>In the middle</button>
  <button type="button" data-map-off hidden>Remove the pin</button>
  <div data-map="pick"><canvas tabindex="0"></canvas></div>
  <p data-map-status>Tap the map.</p><input name="lat" data-map-lat><input name="long" data-map-long></div></form>`;
const STATUS = "[data-map-status]";
const placeOf = (place) => (Array.isArray(place) ? { lng: place[0], lat: place[1] } : place);

let marker;
let pin;
let map;
let heard;
let found;
let failed;
/** The map: one degree is a thousand points across, and its middle is at Đồng Xoài. */
const drawn = () => {
  const listens = {};
  return {
    on: (event, act) => (listens[event] = act),
    click: (lng, lat, target = $("canvas")) => listens.click({ lngLat: { lng, lat }, originalEvent: { target } }),
    getCanvas: () => $("canvas"),
    getCenter: () => ({ lng: 106.9, lat: 11.5 }),
    getZoom: () => 12,
    easeTo: vi.fn(),
    project: ({ lng, lat }) => ({ x: lng * 1000, y: lat * -1000 }),
    unproject: ([x, y]) => ({ lng: x / 1000, lat: y / -1000 }),
  };
};
const page = async ({ webgl = true, lat = "", long = "", geolocation = true } = {}) => {
  const { startPick } = await open(PAGE, "map-pick", {
    before: () => {
      vi.doMock("maplibre-gl", () => ({
        Marker: class {
          listens = {};
          constructor({ element }) {
            [marker, pin] = [this, element];
          }
          setLngLat(place) {
            this.at = placeOf(place);
            return this;
          }
          getLngLat() {
            return this.at;
          }
          addTo(where) {
            if (!where) throw new TypeError("no map");
            $("[data-map]").append(pin);
          }
          remove() {
            pin.remove();
          }
          on(event, act) {
            this.listens[event] = act;
          }
        },
      }));
      const getCurrentPosition = vi.fn((yes, no) => ([found, failed] = [yes, no]));
      if (geolocation) Object.defineProperty(navigator, "geolocation", { value: { getCurrentPosition } });
      [$("[data-map-lat]").value, $("[data-map-long]").value] = [lat, long];
      heard = [];
      document.addEventListener("caunoi:place", ({ detail }) => heard.push(detail));
    },
  });
  vi.doUnmock("maplibre-gl");
  map = webgl ? drawn() : null;
  const there = new AbortController();
  startPick(map, $("[data-map]"), there.signal);
  return there;
};
const place = () => [$("[data-map-lat]").value, $("[data-map-long]").value];
const typed = (lat, long) => {
  [$("[data-map-lat]").value, $("[data-map-long]").value] = [lat, long];
  fire($("[data-map-long]"), "change");
};

describe("a place is chosen", () => {
  test("by a tap on the map, to about a hand's breadth", async () => {
    await page();
    map.click(106.91234567, 11.5);
    expect(place()).toEqual(["11.500000", "106.912346"]);
    expect($("[data-map]").contains(pin)).toBe(true);
    expect(words(STATUS)).toBe("Place chosen. Drag the pin if it is not quite right.");
    expect(heard).toEqual([{ lat: 11.5, long: 106.91234567 }]); // what is reported nearby is asked for
    expect($("[data-map-off]").hidden).toBe(false);
    expect(map.easeTo).not.toHaveBeenCalled(); // the map stays under the finger
  });

  test("by dragging the pin", async () => {
    await page();
    map.click(106.9, 11.5);
    marker.at = { lng: 107, lat: 11.6 };
    marker.listens.dragend();
    expect(place()).toEqual(["11.600000", "107.000000"]);
  });

  test("by Enter in the middle of the map, or the button that says so", async () => {
    await page();
    press("ArrowLeft", {}, $("canvas"));
    expect(place()).toEqual(["", ""]);
    expect(press("Enter", {}, $("canvas")).defaultPrevented).toBe(true); // the form is not sent
    expect(place()).toEqual(["11.500000", "106.900000"]);
    await page();
    $("[data-map-centre]").click();
    expect(place()).toEqual(["11.500000", "106.900000"]);
  });

  test.each([
    ["ArrowLeft", ["11.500000", "106.892000"]],
    ["ArrowRight", ["11.500000", "106.908000"]],
    ["ArrowUp", ["11.508000", "106.900000"]],
    ["ArrowDown", ["11.492000", "106.900000"]],
  ])("by %s on the pin, which moves by a little, and the map not at all", async (key, moved) => {
    await page();
    const moves = vi.fn();
    $("[data-map]").addEventListener("keydown", moves);
    map.click(106.9, 11.5);
    expect(pin.getAttribute("aria-label")).toBe("The place chosen. Move it with the arrow keys.");
    expect(press(key, {}, pin).defaultPrevented).toBe(true);
    expect(place()).toEqual(moved);
    expect(moves).not.toHaveBeenCalled();
  });

  test("and stays when the pin itself is clicked, which Enter does too", async () => {
    await page();
    map.click(106.9, 11.5);
    press("Enter", {}, pin);
    map.click(101, 23, pin.querySelector("svg"));
    expect(place()).toEqual(["11.500000", "106.900000"]);
  });

  test("by numbers, as people write them, which stay as they were written", async () => {
    await page();
    typed("11,5", "106.9");
    expect(place()).toEqual(["11,5", "106.9"]);
    expect(marker.at).toEqual({ lng: 106.9, lat: 11.5 });
    expect(map.easeTo).toHaveBeenCalledWith({ center: { lng: 106.9, lat: 11.5 }, zoom: 15, duration: 0 });
  });

  test.each([
    ["", "106.9"],
    ["11.5", ""],
    ["91", "106.9"],
    ["11.5", "181"],
    ["Đồng Xoài", "106.9"],
  ])("not by %s and %s", async (lat, long) => {
    await page();
    typed(lat, long);
    expect(heard).toEqual([]);
  });

  test("before, and is there again", async () => {
    await page({ lat: "11.5", long: "106.9" });
    expect(marker.at).toEqual({ lng: 106.9, lat: 11.5 });
    expect($("[data-map-off]").hidden).toBe(false);
  });

  test("by another part of the page, while the map is there", async () => {
    const there = await page();
    fire(document, "caunoi:go", { lat: 11.6, long: 107 });
    expect(place()).toEqual(["11.600000", "107.000000"]);
    there.abort();
    fire(document, "caunoi:go", { lat: 1, long: 1 });
    expect(place()).toEqual(["11.600000", "107.000000"]);
  });
});

describe("where somebody stands", () => {
  const here = { coords: { latitude: 11.6, longitude: 107, accuracy: 14.6 } };

  test("is found, and how well", async () => {
    await page();
    $("[data-map-here]").click();
    expect(words(STATUS)).toBe("Finding where you are…");
    expect($("[data-map-here]").disabled).toBe(true); // it takes a while
    found(here);
    expect(navigator.geolocation.getCurrentPosition.mock.lastCall[2].enableHighAccuracy).toBe(true);
    expect(place()).toEqual(["11.600000", "107.000000"]);
    expect(words(STATUS)).toBe("This is where you are, within about 15 m.");
    expect($("[data-map-here]").disabled).toBe(false);
    expect(map.easeTo.mock.lastCall[0].center).toEqual({ lng: 107, lat: 11.6 });
  });

  test("is not to be had without leave: the page says what else there is, and one may try again", async () => {
    await page();
    $("[data-map-here]").click();
    failed({ code: 1 });
    expect(words(STATUS)).toBe("We could not find where you are. Tap the map, or write the address.");
    expect(place()).toEqual(["", ""]);
    expect($("[data-map-here]").disabled).toBe(false);
  });

  test("is not to be had of a browser that has no such thing", async () => {
    await page({ geolocation: false });
    $("[data-map-here]").click();
    expect(words(STATUS)).toMatch(/^We could not find where you are\./);
    expect($("[data-map-here]").disabled).toBe(false);
  });
});

describe("a pin", () => {
  test("can be taken away, and set again", async () => {
    await page();
    map.click(106.9, 11.5);
    $("[data-map-off]").click();
    expect(place()).toEqual(["", ""]);
    expect($("[data-map]").contains(pin)).toBe(false);
    expect(words(STATUS)).toBe("The pin is removed. No place is chosen on the map.");
    expect($("[data-map-off]").hidden).toBe(true);
    expect(document.activeElement).toBe($("[data-map-centre]")); // its button is gone
    expect(heard.at(-1)).toBeNull();
    map.click(107, 11.6);
    expect($("[data-map]").contains(pin)).toBe(true);
  });
});

describe("without a map", () => {
  test("the place can be found and typed, and no button does nothing", async () => {
    await page({ webgl: false });
    expect(words(STATUS)).toBe("");
    expect($("[data-map-centre]")).toBeNull();
    $("[data-map-here]").click();
    found({ coords: { latitude: 11.6, longitude: 107, accuracy: 14 } });
    expect(place()).toEqual(["11.600000", "107.000000"]);
    typed("11.5", "106.9");
    expect(heard.at(-1)).toEqual({ lat: 11.5, long: 106.9 });
    $("[data-map-off]").click();
    expect(place()).toEqual(["", ""]);
    expect(document.activeElement).toBe($("[data-map-here]"));
  });
});
