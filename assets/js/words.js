// What scripts say, translated by the server: <template id="words" data-undo="Hoàn tác" …>.
const source = () => document.getElementById("words")?.dataset ?? {};

/** The translated sentence of that name, with {name} filled in. */
export const word = (name, values = {}) =>
  (source()[name] ?? name).replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);

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
