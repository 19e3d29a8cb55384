import { icon, make } from "./dom.js";
import { word } from "./words.js";

// Staff's pages: a form that is sent without a network is not sent, for the browser would leave the page, and with it the
// photos and what the server has not kept yet.
const notes = new WeakMap();

const note = (form, submitter) => {
  const said = make("div", { class: "notice notice-error", role: "alert", "data-unsent": true }, icon("wifi-off"), make("p", {}, word("unsent")));
  const before = form.contains(submitter) ? (submitter.closest(".action-bar") ?? submitter) : null;
  if (before) before.before(said);
  else form.append(said);
  notes.set(form, said);
  said.scrollIntoView({ block: "center" });
};

addEventListener(
  "submit",
  (event) => {
    const { target: form, submitter } = event;
    notes.get(form)?.remove();
    if (navigator.onLine || (submitter?.getAttribute("formmethod") ?? form.method) === "dialog") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    note(form, submitter);
  },
  true,
);
