import { each, memory } from "./dom.js";

// .columns with .column-edge[data-edge="first"|"last"]: dragged, or moved by arrow keys; the width is remembered.
const LEAST = 240;
const MOST = 620;

each(".columns", (columns) => {
  for (const edge of columns.querySelectorAll(".column-edge[data-edge]")) {
    const side = edge.dataset.edge;
    const place = `column:${side}`;
    const sign = side === "first" ? 1 : -1;
    const beside = side === "first" ? edge.previousElementSibling : edge.nextElementSibling;
    const set = (width, keep = true) => {
      const fit = Math.round(Math.max(LEAST, Math.min(MOST, width)));
      columns.style.setProperty(`--${side}`, `${fit}px`);
      edge.setAttribute("aria-valuenow", String(fit));
      if (keep) memory.set(place, String(fit));
    };
    const stored = Number(memory.get(place));
    if (stored) set(stored, false);
    edge.addEventListener("pointerdown", (event) => {
      const from = event.clientX;
      const width = beside.offsetWidth;
      edge.setPointerCapture(event.pointerId);
      edge.classList.add("dragging");
      const move = (moved) => set(width + sign * (moved.clientX - from));
      edge.addEventListener("pointermove", move);
      edge.addEventListener(
        "lostpointercapture",
        () => {
          edge.classList.remove("dragging");
          edge.removeEventListener("pointermove", move);
        },
        { once: true },
      );
    });
    edge.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
      if (!step) return;
      event.preventDefault();
      set(beside.offsetWidth + sign * step);
    });
  }
});
