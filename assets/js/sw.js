// The service worker: the page for writing without a network and what it needs, sending what waits, and messages.
// It answers no page from memory but that one, and never looks at what belongs to staff or to one person.
import { flush } from "./outbox.js";
import { show } from "./pushed.js";

const { version, files } = self.caunoi; // written before this program by the server
const CACHE = `caunoi-${version}`;
const PAGE = "/app";
const LANGUAGES = ["vi", "en"];
const OURS = /^\/(?:(?:accessibility|agencies|app|channels|f|helpers|j|k|log|lookup|near|p|privacy|r|register|report|s|tthc|widget)(?:\/|$)|$)/;

const named = (language) => `${PAGE}?language=${language}`;

/** The language that was chosen on our pages, else the browser's, as the server decides it. */
const language = async () => {
  const chosen = await self.cookieStore?.get("language").catch(() => null);
  return LANGUAGES.find((one) => (chosen?.value ?? navigator.language).startsWith(one)) ?? LANGUAGES[0];
};

const fill = async () => {
  const cache = await caches.open(CACHE);
  await cache.addAll(files.map((file) => new Request(file, { credentials: "omit" })));
  for (const one of LANGUAGES) {
    const headers = { "Accept-Language": one };
    await cache.put(named(one), await fetch(PAGE, { credentials: "omit", cache: "reload", headers }));
  }
};

self.addEventListener("install", (event) => event.waitUntil(fill()));

self.addEventListener("activate", (event) =>
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith("caunoi-") && name !== CACHE) await caches.delete(name);
      await self.clients.claim();
    })(),
  ),
);

// A step back to what a form was answered, which no worker may fetch again: its page, as it is now.
const asked = (request) => (request.cache === "only-if-cached" ? new Request(request.url, { redirect: "manual" }) : request);

const page = async (request) => {
  try {
    return await fetch(asked(request));
  } catch (error) {
    const kept = await (await caches.open(CACHE)).match(named(await language()));
    if (kept) return kept;
    throw error;
  }
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (OURS.test(address.pathname)) event.respondWith(page(request));
  } else if (request.method === "GET" && files.includes(address.pathname)) {
    event.respondWith(caches.open(CACHE).then(async (cache) => (await cache.match(address.pathname)) ?? fetch(request)));
  }
});

self.addEventListener("sync", (event) => {
  if (event.tag === "outbox") {
    event.waitUntil(
      flush().then((done) => {
        if (!done) throw new Error("still waiting"); // the browser tries again
      }),
    );
  }
});

self.addEventListener("message", (event) => {
  if (event.data === "now") self.skipWaiting();
});

show();
