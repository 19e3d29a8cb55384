// [data-ticks="name"]: what is ticked inside it stays on this device.
import { each, memory } from "./dom.js";

each("[data-ticks]", (list) => {
  const key = `ticks:${list.dataset.ticks}`;
  const boxes = [...list.querySelectorAll("[data-tick]")];
  const kept = (memory.get(key) ?? "").split(" ");
  for (const box of boxes) box.checked ||= kept.includes(box.dataset.tick);
  list.addEventListener("change", () => {
    const ticked = boxes.filter((box) => box.checked).map((box) => box.dataset.tick);
    memory.set(key, ticked.join(" ") || null);
  });
});
