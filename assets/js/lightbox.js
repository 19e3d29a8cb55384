import { icon, make } from "./dom.js";
import { word } from "./words.js";

// Every <a class="photo" href="big" data-caption="…"> in one [data-gallery] opens here; arrows and swipes turn pages.
let box;
let pages = [];
let at = 0;

const show = (index) => {
  at = (index + pages.length) % pages.length;
  const page = pages[at];
  const image = box.querySelector("img");
  image.src = page.href;
  image.alt = page.querySelector("img")?.alt ?? "";
  box.querySelector("[data-at]").textContent = word("photoOf", { number: at + 1, count: pages.length });
  box.querySelector("[data-caption-shown]").textContent = page.dataset.caption ?? "";
  for (const turn of box.querySelectorAll("[data-turn]")) turn.hidden = pages.length < 2;
};

const build = () => {
  const button = (name, symbol, act, data) => {
    const made = make("button", { class: "btn btn-icon", type: "button", "aria-label": name, [data]: "" });
    made.append(icon(symbol));
    made.addEventListener("click", act);
    return made;
  };
  box = make(
    "dialog",
    { class: "lightbox", "aria-label": word("photos") },
    make(
      "div",
      { class: "lightbox-stage" },
      make(
        "div",
        { class: "lightbox-bar" },
        make("span", { "data-at": "", "aria-live": "polite" }),
        button(word("close"), "x", () => box.close(), "data-x"),
      ),
      make("img", { alt: "" }),
      make(
        "div",
        { class: "lightbox-bar" },
        button(word("previousPhoto"), "chevron-left", () => show(at - 1), "data-turn"),
        make("span", { "data-caption-shown": "" }),
        button(word("nextPhoto"), "chevron-right", () => show(at + 1), "data-turn"),
      ),
    ),
  );
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") show(at - 1);
    if (event.key === "ArrowRight") show(at + 1);
  });
  let from;
  box.addEventListener("touchstart", (event) => (from = event.touches[0].clientX), { passive: true });
  box.addEventListener("touchend", (event) => {
    const moved = event.changedTouches[0].clientX - from;
    if (Math.abs(moved) > 48) show(at + (moved < 0 ? 1 : -1));
  });
  document.body.append(box);
};

document.addEventListener("click", (event) => {
  const photo = event.target.closest("a.photo");
  if (!photo || event.ctrlKey || event.metaKey || event.button) return;
  event.preventDefault();
  if (!box) build();
  pages = [...(photo.closest("[data-gallery]") ?? photo.parentElement).querySelectorAll("a.photo")];
  box.showModal();
  show(pages.indexOf(photo));
});
