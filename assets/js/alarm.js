// #alarm-pop holds what rings ([data-alarm="7"], desk/_alarms.html). While anything is in it the page sounds, its
// title blinks, and the person is notified outside of the page where they allowed that. Behind a lock the page may not
// ask for what rings: then it goes by what it hears, ids alone.
const pop = document.getElementById("alarm-pop");
const EVERY = 1_000; // ms between two looks of the title
let title = document.title;
const heard = new Set(); // of the stream, and not shown yet
let timer;
let tone;
let turn = 0;
let notification;

const count = () => pop.querySelectorAll("[data-alarm]").length + heard.size;

// A browser lets a page sound whose site somebody has used; else the first press on the page lets it.
const sound = async () => {
  try {
    await tone.play();
    document.body.dataset.alarmSound = "on";
  } catch {
    if (timer) document.body.dataset.alarmSound = "blocked";
  }
  const on = document.body.dataset.alarmSound === "on";
  for (const line of pop.querySelectorAll("[data-alarm-silent]")) line.hidden = on;
};

const blink = () => {
  const urgent = `🔴 ${pop.dataset.title}`;
  if (document.title !== urgent) title = document.title; // another part of the page may have changed it
  turn += 1;
  document.title = turn % 2 ? urgent : title;
};

const notify = () => {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  notification = new Notification(pop.dataset.title, { tag: "caunoi-alarm", requireInteraction: true });
  notification.addEventListener("click", () => window.focus());
};

const look = () => {
  const rings = count() > 0;
  document.body.toggleAttribute("data-alarm-rings", rings);
  if (rings && !timer) {
    blink();
    timer = setInterval(blink, EVERY);
    tone ??= Object.assign(new Audio(pop.dataset.sound), { loop: true });
    sound();
    notify();
  } else if (rings) {
    sound();
  } else if (timer) {
    clearInterval(timer);
    timer = undefined;
    tone.pause();
    document.title = title;
    delete document.body.dataset.alarmSound;
    notification?.close();
  }
};

if (pop) {
  document.body.addEventListener("live:alarm", ({ detail }) => {
    if (!detail?.id) return;
    if (detail.rings) {
      const locked = "locked" in document.documentElement.dataset;
      if (locked && detail.level >= Number(pop.dataset.from)) heard.add(String(detail.id));
    } else {
      heard.delete(String(detail.id));
      pop.querySelector(`[data-alarm="${CSS.escape(String(detail.id))}"]`)?.remove();
    }
    look();
  });
  document.addEventListener("htmx:afterSwap", ({ target }) => {
    if (target !== pop) return;
    heard.clear(); // the server has said what rings with this person
    look();
  });
  for (const sign of ["pointerdown", "keydown"]) {
    document.addEventListener(sign, () => timer && tone.paused && sound(), { capture: true });
  }
  look();
}
