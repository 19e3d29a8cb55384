// [data-elapsed="75"]: a clock of so many seconds when the page came, which goes on by itself. The browser's own clock
// may be wrong, so only what has passed since is added.
const begun = new WeakMap();

const clock = (seconds) => {
  const [hours, minutes, rest] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor);
  const two = (n) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
};

const tick = () => {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[data-elapsed]")) {
    if (!begun.has(element)) begun.set(element, performance.now());
    const passed = (performance.now() - begun.get(element)) / 1000;
    element.textContent = clock(Math.floor(Number(element.dataset.elapsed) + passed));
  }
};

tick();
document.addEventListener("htmx:afterSettle", tick);
setInterval(tick, 1_000);
