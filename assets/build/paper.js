import { readFileSync } from "node:fs";

const FONTS = new URL("../../node_modules/@expo-google-fonts/tinos/", import.meta.url);
const FACES = ["400Regular", "400Regular_Italic", "700Bold", "700Bold_Italic"];

/** Emits paper/Tinos_*.ttf, the whole faces, for the papers an office signs: metrics of Times New Roman, Vietnamese. */
export const paper = () => ({
  name: "caunoi:paper",
  generateBundle() {
    for (const face of FACES) {
      const file = `Tinos_${face}.ttf`;
      this.emitFile({ type: "asset", fileName: `paper/${file}`, source: readFileSync(new URL(`${face}/${file}`, FONTS)) });
    }
  },
});
