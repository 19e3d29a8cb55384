import { Popup } from "maplibre-gl";

import { make } from "./dom.js";
import { MARKS, picture } from "./map-marks.js";
import { token } from "./theme.js";
import { word } from "./words.js";

// data-points: an address that is asked for each part of the map that is looked at (box, zoom) and answers GeoJSON: single
// tickets {code, title, url, mark, meta}, and spots of several {count, open, url?}.
const FONT = ["Be Vietnam Pro", "sans-serif"];
const PAUSE = 120;
const NOTHING = { type: "FeatureCollection", features: [] };

const ask = (from, map) => {
  const bounds = map.getBounds();
  const margin = 0.25; // a little more than is seen, so that moving shows something at once
  const wide = (bounds.getEast() - bounds.getWest()) * margin;
  const high = (bounds.getNorth() - bounds.getSouth()) * margin;
  const box = [bounds.getWest() - wide, bounds.getSouth() - high, bounds.getEast() + wide, bounds.getNorth() + high];
  const url = new URL(from, location.href);
  url.searchParams.set("box", box.map((degree) => degree.toFixed(4)).join(","));
  url.searchParams.set("zoom", Math.floor(map.getZoom()));
  return url;
};

export const startSpots = (map, element, signal) => {
  const draw = () => MARKS.forEach((mark) => (map.hasImage(mark) ? map.updateImage(mark, picture(mark)) : map.addImage(mark, picture(mark), { pixelRatio: 2 })));
  draw();
  map.addSource("points", { type: "geojson", data: NOTHING });
  const many = ["has", "count"];
  map.addLayer({
    id: "clusters",
    type: "circle",
    source: "points",
    filter: many,
    paint: {
      "circle-color": token("--color-primary"),
      "circle-radius": ["interpolate", ["linear"], ["log10", ["get", "count"]], 0, 12, 2, 19, 5, 30],
      "circle-stroke-width": 3,
      "circle-stroke-color": token("--color-base-100"),
    },
  });
  map.addLayer({
    id: "cluster-counts",
    type: "symbol",
    source: "points",
    filter: many,
    layout: {
      "text-field": ["case", [">=", ["get", "count"], 1000], ["concat", ["to-string", ["round", ["/", ["get", "count"], 1000]]], "k"], ["to-string", ["get", "count"]]],
      "text-font": FONT,
      "text-size": 12.5,
      "text-allow-overlap": true,
    },
    paint: { "text-color": token("--color-primary-content") },
  });
  map.addLayer({
    id: "points",
    type: "symbol",
    source: "points",
    filter: ["!", many],
    layout: { "icon-image": ["coalesce", ["get", "mark"], "on-time"], "icon-allow-overlap": true },
  });
  const look = () => {
    if (!map.getLayer("clusters")) return;
    draw();
    map.setPaintProperty("clusters", "circle-color", token("--color-primary"));
    map.setPaintProperty("clusters", "circle-stroke-color", token("--color-base-100"));
    map.setPaintProperty("cluster-counts", "text-color", token("--color-primary-content"));
  };
  document.addEventListener("caunoi:look", look, { signal });

  let timer = 0;
  let asking;
  const read = async () => {
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(ask(element.dataset.points, map), { signal: asking.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      map.getSource("points")?.setData(await answer.json());
      element.dataset.mapSpots = "ready";
    } catch (error) {
      if (error.name !== "AbortError") element.dataset.mapSpots = "away"; // no network: what is shown stays
    }
  };
  map.on("moveend", () => {
    clearTimeout(timer);
    timer = setTimeout(read, PAUSE);
  });
  read();

  const popup = (place, ...inside) =>
    new Popup({ closeButton: false, offset: 14, maxWidth: "280px" }).setLngLat(place).setDOMContent(make("div", { class: "map-card" }, ...inside)).addTo(map);
  map.on("click", "clusters", ({ features: [{ properties, geometry }] }) => {
    if (!properties.url) {
      map.easeTo({ center: geometry.coordinates, zoom: Math.min(18, map.getZoom() + 2), duration: 150 });
      return;
    }
    popup(geometry.coordinates, make("strong", {}, word("ticketsHere", { count: properties.count })), make("p", {}, make("a", { class: "link", href: properties.url }, word("seeList"))));
  });
  map.on("click", "points", ({ features: [{ properties, geometry }] }) =>
    popup(
      geometry.coordinates,
      make("strong", {}, properties.title ?? properties.code),
      make("p", { class: "muted" }, [properties.code, properties.meta].filter(Boolean).join(" · ")),
      properties.url ? make("a", { class: "link", href: properties.url }, word("seeTicket")) : null,
    ),
  );
  for (const layer of ["clusters", "points"]) {
    map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
  }
};
