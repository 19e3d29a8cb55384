import { memory } from "./dom.js";
import { word } from "./words.js";

// [data-push="/f/…/push"]: tell this device what happens to the ticket. Shown where the browser can do it.
// A browser has one way for all its tickets: when our key has changed, it gets a new one, and says which it had.
// [data-push-worker="/desk/…/worker.js"]: the staff's, by a worker and a way of its own; whose it is the server knows.
const BEFORE = "push-before";
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const isOther = (subscription, key) => {
  const own = subscription.options?.applicationServerKey;
  return Boolean(own) && String(new Uint8Array(own)) !== String(key);
};

const active = (registration) => {
  const next = registration.installing ?? registration.waiting;
  if (registration.active || !next) return registration;
  return new Promise((resolve) => {
    next.addEventListener("statechange", () => next.state === "activated" && resolve(registration));
  });
};

const workerOf = async ({ pushWorker: own }) =>
  own ? active(await navigator.serviceWorker.register(own, { updateViaCache: "none" })) : navigator.serviceWorker.ready;

export const start = async (place) => {
  if (!("serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis) || !isSecureContext) return;
  const address = place.dataset.push;
  const name = `push:${address}`;
  const before = place.dataset.pushWorker ? `${BEFORE}:staff` : BEFORE;
  const button = place.querySelector("button");
  const said = place.querySelector("[role=status]");
  const draw = (on) => {
    button.setAttribute("aria-pressed", String(on));
    memory.set(name, on ? "1" : null);
  };
  place.hidden = false;
  draw(memory.get(name) === "1" && Notification.permission === "granted");

  const send = async (body) => {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": document.documentElement.dataset.csrf ?? "" };
    const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };
  const tell = async (subscription, off) => {
    await send({ ...subscription.toJSON(), off, before: memory.get(before) ?? undefined });
    if (!off) memory.set(before, null);
  };

  button.addEventListener("click", async () => {
    const on = button.getAttribute("aria-pressed") === "true";
    button.disabled = true;
    try {
      const worker = await workerOf(place.dataset);
      if (on) {
        const subscription = await worker.pushManager.getSubscription();
        if (subscription) await tell(subscription, true);
        draw(false);
        said.textContent = word("pushOff");
        return;
      }
      if ((await Notification.requestPermission()) !== "granted") {
        said.textContent = word("pushDenied");
        return;
      }
      const key = bytes((await (await fetch(address)).json()).key);
      let subscription = await worker.pushManager.getSubscription();
      if (subscription && isOther(subscription, key)) {
        memory.set(before, subscription.endpoint);
        await subscription.unsubscribe();
        subscription = null;
      }
      subscription ??= await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
      await tell(subscription, false);
      draw(true);
      said.textContent = word("pushOn");
    } catch {
      said.textContent = word("failed");
    } finally {
      button.disabled = false;
    }
  });

  if (place.dataset.pushWorker && Notification.permission === "granted") {
    try {
      const subscription = await (await workerOf(place.dataset)).pushManager.getSubscription();
      draw(Boolean(subscription) && (await send({ endpoint: subscription.endpoint, asks: true })).on);
    } catch {
      draw(false); // rather off than wrongly on
    }
  }
};
