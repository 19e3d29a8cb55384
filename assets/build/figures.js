import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

import subsetFont from "subset-font";

const FONTS = new URL("../../node_modules/@fontsource/be-vietnam-pro/files/", import.meta.url);
const OUT = new URL("../../node_modules/.cache/caunoi/", import.meta.url);
const WIDTH = 640; // of each figure, in units of 1000 to the em

/** Where a table of an sfnt font begins. */
const table = (font, tag) => {
  for (let record = 12; record < 12 + font.readUInt16BE(4) * 16; record += 16) {
    if (font.toString("latin1", record, record + 4) === tag) return font.readUInt32BE(record + 8);
  }
  throw new Error(`The font has no table ${tag}`);
};

/** The ten figures of a font, all of one width: Be Vietnam Pro has no tabular figures of its own. */
const tabular = async (source) => {
  const font = await subsetFont(source, "0123456789", { targetFormat: "sfnt", dropTables: ["GSUB", "GPOS", "GDEF"] });
  const glyphs = font.readUInt16BE(table(font, "maxp") + 4);
  const metrics = font.readUInt16BE(table(font, "hhea") + 34);
  if (glyphs !== 11 || metrics !== 11) throw new Error(`Expected ten figures, found ${glyphs - 1} glyphs, ${metrics} widths`);
  for (let glyph = 1; glyph < 11; glyph += 1) {
    const at = table(font, "hmtx") + glyph * 4;
    const shift = Math.round((WIDTH - font.readUInt16BE(at)) / 2);
    font.writeUInt16BE(WIDTH, at);
    font.writeInt16BE(font.readInt16BE(at + 2) + shift, at + 2);
  }
  return subsetFont(font, "0123456789", { targetFormat: "woff2" });
};

/** Makes node_modules/.cache/caunoi/figures-{400,500,700}.woff2, about 2 kB each, which fonts.css uses for digits. */
export const figures = () => ({
  name: "caunoi:figures",
  async buildStart() {
    mkdirSync(OUT, { recursive: true });
    for (const weight of [400, 500, 700]) {
      const source = readFileSync(new URL(`be-vietnam-pro-latin-${weight}-normal.woff2`, FONTS));
      writeFileSync(new URL(`figures-${weight}.woff2`, OUT), await tabular(source));
    }
  },
});
