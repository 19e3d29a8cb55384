// One's own page asks again by itself. A form with words or photos in it that the news would take away stays as it is until
// it is sent; [data-held] says so above it. What live.js puts back does not go behind a fold. It imports nothing, so that no other page loads more for it.
const touched = ({ type, files, checked, defaultChecked, value, defaultValue }) =>
  files?.length || (/checkbox|radio/.test(type) ? checked !== defaultChecked : defaultValue !== undefined && value !== defaultValue);

let active = "";
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!detail.target.matches("[data-follow]")) return;
  const news = new DOMParser().parseFromString(detail.serverResponse, "text/html");
  const written = (form) => !form.matches("[data-sent]") && [...form.elements].some(touched);
  const form = [...detail.target.querySelectorAll("form[id]")].find((one) => written(one) && !news.getElementById(one.id));
  active = document.activeElement?.id;
  if (!form) return;
  detail.shouldSwap = false;
  const held = document.querySelector("[data-held]");
  form.before(held);
  held.hidden = false;
});
document.addEventListener("htmx:afterSwap", ({ target }) => {
  for (const form of target.querySelectorAll("details:not([open]) form")) {
    if ([...form.elements].some(touched)) form.closest("details").open = true;
  }
  if (active) document.getElementById(active)?.focus({ preventScroll: true });
  active = "";
});
