import { each } from "./dom.js";
import { word } from "./words.js";

// A textarea with maxlength and an element [data-count-of="<its id>"]: how much room is left, said only near the end.
each("[data-count-of]", (place) => {
  const field = document.getElementById(place.dataset.countOf);
  if (!field?.maxLength || field.maxLength < 0) return;
  const show = () => {
    const left = field.maxLength - field.value.length;
    place.textContent = left < field.maxLength * 0.25 ? word("charactersLeft", { count: left }) : "";
  };
  field.addEventListener("input", show);
  show();
});
