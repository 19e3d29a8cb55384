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
