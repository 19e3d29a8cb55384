import { heed } from "./danger.js";
import { offer } from "./offers.js";

// What is written in the first step of a report is asked what it may be, and the answer is shown beside it: at once behind
// a word, and within one after a short rest. Whoever writes goes on all the same where no answer comes.
const REST = 50;
const GAP = 400; // between two questions
const PATIENCE = 4_000;
const LATER = 2_500; // after one that failed, where the answer does not say when to come again; twice that each time
const LONGEST = 1_200;

export const start = (box) => {
  const form = box.closest("form");
  const { text, kind, category, own } = form.elements;
  let asked = "";
  let visible = "";
  let last = -Infinity;
  let timer;
  let running;
  let fails = 0;

  const isOwn = () => [...kind].some((one) => "own" in one.dataset || (one.defaultChecked && one.value === "question"));
  const question = () =>
    String(
      new URLSearchParams({
        text: text.value.trim().slice(0, LONGEST),
        kind: kind.value,
        category: category.value,
        ...(isOwn() && { own: "kind" }),
      }),
    );

  const show = (answer) => {
    if (answer === visible) return;
    visible = answer;
    const { offer: name, value } = document.activeElement?.closest("[data-proposals] [data-offer]")?.dataset ?? {};
    box.innerHTML = answer;
    if (name) box.querySelector(`[data-offer="${name}"][data-value="${value}"]`)?.focus();
    offer(box);
    heed(box.querySelector("[data-call-first]")?.dataset.callFirst ?? "");
  };

  const soon = () => {
    clearTimeout(timer);
    const rest = /[\s.,;:!?]$/.test(text.value) ? 0 : REST;
    timer = setTimeout(() => ask(), Math.max(rest, last + GAP - performance.now()));
  };

  const ask = async () => {
    const body = question();
    if (body === asked) return;
    asked = body;
    last = performance.now();
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    const tired = setTimeout(() => running.abort(), PATIENCE);
    try {
      const headers = { "Content-Type": "application/x-www-form-urlencoded" };
      const answer = text.value.trim() ? await fetch(box.dataset.proposals, { method: "POST", headers, body, signal }) : null;
      if (answer && !answer.ok) throw new Error(answer.headers.get("Retry-After") ?? "");
      show(answer ? (await answer.text()).trim() : "");
      fails = 0;
    } catch ({ message }) {
      if (asked !== body) return; // a newer question took its place
      asked = "";
      fails += 1;
      last = performance.now() + Math.max(Number(message) * 1000 || 0, LATER * 2 ** fails);
      soon();
    } finally {
      clearTimeout(tired);
    }
  };

  text.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("submit", () => {
    own.disabled = !isOwn();
    own.value = "kind";
  });
  box.addEventListener("click", ({ target }) => {
    const opens = target.closest("[data-opens]");
    if (!opens) return;
    document.querySelector(opens.dataset.opens).open = true;
    form.elements[opens.dataset.focus].focus();
  });
  ask();
};
