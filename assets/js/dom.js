/** An SVG from the sprite that the page already uses. */
export const icon = (name, kind = "") => {
  const sprite = document.documentElement.dataset.icons;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", `icon ${kind}`.trim());
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
};

/** make("a", {class: "btn", href: "/"}, "text", node…); false and null attributes are left out. */
export const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
};

/** Calls `start` once for each element that matches, now and after every swap of htmx. */
export const each = (selector, start) => {
  const begun = new WeakSet();
  const look = (root) => {
    const found = [...root.querySelectorAll(selector)];
    if (root.matches?.(selector)) found.unshift(root);
    for (const element of found) {
      if (begun.has(element)) continue;
      begun.add(element);
      start(element);
    }
  };
  look(document);
  document.addEventListener("htmx:load", (event) => look(event.detail.elt));
};

/** True while a key belongs to a text that someone is writing. */
export const writing = (target) =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=range])"));

/** Whether a part of the page asks by itself: after what others did, or at a time (of `every` and `load` htmx names no
 *  event). */
export const isPassive = (cause) => !cause || cause.type.startsWith("live:");

/** Where one signs in again, whose session is over, and comes back to the page. */
export const signInAgain = (page = location.pathname + location.search) => `/login?over=1&next=${encodeURIComponent(page)}`;

export const cookie = (name, value) => {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${name}=${value}; path=/; max-age=${value ? 31536000 : 0}; samesite=lax${secure}`;
};

/** localStorage that never throws (private windows, full disks). */
export const memory = {
  get(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      if (value == null) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
      return true;
    } catch {
      return false;
    }
  },
};
