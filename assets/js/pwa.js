import { all, flush } from "./outbox.js";
import { toast } from "./toast.js";
import { word } from "./words.js";

// The installed app: its worker, a new version of it without losing what one writes, what waits to be sent, and the
// button to install it ([data-install], hidden until the browser offers it).
const waiting = async () => {
  const rows = await all().catch(() => []);
  const count = rows.filter((row) => row.state === "waiting").length;
  for (const place of document.querySelectorAll("[data-queued]")) place.textContent = count ? word("queued", { count }) : "";
  return count;
};

// A hotline that is busy tells nobody when it no longer is, nor does a network that only seems to be there.
const SHORTEST = 60_000;
const LONGEST = 16 * SHORTEST; // photos go with every attempt
let pause = SHORTEST;
let timer;

/** Sends what waits, now and when the network comes back, even when the page is gone by then (where browsers can). */
export const send = async () => {
  if (!(await waiting())) return;
  const ready = navigator.serviceWorker?.controller ? await navigator.serviceWorker.ready : null;
  await ready?.sync?.register("outbox").catch(() => {});
  await flush();
  clearTimeout(timer);
  if (await waiting()) {
    timer = setTimeout(send, pause);
    pause = Math.min(2 * pause, LONGEST);
  } else {
    pause = SHORTEST;
  }
  document.dispatchEvent(new CustomEvent("caunoi:outbox"));
};

let wanted = false; // by whoever sits before this window; the others go on as they are
const offer = (worker) => {
  const act = () => {
    if (worker.state !== "installed") return location.reload(); // another window was first
    wanted = true;
    worker.postMessage("now");
  };
  toast(word("newVersion"), { label: word("reload"), act });
};

const start = async () => {
  const before = navigator.serviceWorker.controller;
  const registration = await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" });
  if (registration.waiting && before) offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const fresh = registration.installing;
    fresh?.addEventListener("statechange", () => {
      if (fresh.state === "installed" && navigator.serviceWorker.controller) offer(fresh);
    });
  });
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (!wanted) return;
    wanted = false;
    location.reload(); // forms keep their words (draft.js), reports that wait are in the outbox
  });
};

if ("serviceWorker" in navigator && isSecureContext) {
  addEventListener("load", () => start().catch(() => {}));
}
if (isSecureContext && "indexedDB" in globalThis && navigator.locks) {
  addEventListener("online", send);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
  send();
}

let asked = null;
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  asked = event;
  for (const button of document.querySelectorAll("[data-install]")) button.hidden = false;
});
document.addEventListener("click", async (event) => {
  if (!event.target.closest?.("[data-install]") || !asked) return;
  const offered = asked;
  asked = null; // a browser asks once
  await offered.prompt();
  for (const button of document.querySelectorAll("[data-install]")) button.hidden = true;
});
