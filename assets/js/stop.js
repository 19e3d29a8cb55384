// [data-stop] in a form that waits for an answer: who presses it waits no more. Nothing that was typed is touched.
document.addEventListener("click", ({ target }) => {
  const form = target.closest("[data-stop]")?.closest("form");
  if (!form) return;
  form.dispatchEvent(new CustomEvent("htmx:abort", { bubbles: true, detail: { elt: form } }));
  form.querySelector("button:not([data-stop])")?.focus();
});
