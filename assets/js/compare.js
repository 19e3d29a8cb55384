import { each } from "./dom.js";

// [data-compare]: two pictures and a range input; the range moves the line between before and after.
each("[data-compare]", (frame) => {
  const range = frame.querySelector("input[type=range]");
  const move = () => frame.style.setProperty("--at", `${range.value}%`);
  range.addEventListener("input", move);
  move();
});
