import htmx from "htmx.org";

import { isPassive } from "./dom.js";

// The queue beside a ticket stays where it is while tickets are opened from it; which one is open is told by the address.
// J opens the next line, K the one before; after the last line J leads to the next page of the list.
const mark = () => {
  const links = [...document.querySelectorAll("#queue-list .items > li > a.item-link")];
  const at = links.findIndex((link) => link.pathname === location.pathname);
  for (const [index, link] of links.entries()) {
    if (index === at) link.parentElement.setAttribute("aria-current", "true");
    else link.parentElement.removeAttribute("aria-current");
    const key = index === at + 1 ? "j" : index === at - 1 ? "k" : "";
    if (key) Object.assign(link.dataset, { key, keyLabel: link.closest("#queue-list").dataset[key] });
    else delete link.dataset.key;
  }
  const more = document.querySelector("#queue-list a[rel=next]");
  if (more && at >= 0 && at === links.length - 1) Object.assign(more.dataset, { key: "j", keyLabel: more.closest("#queue-list").dataset.j });
  else delete more?.dataset.key;
  links[at]?.scrollIntoView({ block: "nearest" });
};

for (const event of ["htmx:load", "htmx:afterSettle", "htmx:pushedIntoHistory", "htmx:historyRestore"]) {
  document.addEventListener(event, mark);
}
mark();

// On a phone the ticket takes the place of the list: from its beginning.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt.id === "ticket" && event.detail.boosted && getComputedStyle(event.detail.elt).display === "block") scrollTo(0, 0);
});

// What others do moves no line of a list that is in use: pointed at, typed into, scrolled, or read from. Lines that stay
// are drawn anew where they are, those that went are faint, and what came in is counted by a button that shows it.
const lines = (root) => new Map([...root.querySelectorAll(".items > li")].map((line) => [line.querySelector("a.item-link").pathname, line]));
const isInUse = (list) => list.matches(":hover, :focus-within") || list.scrollTop > 0 || list.querySelector(".items > [aria-current]") !== null;

const redraw = (line, fresh) => {
  line.removeAttribute("data-gone");
  if (line.textContent === fresh.textContent) return; // what is being pressed stays
  const focused = line.contains(document.activeElement);
  line.replaceChildren(...fresh.childNodes);
  htmx.process(line);
  if (focused) line.querySelector("a.item-link").focus({ preventScroll: true });
};

const leave = (list, line) => {
  if (line.hasAttribute("data-gone")) return;
  line.setAttribute("data-gone", "");
  const note = document.createElement("span");
  note.className = "sr-only";
  note.textContent = list.dataset.gone;
  line.querySelector(".item-meta").append(note);
};

document.addEventListener(
  "htmx:beforeSwap",
  (event) => {
    const { target, requestConfig, serverResponse } = event.detail;
    if (target?.id !== "queue-list" || !isPassive(requestConfig?.triggeringEvent) || !isInUse(target)) return;
    const fresh = new DOMParser().parseFromString(serverResponse, "text/html").getElementById("queue-list");
    const shown = lines(target);
    if (!fresh || !shown.size) return;
    event.detail.shouldSwap = false;
    let arrived = 0;
    for (const [path, line] of lines(fresh)) {
      if (shown.has(path)) redraw(shown.get(path), line);
      else arrived += 1;
      shown.delete(path);
    }
    for (const line of shown.values()) leave(target, line);
    const tabs = fresh.querySelector(".tabs");
    target.querySelector(".tabs")?.replaceChildren(...(tabs?.childNodes ?? []));
    const button = target.querySelector("[data-arrivals]");
    button.hidden = arrived === 0;
    button.textContent = button.dataset.arrivals.replace("{count}", arrived);
    mark();
  },
  true, // before live.js, which keeps what a swap would take
);
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-arrivals]")) htmx.trigger("#queue-list", "arrivals");
});
