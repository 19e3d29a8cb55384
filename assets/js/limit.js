import { make } from "./dom.js";
import { language, word } from "./words.js";

// A textarea with maxlength: the browser cuts what is pasted in silence; here it is said below the field.
document.addEventListener("paste", (event) => {
  const field = event.target;
  if (!field.matches?.("textarea[maxlength]")) return;
  const pasted = event.clipboardData.getData("text").replace(/\r\n?/g, "\n");
  const room = field.maxLength - field.value.length + (field.selectionEnd - field.selectionStart);
  if (pasted.length <= room) return;
  const count = field.maxLength.toLocaleString(language());
  const said = make("p", { class: "hint", role: "alert" }, word("onlyFirst", { count }));
  field.after(said);
  const gone = (typed) => {
    if (typed.inputType === "insertFromPaste") return;
    said.remove();
    field.removeEventListener("input", gone);
  };
  field.addEventListener("input", gone);
});
