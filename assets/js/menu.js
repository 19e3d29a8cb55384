// A menu hangs from its button's end; where the screen ends before, it moves in.
const EDGE = 8;
document.addEventListener("toggle", ({ target }) => {
  const list = target.matches?.("details.menu[open]") && target.querySelector(".menu-list");
  if (!list) return;
  list.style.transform = "";
  const { left, right } = list.getBoundingClientRect();
  const by = left < EDGE ? EDGE - left : Math.min(0, document.documentElement.clientWidth - EDGE - right);
  if (by) list.style.transform = `translateX(${by}px)`;
}, true);
