// [data-print] prints the page; folds are opened for it, as paper cannot be clicked.
document.addEventListener("click", (event) => event.target.closest("[data-print]") && print());

let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("main details.fold:not([open], .no-print *)")];
  for (const fold of opened) fold.open = true;
});
addEventListener("afterprint", () => {
  for (const fold of opened) fold.open = false;
});
