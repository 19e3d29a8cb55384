import * as maplibregl from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import "maplibre-gl/dist/maplibre-gl.css";
import vietnam from "virtual:vietnam";

import { icon, make } from "./dom.js";
import { addInset } from "./inset.js";
import { islands } from "./islands.js";
import { startMany } from "./map-many.js";
import { startPick } from "./map-pick.js";
import { startSpots } from "./map-spots.js";
import { whileThere } from "./there.js";
import { token } from "./theme.js";
import { word } from "./words.js";

maplibregl.setWorkerUrl(workerUrl);

const COUNTRY = [
  [101.9, 6.4],
  [117.4, 23.6], // room for the names of the archipelagos
];
const FONT = ["Be Vietnam Pro", "sans-serif"];
const colours = () => ({
  sea: token("--map-sea"),
  land: token("--map-land"),
  country: token("--map-country"),
  abroad: token("--map-abroad"),
  border: token("--map-border"),
  ink: token("--map-ink"),
  river: token("--color-primary"),
});

/** Our own base: sea, land, borders, communes, and Hoàng Sa and Trường Sa on top, named without a glyph server. */
const style = (tiles, areas) => {
  const c = colours();
  const text = (field, size) => ({ "text-field": field, "text-font": FONT, "text-size": size, "text-max-width": 9 });
  const halo = { "text-color": c.ink, "text-halo-color": c.land, "text-halo-width": 1.4 };
  return {
    version: 8,
    sources: {
      vietnam: { type: "geojson", data: vietnam },
      islands: { type: "geojson", data: islands },
      ...(areas && { areas: { type: "geojson", data: areas, generateId: true } }),
      ...(tiles && { tiles: { type: "raster", tiles: [tiles], tileSize: 256 } }),
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": c.sea } },
      { id: "abroad", type: "fill", source: "vietnam", filter: ["in", ["get", "kind"], ["literal", ["near", "far"]]], paint: { "fill-color": c.abroad } },
      {
        id: "abroad-edge", // the world map is coarse: a wide edge closes the gaps along the border
        type: "line",
        source: "vietnam",
        filter: ["==", ["get", "kind"], "far"],
        paint: { "line-color": c.abroad, "line-width": ["interpolate", ["exponential", 2], ["zoom"], 3, 2, 10, 256] },
      },
      { id: "land", type: "fill", source: "vietnam", filter: ["==", ["get", "kind"], "land"], paint: { "fill-color": areas ? c.country : c.land } },
      {
        id: "borders",
        type: "line",
        source: "vietnam",
        filter: ["==", ["get", "kind"], "border"],
        maxzoom: 10,
        paint: { "line-color": c.border, "line-width": 0.8, "line-dasharray": [3, 2] },
      },
      ...(tiles ? [{ id: "tiles", type: "raster", source: "tiles" }] : []),
      ...(areas
        ? [
            { id: "area-fill", type: "fill", source: "areas", paint: { "fill-color": c.land, "fill-opacity": tiles ? 0 : 1 } },
            {
              id: "area-line",
              type: "line",
              source: "areas",
              paint: { "line-color": c.border, "line-width": ["interpolate", ["linear"], ["zoom"], 7, 0.6, 12, 1.8] },
            },
            {
              id: "area-names",
              type: "symbol",
              source: "areas",
              minzoom: 8.2,
              layout: text(["get", "name"], ["interpolate", ["linear"], ["zoom"], 8, 10.5, 13, 14]),
              paint: halo,
            },
          ]
        : []),
      {
        id: "islands",
        type: "circle",
        source: "islands",
        filter: ["==", ["get", "kind"], "island"],
        paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 3, 1.6, 8, 4], "circle-color": c.land, "circle-stroke-color": c.ink, "circle-stroke-width": 1 },
      },
      {
        id: "archipelagos",
        type: "symbol",
        source: "islands",
        filter: ["==", ["get", "kind"], "archipelago"],
        layout: { ...text(["get", "name"], 11.5), "text-allow-overlap": true, "text-ignore-placement": true, "text-offset": [0, 2.2], "text-max-width": 14 },
        paint: { "text-color": c.ink, "text-halo-color": c.sea, "text-halo-width": 1.4 },
      },
      {
        id: "island-names",
        type: "symbol",
        source: "islands",
        filter: ["==", ["get", "kind"], "island"],
        minzoom: 6,
        layout: { ...text(["get", "name"], 11), "text-offset": [0, 1], "text-anchor": "top" },
        paint: { "text-color": c.ink, "text-halo-color": c.sea, "text-halo-width": 1.2 },
      },
    ],
  };
};

