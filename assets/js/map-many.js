import { LngLatBounds, Popup } from "maplibre-gl";

import { make } from "./dom.js";
import { MARKS, picture } from "./map-marks.js";
import { token } from "./theme.js";
import { word } from "./words.js";

// data-points: GeoJSON (an address, or #id of an element that holds it, whose newer content is drawn too) whose properties are {code, title, url, mark, meta}.
const FONT = ["Be Vietnam Pro", "sans-serif"];

const read = async (from) => {
  if (from.startsWith("#")) return JSON.parse(document.querySelector(from).textContent);
  const answer = await fetch(from, { headers: { Accept: "application/geo+json, application/json" } });
  return answer.json();
};

export const startMany = async (map, element, signal) => {
  const points = await read(element.dataset.points);
  const draw = () => MARKS.forEach((mark) => (map.hasImage(mark) ? map.updateImage(mark, picture(mark)) : map.addImage(mark, picture(mark), { pixelRatio: 2 })));
  draw();
  map.addSource("points", { type: "geojson", data: points, cluster: true, clusterRadius: 44, clusterMaxZoom: 15 });
  if (element.dataset.points.startsWith("#")) {
    const again = async () => {
      if (document.querySelector(element.dataset.points)) map.getSource("points").setData(await read(element.dataset.points));
    };
    document.addEventListener("htmx:afterSettle", again, { signal });
  }
  map.addLayer({
    id: "clusters",
    type: "circle",
    source: "points",
    filter: ["has", "point_count"],
    paint: {
      "circle-color": token("--color-primary"),
      "circle-radius": ["step", ["get", "point_count"], 15, 20, 19, 100, 24],
      "circle-stroke-width": 3,
      "circle-stroke-color": token("--color-base-100"),
    },
  });
  map.addLayer({
    id: "cluster-counts",
    type: "symbol",
    source: "points",
    filter: ["has", "point_count"],
    layout: { "text-field": ["get", "point_count_abbreviated"], "text-font": FONT, "text-size": 12.5, "text-allow-overlap": true },
    paint: { "text-color": token("--color-primary-content") },
  });
  map.addLayer({
    id: "points",
    type: "symbol",
    source: "points",
    filter: ["!", ["has", "point_count"]],
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

  const bounds = new LngLatBounds();
  for (const { geometry } of points.features) bounds.extend(geometry.coordinates);
  if (!bounds.isEmpty() && !element.dataset.centre) {
    const narrow = element.clientWidth < 600; // nothing hides behind the inset
    const padding = { top: 40, right: 56, bottom: narrow ? 150 : 40, left: narrow ? 32 : 140 };
    map.fitBounds(bounds, { padding, maxZoom: 14, animate: false });
  }

  map.on("click", "clusters", async (event) => {
    const [cluster] = event.features;
    const zoom = await map.getSource("points").getClusterExpansionZoom(cluster.properties.cluster_id);
    map.easeTo({ center: cluster.geometry.coordinates, zoom, duration: 150 });
  });
  map.on("click", "points", (event) => {
    const { properties, geometry } = event.features[0];
    const card = make(
      "div",
      { class: "map-card" },
      make("strong", {}, properties.title ?? properties.code),
      make("p", { class: "muted" }, [properties.code, properties.meta].filter(Boolean).join(" · ")),
      properties.url ? make("a", { class: "link", href: properties.url }, word("seeTicket")) : null,
    );
    new Popup({ closeButton: false, offset: 14, maxWidth: "280px" }).setLngLat(geometry.coordinates).setDOMContent(card).addTo(map);
  });
  for (const layer of ["clusters", "points"]) {
    map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
  }
  // data-show="<longitude>,<latitude>" on an item of the list beside the map shows it there.
  const show = (event) => {
    const place = event.target.closest("[data-show]")?.dataset.show; // empty where the ticket has none
    if (place) map.easeTo({ center: place.split(",").map(Number), zoom: 15, duration: 150 });
  };
  document.addEventListener("click", show, { signal });
};
