// What the phone's own page and every other tab show of it: [data-when="ringing talking"] is there in these states,
// [data-do="answer"] does something, [data-fact="caller"] says what is known. They speak by one channel.
export const LOCK = "caunoi-phone";
export const channel = () => new BroadcastChannel(LOCK);

const PRESSED = { mute: "muted", hold: "held" };

export const show = (place, now) => {
  for (const element of place.querySelectorAll("[data-when]")) {
    element.hidden = !element.dataset.when.split(" ").includes(now.state);
  }
  for (const element of place.querySelectorAll("[data-only]")) element.hidden = !now[element.dataset.only];
  for (const element of place.querySelectorAll("[data-fact]")) element.textContent = now[element.dataset.fact] ?? "";
  for (const [act, fact] of Object.entries(PRESSED)) {
    place.querySelector(`[data-do="${act}"]`)?.setAttribute("aria-pressed", String(Boolean(now[fact])));
  }
};

/** Calls `act(name, value)` for every button that is pressed in it. */
export const listen = (place, act) => {
  place.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-do]");
    if (button) act(button.dataset.do, button.value);
  });
};
