// [data-say="summary text"] beside a call: what to say to whoever is called in. It shows what stands in the first of
// these fields of the report that is being written, while it is written.
const say = () => {
  const form = document.querySelector("form [name=address]")?.form;
  if (!form) return;
  for (const place of document.querySelectorAll("[data-say]")) {
    const written = place.dataset.say.split(" ").map((name) => form.elements[name]?.value?.trim()).find(Boolean);
    if (written) place.textContent = written;
  }
};
for (const event of ["input", "change", "htmx:afterSettle"]) document.addEventListener(event, say);
say();
