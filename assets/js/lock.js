import { make, signInAgain } from "./dom.js";
import { word } from "./words.js";

// <body data-idle="15" data-user="7">: when the person has done nothing in any window of this browser for so many minutes,
// the page lays a lock over itself and the server locks the session. What was typed stays behind it: signing in again, in
// a small window, takes the lock away. What a page does by itself, as the live stream, keeps nobody signed in.
const { idle, user } = document.body.dataset;
const SIGNS = ["pointerdown", "keydown", "wheel", "touchstart"]; // a page scrolls by itself too
const CHECK = 5_000; // ms between two looks at the clock
const TELL = 5_000; // ms between two words to the other windows
const SAY = 60_000; // ms between two words to the server
const BACK = "/sessions/unlocked";
const windows = new BroadcastChannel("caunoi-lock");
let last = Date.now(); // when somebody last did something, here or in another window
let told = 0;
let said = Date.now(); // the page itself was asked for
let lock;

// Whoever has signed in anew in another window has a new one.
const token = () => document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/)?.[1] ?? document.documentElement.dataset.csrf ?? "";
const post = (address) => fetch(address, { method: "POST", keepalive: true, headers: { "X-CSRFToken": token() } }).catch(() => null);

const done = () => {
  if (lock) return;
  last = Date.now();
  if (last - told > TELL) {
    told = last;
    windows.postMessage({ active: last, user });
  }
  if (last - said > SAY) {
    said = last;
    post("/sessions/here");
  }
};

const away = () => location.assign(signInAgain());

const signIn = () => {
  if (!open(signInAgain(BACK), "caunoi-sign-in", "popup,width=480,height=760")) away();
};

const draw = () => {
  const button = make("button", { class: "btn btn-primary", type: "button" }, word("lockOpen"));
  button.addEventListener("click", signIn);
  const box = make("dialog", { class: "dialog lock", "aria-labelledby": "lock-title", "data-lock": true });
  box.append(make("h2", { id: "lock-title" }, word("lockTitle")), make("p", {}, word("lockWhy")), button);
  box.addEventListener("cancel", (event) => event.preventDefault());
  box.addEventListener("click", (event) => event.stopPropagation()); // a click beside it closes other dialogs
  box.addEventListener("keydown", (event) => event.stopPropagation()); // no shortcut of the page beneath
  return box;
};

const shut = () => {
  if (lock) return;
  lock = draw();
  document.documentElement.dataset.locked = "";
  document.body.append(lock);
  lock.showModal();
  post("/sessions/lock");
};

const unlock = () => {
  if (!lock) return;
  lock.remove();
  lock = undefined;
  last = said = Date.now();
  delete document.documentElement.dataset.locked;
  document.documentElement.dataset.csrf = token();
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token();
  document.body.dispatchEvent(new CustomEvent("live:resume"));
};

const look = () => {
  if (!lock && Date.now() - last >= Number(idle) * 60_000) shut();
};

windows.addEventListener("message", ({ data }) => {
  if (data.unlocked === user) unlock();
  else if (data.unlocked) location.reload(); // somebody else sits here now
  else if (data.user === user && data.active > last && !lock) last = data.active;
});

if (Number(idle)) {
  for (const sign of SIGNS) addEventListener(sign, done, { capture: true, passive: true });
  // What moves beneath a pointer that rests makes it "move" too.
  let place = "";
  addEventListener("pointermove", ({ screenX, screenY }) => {
    if (place && place !== `${screenX} ${screenY}`) done();
    place = `${screenX} ${screenY}`;
  });
  setInterval(look, CHECK);
  document.addEventListener("visibilitychange", look); // a machine that slept
  // Parts that ask for themselves would be sent to sign in.
  document.addEventListener("htmx:beforeRequest", (event) => lock && event.preventDefault());
}

if (document.querySelector("[data-unlocked]")) {
  windows.postMessage({ unlocked: user });
  if (window.name === "caunoi-sign-in") setTimeout(() => close(), 300);
}
