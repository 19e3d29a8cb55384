import { cookie, memory } from "./dom.js";

// data-choose="theme:dark" | "theme:light" | "theme:" (as the device says) | "density:tight" | "density:".
// The cookie lets the server draw the next page right at once; localStorage keeps it where cookies are cleared.
const root = document.documentElement;
const names = { dark: "caunoi-dark", light: "caunoi" };

const apply = (kind, value) => {
  const shown = kind === "theme" ? names[value] : value;
  if (shown) root.dataset[kind] = shown;
  else delete root.dataset[kind];
  for (const button of document.querySelectorAll(`[data-choose^="${kind}:"]`)) {
    button.setAttribute("aria-pressed", String(button.dataset.choose === `${kind}:${value}`));
  }
  document.dispatchEvent(new CustomEvent("caunoi:look"));
};

const refresh = () => {
  if ("paper" in root.dataset) return; // news that comes while a page is printed
  for (const kind of ["theme", "density"]) apply(kind, memory.get(kind) ?? "");
};

refresh();
document.addEventListener("htmx:load", refresh);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
  document.dispatchEvent(new CustomEvent("caunoi:look")),
);
addEventListener("storage", (event) => {
  if (event.key === "theme" || event.key === "density") apply(event.key, event.newValue ?? "");
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-choose]");
  if (!button) return;
  const [kind, value] = button.dataset.choose.split(":");
  memory.set(kind, value || null);
  cookie(kind, value);
  apply(kind, value);
});

/** The colour of a token as the browser computes it now, for canvases: token("--on-time"); `own`: even where colours are
    forced, as the parts of a bar are told apart by them, unlike the words beside it. */
export const token = (name, own = true) => {
  const probe = document.createElement("i");
  probe.hidden = true;
  if (own) probe.style.forcedColorAdjust = "none"; // a picture keeps its own colours
  document.body.append(probe);
  probe.style.color = `var(${name})`;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.fillStyle = getComputedStyle(probe).color;
  pen.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
  probe.remove();
  return `rgba(${r}, ${g}, ${b}, ${Math.round((a / 255) * 100) / 100})`;
};
