// What somebody typed into a form, and how it is put back.
const SKIP = /^(csrfmiddlewaretoken|draft|once|password.*|otp|code)$/;
const SORTS = /^(file|password|submit|button)$/;
const TICKS = /checkbox|radio/;
const OWN = /^draft:(report(-where|-you)?|app|reply-.*)$/; // what a citizen's own browser keeps

/** The fields of a form that a draft holds; of the hidden ones only what scripts put beside the words (sources). */
export const fields = (form) =>
  [...form.elements].filter(
    (field) => field.name && !SKIP.test(field.name) && !SORTS.test(field.type) && (field.type !== "hidden" || /cites$/.test(field.name)),
  );

// Of a select of one without a choice of its own the browser shows the first.
const otherwise = ({ multiple, options, selectedIndex }) =>
  multiple
    ? [...options].some((option) => option.selected !== option.defaultSelected)
    : selectedIndex !== Math.max([...options].findIndex((option) => option.defaultSelected), 0);

/** Whether somebody changed what the page came with. */
export const changed = (field) =>
  TICKS.test(field.type)
    ? field.checked !== field.defaultChecked
    : field.matches("select")
      ? otherwise(field)
      : field.value !== field.defaultValue;

export const filled = (field) => Boolean(TICKS.test(field.type) ? field.checked : field.value);

const chosen = (select) => [...select.selectedOptions].map((option) => option.value);

/** {name: value, or a list of what is ticked or chosen} of the fields that `wanted` names. */
export const values = (form, wanted) => {
  const found = {};
  for (const field of fields(form)) {
    if (!wanted(field)) continue;
    if (TICKS.test(field.type)) {
      found[field.name] ??= [];
      if (field.checked) found[field.name].push(field.value);
    } else {
      found[field.name] = field.multiple ? chosen(field) : field.value;
    }
  }
  return found;
};

/** Puts values back where nobody has typed meanwhile; how many fields that were. */
export const putBack = (form, found) => {
  let count = 0;
  const all = fields(form);
  const touched = new Set(all.filter(changed).map((field) => field.name));
  for (const field of all) {
    if (!(field.name in found) || touched.has(field.name)) continue;
    const list = [found[field.name]].flat();
    if (TICKS.test(field.type)) {
      if (field.checked === list.includes(field.value)) continue;
      field.checked = !field.checked;
    } else if (field.multiple) {
      for (const option of field.options) option.selected = list.includes(option.value);
    } else {
      if (field.value === list[0]) continue;
      const before = field.value;
      field.value = list[0] ?? "";
      if (field.matches("select") && field.selectedIndex < 0) {
        field.value = before; // no longer offered
        continue;
      }
    }
    count += 1;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  return count;
};

const remove = (wanted) => {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith("draft:") && wanted(key)) localStorage.removeItem(key);
  } catch {
    // a private window keeps nothing anyway
  }
};

/** Takes away what older versions left in this browser of the staff's work. */
export const tidy = () => remove((key) => !OWN.test(key));

/** What was sent is not kept: a draft and those of its further steps. */
export const forgetAll = (name) => remove((key) => key === `draft:${name}` || key.startsWith(`draft:${name}-`));
