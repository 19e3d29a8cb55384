// [data-print] prints the page; folds are opened for it, as paper cannot be clicked, and light, as it is white.
document.addEventListener("click", (event) => event.target.closest("[data-print]") && print());

const root = document.documentElement;
let opened = [];
let theme;
addEventListener("beforeprint", () => {
  theme = root.dataset.theme;
  root.dataset.theme = "caunoi";
  root.dataset.paper = "";
  opened = [...document.querySelectorAll("main details.fold:not([open], .no-print *)")];
  for (const fold of opened) fold.open = true;
});
addEventListener("afterprint", () => {
  for (const fold of opened) fold.open = false;
  delete root.dataset.paper;
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
});
