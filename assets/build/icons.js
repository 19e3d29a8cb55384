import { readFileSync } from "node:fs";

const SOURCE = new URL("../../node_modules/lucide-static/icons/", import.meta.url);
const LIST = new URL("../icons.txt", import.meta.url);
const FAVICON = new URL("../favicon.svg", import.meta.url);
const OWN = new URL("../own-icons.svg", import.meta.url);

/** The drawing inside an icon file, without its frame. */
const drawing = (name) =>
  readFileSync(new URL(`${name}.svg`, SOURCE), "utf8")
    .replace(/<!--.*?-->/gs, "")
    .replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, "")
    .replace(/\s*\n\s*/g, "")
    .replaceAll(" />", "/>");

/** One SVG sprite of the icons named in assets/icons.txt, which take their pen from `.icon` in base.css, and of our own, which say
 * how they are drawn; the manifest knows it as assets/icons.svg; and the page's own icon. */
export const icons = () => ({
  name: "caunoi:icons",
  buildStart() {
    this.addWatchFile(LIST.pathname);
    this.addWatchFile(OWN.pathname);
    const names = readFileSync(LIST, "utf8").split(/\s+/).filter(Boolean);
    const symbols = names.map(
      (name) =>
        `<symbol id="${name}" viewBox="0 0 24 24">${drawing(name)}</symbol>`,
    );
    const own = readFileSync(OWN, "utf8").replace(/<svg[^>]*>|<\/svg>|\n\s*/g, "");
    this.emitFile({
      type: "asset",
      name: "icons.svg",
      originalFileName: "assets/icons.svg",
      source: `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}${own}</svg>`,
    });
    this.emitFile({
      type: "asset",
      name: "favicon.svg",
      originalFileName: "assets/favicon.svg",
      source: readFileSync(FAVICON, "utf8"),
    });
  },
});
