// What scripts say, translated by the server: <template id="words" data-say-undo="Hoàn tác" …>.
const source = () => document.getElementById("words")?.dataset ?? {};

/** The translated sentence of that name, with {name} filled in. */
export const word = (name, values = {}) =>
  (source()[`say${name[0].toUpperCase()}${name.slice(1)}`] ?? name).replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);

export const language = () => document.documentElement.lang || "vi";

/** Lower case without Vietnamese marks, for matching only. */
export const fold = (text) =>
  text
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[đð]/g, "d")
    .replace(/\s+/g, " ")
    .trim();
