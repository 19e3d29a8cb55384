import { Marker } from "maplibre-gl";

import { icon, make } from "./dom.js";
import { word } from "./words.js";

// Choosing a place: a tap, a drag, the device's own position, the map's centre, arrow keys, or typed numbers. Without a map
// (`map` is null) the device's own position and typed numbers are left.
const PRECISE = 6;

export const startPick = (map, element, signal) => {
  const block = element.closest("[data-map-block]") ?? element.parentElement;
  const lat = block.querySelector("[data-map-lat]");
  const long = block.querySelector("[data-map-long]");
  const status = block.querySelector("[data-map-status]");
  const pin = make("button", { class: "map-pin", type: "button", "aria-label": word("pin") });
  pin.append(icon("map-pin-filled"));
  const marker = new Marker({ element: pin, anchor: "bottom", draggable: true });
  const off = block.querySelector("[data-map-off]");
  let shown = false;

  const say = (text) => status && (status.textContent = text);
  if (!map) say(""); // it asks for a tap on the map
  const put = (place, { move = false, type = true } = {}) => {
    marker.setLngLat(place);
    if (map && !shown) marker.addTo(map);
    shown = true;
    const { lng, lat: north } = marker.getLngLat();
    if (type) {
      lat.value = north.toFixed(PRECISE);
      long.value = lng.toFixed(PRECISE);
    }
    if (map && move) map.easeTo({ center: marker.getLngLat(), zoom: Math.max(map.getZoom(), 15), duration: 0 });
    off?.removeAttribute("hidden");
    say(word("pinSet"));
    tell({ lat: north, long: lng });
  };
  const tell = (detail) => element.dispatchEvent(new CustomEvent("caunoi:place", { bubbles: true, detail }));
  off?.addEventListener("click", () => {
    marker.remove();
    shown = false;
    lat.value = long.value = "";
    off.hidden = true;
    say(word("pinRemoved"));
    tell(null);
    (centre?.isConnected ? centre : here)?.focus();
  });

  map?.on("click", ({ lngLat, originalEvent }) => pin.contains(originalEvent.target) || put(lngLat)); // Enter on the pin is a click too
  map?.getCanvas().addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    put(map.getCenter());
  });
  marker.on("dragend", () => put(marker.getLngLat()));
  pin.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-8, 0], ArrowRight: [8, 0], ArrowUp: [0, -8], ArrowDown: [0, 8] }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const at = map.project(marker.getLngLat());
    put(map.unproject([at.x + step[0], at.y + step[1]]));
  });

  const typed = () => {
    const north = Number(lat.value.replace(",", "."));
    const east = Number(long.value.replace(",", "."));
    if (lat.value && long.value && Math.abs(north) <= 90 && Math.abs(east) <= 180) {
      put([east, north], { move: true, type: false });
    }
  };
  lat.addEventListener("change", typed);
  long.addEventListener("change", typed);
  if (lat.value && long.value) typed();

  const centre = block.querySelector("[data-map-centre]");
  if (map) centre?.addEventListener("click", () => put(map.getCenter()));
  else centre?.remove();
  const here = block.querySelector("[data-map-here]");
  here?.addEventListener("click", () => {
    if (!navigator.geolocation) return say(word("notLocated"));
    here.disabled = true;
    say(word("locating"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        here.disabled = false;
        put([coords.longitude, coords.latitude], { move: true });
        say(word("located", { metres: Math.round(coords.accuracy) }));
      },
      () => {
        here.disabled = false;
        say(word("notLocated"));
      },
      { enableHighAccuracy: true, timeout: 12_000, maximumAge: 30_000 },
    );
  });
  // A place chosen elsewhere (a search, an address): document.dispatchEvent(new CustomEvent("caunoi:go", …)).
  document.addEventListener("caunoi:go", (event) => put([event.detail.long, event.detail.lat], { move: true }), { signal });
};
