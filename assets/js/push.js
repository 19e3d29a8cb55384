import { memory } from "./dom.js";
import { word } from "./words.js";

// [data-push="/f/…/push"]: tell this device what happens to the ticket. Shown where the browser can do it.
// A browser has one way for all its tickets: when our key has changed, it gets a new one, and says which it had.
const BEFORE = "push-before";
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const isOther = (subscription, key) => {
  const own = subscription.options?.applicationServerKey;
  return Boolean(own) && String(new Uint8Array(own)) !== String(key);
};

export const start = async (place) => {
  if (!("serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis) || !isSecureContext) return;
  const address = place.dataset.push;
  const name = `push:${address}`;
  const button = place.querySelector("button");
  const said = place.querySelector("[role=status]");
  const draw = (on) => {
    button.setAttribute("aria-pressed", String(on));
    memory.set(name, on ? "1" : null);
  };
  place.hidden = false;
  draw(memory.get(name) === "1" && Notification.permission === "granted");

  const tell = async (subscription, off) => {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...subscription.toJSON(), off, before: memory.get(BEFORE) ?? undefined }),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    if (!off) memory.set(BEFORE, null);
  };

  button.addEventListener("click", async () => {
    const on = button.getAttribute("aria-pressed") === "true";
    button.disabled = true;
    try {
      const worker = await navigator.serviceWorker.ready;
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
        memory.set(BEFORE, subscription.endpoint);
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
};
