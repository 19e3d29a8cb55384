import { readFileSync } from "node:fs";

import { JSDOM, VirtualConsole } from "jsdom";
import { afterEach, expect, vi } from "vitest";
import { populateGlobal } from "vitest/runtime";

const TEMPLATES = new URL("../../caunoi/web/templates/", import.meta.url);
const SENTENCE = /data-say-([\w-]+)="\{% (?:translate "(.+?)" %\}|blocktranslate trimmed %\}\s*(.+?)\s*\{% endblocktranslate %\})"/gs;
/** What scripts say, in English, as components/words.html has it. */
const WORDS = [...readFileSync(new URL("components/words.html", TEMPLATES), "utf8").matchAll(SENTENCE)]
  .map(([, name, line, lines]) => `data-say-${name}='${(line ?? lines.replace(/\s+/g, " ")).replaceAll("'", "&#39;")}'`)
  .join(" ");
const NOW = "2026-11-28T09:41:00+07:00";
/** Node's own, which a database can hold and a request can carry, unlike jsdom's. */
export const native = { Blob, File, FormData };
const CLOCK = ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"];

/** What jsdom lacks of a browser; what is hidden or folded away has no place on the page. */
const furnish = ({ Element, HTMLCanvasElement, HTMLDialogElement, HTMLElement, HTMLInputElement, XPathExpression }) => {
  const AWAY = "[hidden], details:not([open]) > :not(summary), dialog:not([open])";
  Element.prototype.getClientRects = function () {
    return this.closest(AWAY) ? [] : [{}];
  };
  Element.prototype.scrollIntoView = Element.prototype.scrollTo = () => {};
  HTMLElement.prototype.setPointerCapture = () => {};
  Object.assign(HTMLElement.prototype, { popover: null, showPopover() {}, hidePopover() {} });
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
  };
  const files = new WeakMap();
  Object.defineProperty(HTMLInputElement.prototype, "files", {
    get() {
      return this.type === "file" ? (files.get(this) ?? []) : null;
    },
    set(chosen) {
      files.set(this, chosen);
    },
  });
  const { evaluate } = XPathExpression.prototype;
  XPathExpression.prototype.evaluate = function (node, type = 0, result = null) {
    return evaluate.call(this, node, type, result);
  };
  HTMLCanvasElement.prototype.getContext = function () {
    return (this.pen ??= brush());
  };
};

/** A canvas's context that draws nothing and remembers what it was asked: {calls: [[name, …arguments]]}. */
const brush = () => {
  const calls = [];
  const known = { calls, getImageData: () => ({ data: [0, 0, 0, 255], calls }), measureText: (text) => ({ width: text.length * 8 }) };
  const get = (_, name) => known[name] ?? ((...given) => calls.push([name, ...given]));
  const set = (_, name, value) => {
    known[name] = value;
    calls.push([name, value]);
    return true;
  };
  return new Proxy(known, { get, set });
};

/** The files that a script puts into a field. */
class Chosen {
  files = [];
  items = { add: (file) => this.files.push(file) };
}

/** What windows of one browser tell each other. */
class Channel {
  static open = [];
  heard = new Set();
  constructor(name) {
    this.name = name;
    Channel.open.push(this);
  }
  addEventListener(_, hear) {
    this.heard.add(hear);
  }
  removeEventListener(_, hear) {
    this.heard.delete(hear);
  }
  close() {
    Channel.open = Channel.open.filter((other) => other !== this);
  }
  postMessage(data) {
    const others = Channel.open.filter((other) => other !== this && other.name === this.name);
    setTimeout(() => others.forEach(({ heard }) => heard.forEach((hear) => hear({ data }))), 1);
  }
}

let close = () => {};
let failures = [];
afterEach(() => {
  close();
  expect(failures.splice(0)).toEqual([]);
});
/** A browser's console, to which a script's own failures go: no test may have any. */
const listening = () => {
  const virtualConsole = new VirtualConsole();
  virtualConsole.on("jsdomError", (error) => error.type === "unhandled-exception" && failures.push(error.cause ?? error));
  return virtualConsole;
};

/** Opens a page in a browser of its own and runs these scripts in it; gives what they export. `before` acts between the
 *  two (what yesterday left in the browser). Time stands still until a test lets it pass; no address answers. */
