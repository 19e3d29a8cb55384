import { channel, listen, LOCK, show } from "./phone-face.js";

// [data-phone-strip]: the browser phone as the other tabs show it. The tab that has it says what happens; whether there
// is one still, its lock says, since a tab that crashed says nothing.
const LOOK = 3_000;

export const start = (place) => {
  const line = channel();
  const draw = (now) => show(place, now);
  line.addEventListener("message", ({ data }) => {
    if (!place.isConnected) return line.close();
    if (data.kind === "state") draw(data.now);
  });
  listen(place, (act, value) => line.postMessage({ kind: "do", act, value }));
  const look = async () => {
    if (!place.isConnected) return clearInterval(timer);
    const { held } = await navigator.locks.query();
    if (!held.some(({ name }) => name === LOCK)) draw({ state: "off" });
  };
  const timer = setInterval(look, LOOK);
  draw({ state: "off" });
  line.postMessage({ kind: "who" });
};
