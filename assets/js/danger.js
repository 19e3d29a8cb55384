// What is typed speaks of danger to life (lib/messages/danger.py, the same patterns): a call button at once, and on a page that
// sends without a further step, first the question whether to go on. A box is about the words of its form.
const tables = JSON.parse(document.getElementById("danger-words")?.textContent ?? "null");

const words = (typed) => ` ${typed.normalize("NFC").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim()} `;
const plain = (said) => said.replaceAll("đ", "d").normalize("NFD").replace(/\p{M}/gu, "");
const unmarked = (said) => {
  const every = said.split(" ").filter(Boolean);
  return every.filter((word) => /[^\x00-\x7f]/.test(word)).length * 6 < every.length;
};

const number = (typed) => {
  const said = words(typed);
  const bare = unmarked(said);
  const rows = tables.map(([code, phrases, marked]) => {
    const source = bare ? plain(phrases) : [phrases, marked].filter(Boolean).join("|");
    return [code, new RegExp(` (?:${source})(?= )`, "gu")];
  });
  const rest = (bare ? plain(said) : said).replace(rows.at(-1)[1], " ;");
  return rows.slice(0, -1).find(([, pattern]) => pattern.test(rest))?.[0] ?? "";
};

let last = () => false;
let elsewhere = ""; // the number that somebody else has read out of the words
let looks = () => false;
export const start = (box) => {
  const text = box.closest("form").querySelector("textarea");
  let calm = ""; // the number that the writer has said is not needed (any more)
  let timer;
  const look = () => {
    const call = number(text.value) || elsewhere;
    box.hidden = !call || call === calm;
    for (const link of box.querySelectorAll("[data-call]")) link.hidden = link.dataset.call !== call;
    return !box.hidden;
  };
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 200);
  });
  box.querySelector("[data-danger-on]")?.addEventListener("click", () => {
    calm = number(text.value) || elsewhere;
    const field = text.form.elements.calm;
    if (field) Object.assign(field, { value: calm, disabled: false });
    look();
    text.focus();
  });
  look();
  looks = look;
  const beside = text.form.querySelector("[data-proposals]");
  if (beside) import("./proposals.js").then(({ start }) => start(beside));
  last = () => {
    if (look()) box.querySelector("[data-call]:not([hidden])")?.focus();
    return !box.hidden;
  };
};

/** The number to call by what the server reads out of the words, "" for none. */
export const heed = (call) => {
  elsewhere = call;
  looks();
};

// Whether the one form of a page must not be sent before its writer has looked at the call button.
export const alarm = () => last();