export const open = async (body, scripts, { url = "https://1022.example.vn/", html = "", attributes = "", before } = {}) => {
  close();
  vi.useFakeTimers({ now: new Date(NOW), toFake: CLOCK });
  const page = `<!doctype html><html lang="en" data-icons="/icons.svg" data-csrf="token" ${html}><body ${attributes}>
    ${body}<div id="toasts"></div><template id="words" ${WORDS}></template></body></html>`;
  const { window } = new JSDOM(page, { url, pretendToBeVisual: true, virtualConsole: listening() });
  furnish(window);
  const { keys, originals } = populateGlobal(globalThis, window, {
    bindFunctions: true,
    additionalKeys: ["AbortController", "AbortSignal"],
  });
  Channel.open = [];
  const stubs = {
    location: Object.assign(new URL(url), { assign: vi.fn(), replace: vi.fn(), reload: vi.fn() }),
    fetch: vi.fn().mockRejectedValue(new TypeError("no network")),
    matchMedia: () => new EventTarget(),
    scrollTo: vi.fn(),
    CSS: { escape: (text) => text.replace(/[^\w-]/g, "\\$&") },
    BroadcastChannel: Channel,
    DataTransfer: Chosen,
  };
  for (const [name, value] of Object.entries(stubs)) vi.stubGlobal(name, value);
  Object.assign(URL, { createObjectURL: ({ name }) => `blob:${name}`, revokeObjectURL: () => {} });
  close = () => {
    close = () => {};
    vi.useRealTimers();
    vi.unstubAllGlobals();
    window.close();
    for (const key of keys) delete globalThis[key];
    for (const [key, value] of originals) globalThis[key] = value;
  };
  await before?.();
  vi.resetModules();
  const exported = {};
  for (const name of [scripts].flat()) Object.assign(exported, await import(`../../assets/js/${name}.js`));
  return exported;
};

export const $ = (selector) => document.querySelector(selector);
export const $$ = (selector) => [...document.querySelectorAll(selector)];
/** The words that an element shows, or its nothing. */
export const words = (selector) => $(selector)?.textContent.replace(/\s+/g, " ").trim();
export const passes = (milliseconds) => vi.advanceTimersByTimeAsync(milliseconds);
/** What was promised has happened. */
export const settled = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((done) => setImmediate(done));
};
export const answers = (status, body = {}) => fetch.mockImplementation(async () => new Response(JSON.stringify(body), { status }));
/** The bodies of what was posted, read. */
export const posted = () => fetch.mock.calls.map(([, { body }]) => JSON.parse(body));

export const fire = (target, name, detail) => {
  const event = new CustomEvent(name, { bubbles: true, cancelable: true, detail });
  target.dispatchEvent(event);
  return event;
};
/** Types into a field as a person does: the caret is there, the words change, the page hears of it. */
export const type = (selector, value) => {
  const field = $(selector);
  field.focus();
  field.value = value;
  fire(field, "input");
};
export const press = (key, more = {}, target = document.activeElement) => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event;
};
/** Sends a form; false when a script kept it back. */
export const submit = (selector, submitter = null) =>
  $(selector).dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true, submitter }));
export const network = (on) => {
  vi.spyOn(navigator, "onLine", "get").mockReturnValue(on);
  window.dispatchEvent(new Event(on ? "online" : "offline"));
};

/** What a map of maplibre-gl does, as far as layers and images go; `heard` holds what listens, by event and layer. */
export const drawnMap = (more) => {
  const heard = {};
  const images = new Map();
  return {
    heard,
    images,
    hasImage: (name) => images.has(name),
    addImage: (name) => images.set(name, 1),
    updateImage: (name) => images.set(name, images.get(name) + 1),
    addSource: vi.fn(),
    addLayer: vi.fn(),
    getLayer: () => true,
    setPaintProperty: vi.fn(),
    easeTo: vi.fn(),
    on: (event, layer, act = layer) => (heard[typeof layer === "string" ? `${event} ${layer}` : event] = act),
    ...more,
  };
};

/** A pop-up of maplibre-gl, whose card stands on the page. */
export class Popup {
  setLngLat() {
    return this;
  }
  setDOMContent(card) {
    document.body.append(card);
    return this;
  }
  addTo() {}
}
