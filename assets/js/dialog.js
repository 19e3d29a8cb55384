// data-open="#id" opens a <dialog>, data-close closes the one around it; a click beside it closes too.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) {
    event.preventDefault();
    document.querySelector(opener.dataset.open)?.showModal();
    return;
  }
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog")?.close();
  else if (event.target.matches?.("dialog[open]")) event.target.close();
});

// Menus are <details class="menu">: they close by Escape, a click elsewhere, or leaving by Tab; arrows move inside.
// What the menu of places holds back on a phone stands beside its "More…", in the same bar.
const close = (except) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!(menu.closest(".rail") ?? menu).contains(except)) menu.open = false;
  }
};
document.addEventListener("click", (event) => close(event.target));
document.addEventListener("focusin", (event) => close(event.target));
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]") ?? event.target.closest?.(".rail")?.querySelector("details.menu[open]");
  if (!menu) return;
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopPropagation();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const items = [...menu.querySelectorAll(".menu-item")];
  const next = items[(items.indexOf(document.activeElement) + step + items.length) % items.length];
  next?.focus();
  event.preventDefault();
});

// The first thing to read after a failed form is what went wrong.
document.querySelector("[data-focus]")?.focus();