const repaint = (map) => {
  const c = colours();
  const set = (layer, property, value) => map.getLayer(layer) && map.setPaintProperty(layer, property, value);
  set("sea", "background-color", c.sea);
  set("land", "fill-color", map.getLayer("area-fill") ? c.country : c.land);
  set("abroad", "fill-color", c.abroad);
  set("abroad-edge", "line-color", c.abroad);
  set("borders", "line-color", c.border);
  set("area-fill", "fill-color", c.land);
  set("area-line", "line-color", c.border);
  for (const layer of ["area-names", "archipelagos", "island-names"]) set(layer, "text-color", c.ink);
  set("area-names", "text-halo-color", c.land);
  set("archipelagos", "text-halo-color", c.sea);
  set("island-names", "text-halo-color", c.sea);
  set("islands", "circle-color", c.land);
  set("islands", "circle-stroke-color", c.ink);
};

const controls = (map, element) => {
  const button = (name, symbol, act) => {
    const made = make("button", { class: "btn btn-icon btn-sm", type: "button", "aria-label": word(name), title: word(name) });
    made.append(icon(symbol));
    made.addEventListener("click", act);
    return made;
  };
  element.append(
    make(
      "div",
      { class: "map-controls" },
      button("zoomIn", "zoom-in", () => map.zoomIn()),
      button("zoomOut", "zoom-out", () => map.zoomOut()),
    ),
  );
};

const startOne = (map, { lat, long }) => {
  const pin = make("div", { class: "map-pin" });
  pin.append(icon("map-pin-filled"));
  new maplibregl.Marker({ element: pin, anchor: "bottom" }).setLngLat([+long, +lat]).addTo(map);
};

/** Where the areas lie; nothing where they could not be loaded, for which the source would wait for ever. */
const extent = (map, lost) => Promise.race([map.getSource("areas").getBounds(), lost]);

/** Without WebGL there is no map, and a place can still be found or typed. */
const without = (element, mode, signal) => {
  element.append(make("p", { class: "hint" }, word("noMap")));
  if (mode === "pick") startPick(null, element, signal);
  element.dataset.mapState = "none";
};

/** Starts the map of one [data-map] element; docs/design-system.md lists its data attributes. */
export const start = async (element) => {
  const { map: mode, areas, tiles, lat, long, centre, zoom } = element.dataset;
  const placed = lat && long && Math.abs(lat) <= 90 && Math.abs(long) <= 180;
  const view = placed
    ? { center: [+long, +lat], zoom: +(zoom ?? 14) }
    : centre
      ? { center: centre.split(",").map(Number), zoom: +(zoom ?? 9) }
      : { bounds: COUNTRY, fitBoundsOptions: { padding: 12 } };
  const signal = whileThere(element);
  await Promise.all(["400 16px 'Be Vietnam Pro'"].map((font) => document.fonts.load(font, "aẵđ"))).catch(() => null);
  if (signal.aborted) return;
  const options = {
    container: element,
    style: style(tiles, areas),
    ...view,
    minZoom: 3,
    maxZoom: 18,
    attributionControl: tiles && element.dataset.attribution ? { customAttribution: element.dataset.attribution } : false,
    cooperativeGestures: element.hasAttribute("data-cooperative") && matchMedia("(pointer: coarse)").matches,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0,
    locale: { "Map.Title": word("map"), "CooperativeGesturesHandler.MobileHelpText": word("twoFingers") },
  };
  let map;
  try {
    map = new maplibregl.Map(options);
  } catch {
    return without(element, mode, signal);
  }
  const lost = new Promise((done) => map.on("error", ({ sourceId }) => sourceId === "areas" && done()));
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) map.setPrefetchZoomDelta?.(0);
  controls(map, element);
  addInset(map, vietnam.features[0].geometry.coordinates);
  document.addEventListener("caunoi:look", () => map.isStyleLoaded() && repaint(map), { signal });
  signal.addEventListener("abort", () => map.remove());
  element.map = map;

  await map.once("load");
  if (areas && !placed && !centre) {
    const bounds = await extent(map, lost);
    if (bounds && !bounds.isEmpty()) map.fitBounds(bounds, { padding: 16, animate: false });
  }
  if (mode === "pick") startPick(map, element, signal);
  if (mode === "one" && placed) startOne(map, element.dataset);
  if (mode === "many") startMany(map, element, signal);
  if (mode === "spots") startSpots(map, element, signal);
  element.dataset.mapState = "ready";
};
