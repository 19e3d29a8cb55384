import { each, memory } from "./dom.js";

// .columns with .column-edge[data-edge="first"|"last"]: dragged, or moved by arrow keys; the width is remembered.
const LEAST = 240;
const MOST = 620;

each(".columns .column-edge[data-edge]", (edge) => {
  const columns = edge.closest(".columns");
  const side = edge.dataset.edge;
  const place = `column:${side}`;
  const sign = side === "first" ? 1 : -1;
  const beside = () => (side === "first" ? edge.previousElementSibling : edge.nextElementSibling);
  const show = (width) => edge.setAttribute("aria-valuenow", String(width));
  const set = (width) => {
    const fit = Math.round(Math.max(LEAST, Math.min(MOST, width)));
    columns.style.setProperty(`--${side}`, `${fit}px`);
    memory.set(place, String(fit));
    show(fit);
  };

  edge.setAttribute("aria-valuemin", LEAST);
  edge.setAttribute("aria-valuemax", MOST);
  const stored = Number(memory.get(place));
  if (stored) columns.style.setProperty(`--${side}`, `${stored}px`);
  show(stored || beside().offsetWidth);

  edge.addEventListener("pointerdown", (event) => {
    const from = event.clientX;
    const width = beside().offsetWidth;
    edge.setPointerCapture(event.pointerId);
    edge.classList.add("dragging");
    const move = (moved) => set(width + sign * (moved.clientX - from));
    const end = () => {
      edge.classList.remove("dragging");
      edge.removeEventListener("pointermove", move);
    };
    edge.addEventListener("pointermove", move);
    edge.addEventListener("lostpointercapture", end, { once: true });
  });
  edge.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
    if (!step) return;
    event.preventDefault();
    set(beside().offsetWidth + sign * step);
  });
});
