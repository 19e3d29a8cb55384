// [data-insert="#text" data-into="#textarea" data-cite="code@version"]: puts a text into an answer that is being written.
import { toast } from "./toast.js";
import { word } from "./words.js";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (!button) return;
  const text = document.querySelector(button.dataset.insert)?.textContent.trim() ?? "";
  const area = document.querySelector(button.dataset.into);
  if (!area) {
    navigator.clipboard?.writeText(text);
    toast(word("copied"));
    return;
  }
  area.value = area.value.trim() ? `${area.value.trimEnd()}\n\n${text}` : text;
  const cites = area.form?.querySelector("[name$=cites]");
  if (cites && button.dataset.cite) cites.value = `${cites.value} ${button.dataset.cite}`.trim();
  for (let fold = area.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
  area.scrollIntoView({ block: "center" });
});
