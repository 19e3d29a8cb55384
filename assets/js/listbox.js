// The options under a field that keeps the caret: keys mark one, and the field says which (aria-activedescendant).
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };

/** How far a key moves the mark; undefined for any other key. */
export const step = ({ key }) => STEPS[key];

/** Marks the option at this place, the last one where there are fewer, none at -1; gives the place. */
export const mark = (input, list, place) => {
  const options = [...list.querySelectorAll("[role=option]")];
  const at = Math.min(place, options.length - 1);
  options.forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
  if (options[at]) input.setAttribute("aria-activedescendant", options[at].id);
  else input.removeAttribute("aria-activedescendant");
  options[at]?.scrollIntoView({ block: "nearest" });
  return at;
};
