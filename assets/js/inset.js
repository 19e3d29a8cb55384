import { ARCHIPELAGOS, islands } from "./islands.js";

// A small map of the whole country in the corner of a map that shows only a part of it.
const SVG = "http://www.w3.org/2000/svg";
const WEST = 101.6;
const NORTH = 23.8;
const x = (long) => ((long - WEST) * 10).toFixed(1);
const y = (lat) => ((NORTH - lat) * 10.4).toFixed(1);

const draw = (tag, attributes, text) => {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
};

/** Adds the inset to the map's container and keeps its "you are here" box and its hiding up to date. */
export const addInset = (map, land) => {
  const svg = draw("svg", {
    class: "map-inset",
    viewBox: "0 0 152 184",
    role: "img",
    "aria-label": ARCHIPELAGOS.map(({ name }) => `${name} (Việt Nam)`).join(", "),
  });
  const ring = (points) => `M${points.map(([long, lat]) => `${x(long)} ${y(lat)}`).join("L")}Z`;
  const big = land.filter((rings) => rings[0].length > 12);
  svg.append(draw("path", { class: "inset-land", d: big.map((rings) => ring(rings[0])).join("") }));
  for (const { properties, geometry } of islands.features) {
    if (properties.kind !== "island") continue;
    const [long, lat] = geometry.coordinates;
    svg.append(draw("circle", { class: "inset-island", cx: x(long), cy: y(lat), r: 1 }));
  }
  for (const { short, long, lat } of ARCHIPELAGOS) {
    svg.append(draw("text", { x: Math.min(x(long), 112), y: +y(lat) + 22, "text-anchor": "middle" }, short));
    svg.append(draw("text", { x: Math.min(x(long), 112), y: +y(lat) + 32, "text-anchor": "middle" }, "(Việt Nam)"));
  }
  const here = draw("rect", { class: "inset-here", rx: 1.5 });
  svg.append(here);
  map.getContainer().append(svg);

  const follow = () => {
    const bounds = map.getBounds();
    svg.classList.toggle("away", ARCHIPELAGOS.every(({ long, lat }) => bounds.contains([long, lat])));
    const left = +x(bounds.getWest());
    const top = +y(bounds.getNorth());
    here.setAttribute("x", left);
    here.setAttribute("y", top);
    here.setAttribute("width", Math.max(4, x(bounds.getEast()) - left));
    here.setAttribute("height", Math.max(4, y(bounds.getSouth()) - top));
  };
  map.on("moveend", follow);
  follow();
};
