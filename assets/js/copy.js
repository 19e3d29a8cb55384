// [data-copy="#field"] copies what stands in the field; [data-copied] says so. [data-select] is selected by a click.
document.addEventListener("click", (event) => {
  event.target.closest("[data-select]")?.select();
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.querySelector(button.dataset.copy);
  field.select();
  navigator.clipboard?.writeText(field.value);
  const words = button.lastChild;
  if (words.textContent === button.dataset.copied) return; // it says so already
  const before = words.textContent;
  words.textContent = button.dataset.copied;
  setTimeout(() => (words.textContent = before), 2000);
});
