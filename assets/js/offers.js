import { make } from "./dom.js";
import { word } from "./words.js";

// What is proposed beside a form: [data-offer="category" data-value="lamps"] fills that field when it is pressed,
// [data-offer-all] fills all. What is sure ([data-sure]) fills a field by itself while nobody has chosen there; it is marked as proposed,
// follows the words as they grow, and a choice of one's own is never touched.
const MARK = "offered";
let filling = false;

const fields = (form, name) => [...form.elements].filter((one) => one.name === name);
const labelled = (field) => field.closest("fieldset")?.querySelector("legend") ?? field.labels?.[0];

const mark = (form, name, on) => {
  for (const field of fields(form, name)) {
    if (on) field.dataset[MARK] = "";
    else delete field.dataset[MARK];
  }
  const label = labelled(fields(form, name)[0]);
  label?.querySelector("[data-offered-mark]")?.remove();
  if (on) label?.append(" ", make("span", { class: "badge", "data-offered-mark": "" }, word("proposed")));
};

const value = (form, name) => {
  const own = fields(form, name);
  return own[0]?.type === "radio" ? (own.find((one) => one.checked)?.value ?? "") : (own[0]?.value ?? "");
};

export const fill = (form, name, to) => {
  const own = fields(form, name);
  const target = own[0]?.type === "radio" ? own.find((one) => one.value === to) : own[0];
  if (!target || value(form, name) === to) return false;
  if (target.type === "radio") target.checked = true;
  else target.value = to;
  if (value(form, name) !== to) return false; // it cannot be chosen
  filling = true;
  target.dispatchEvent(new Event("input", { bubbles: true }));
  target.dispatchEvent(new Event("change", { bubbles: true }));
  filling = false;
  return true;
};

const take = (offer) => {
  const form = offer.closest("form");
  fill(form, offer.dataset.offer, offer.dataset.value);
  own(form, offer.dataset.offer);
  for (const [name, to] of new URLSearchParams(offer.dataset.also ?? "")) fill(form, name, to);
};

// A field is one's own once somebody chose it; so is what an earlier sitting left in it.
const own = (form, name) => {
  mark(form, name, false);
  for (const field of fields(form, name)) field.dataset.own = "";
};

const untouched = (form, name) => {
  const [first, ...more] = fields(form, name);
  if (!first || "own" in first.dataset) return false;
  if (MARK in first.dataset || !value(form, name)) return true;
  return first.type === "radio" && [first, ...more].some((one) => one.checked && one.defaultChecked);
};

const standard = (form, name) => {
  const own = fields(form, name);
  if (own[0].type === "radio") return own.find((one) => one.defaultChecked)?.value ?? "";
  return [...(own[0].options ?? [])].find((one) => one.defaultSelected)?.value ?? own[0].defaultValue ?? "";
};

// What is no longer proposed is no longer there.
const withdraw = (form, root) => {
  for (const { name } of form.querySelectorAll(`[data-${MARK}]`)) {
    if (root.querySelector(`[data-offer="${name}"][data-sure]`)) continue;
    fill(form, name, standard(form, name));
    mark(form, name, false);
  }
};

export const offer = (root) => {
  const whole = root.closest("form");
  if (whole) withdraw(whole, root);
  for (const one of root.querySelectorAll("[data-offer][data-sure]")) {
    const form = one.closest("form");
    const name = one.dataset.offer;
    if (!form || !untouched(form, name)) continue;
    if (fill(form, name, one.dataset.value)) mark(form, name, true);
  }
};

document.addEventListener("change", ({ target }) => {
  if (!filling && target.name && target.form?.querySelector("[data-offers]")) own(target.form, target.name);
});
// The next caller's form is nobody's yet.
document.addEventListener("reset", ({ target: form }) => {
  for (const { name } of form.querySelectorAll(`[data-${MARK}]`)) mark(form, name, false);
  for (const field of form.querySelectorAll("[data-own]")) delete field.dataset.own;
});
document.addEventListener("click", ({ target }) => {
  const one = target.closest("[data-offer]");
  const all = target.closest("[data-offer-all]");
  const chosen = one ? [one] : (all?.closest("form").querySelectorAll(".offers [data-offer]") ?? []);
  for (const each of chosen) take(each);
});
document.addEventListener("htmx:afterSwap", ({ target }) => offer(target));
