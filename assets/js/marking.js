// [data-marking]: words selected in a [data-field] become hidden by a [data-hide="kind"] button; the server draws the rest.
const letters = (text) => [...text].length; // code points, as the server counts

/** Where a point of the selection lies in the field's words; null outside of them. */
const place = (field, node, offset) => {
  let part = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
  let before = offset;
  if (node.nodeType !== Node.TEXT_NODE) {
    const child = node.childNodes[offset];
    const next = child?.nodeType === Node.ELEMENT_NODE ? (child.matches("[data-start]") ? child : child.querySelector("[data-start]")) : null;
    if (next) return Number(next.dataset.start);
    before = 0;
  }
  part = part.closest("[data-start]");
  if (!part) {
    const label = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest(".mark");
    part = label?.querySelector("[data-start]"); // on the name of the kind: behind the words
    if (!part || !field.contains(part)) return null;
    return Number(part.dataset.start) + letters(part.textContent);
  }
  if (!field.contains(part)) return null;
  return Number(part.dataset.start) + letters(node.nodeType === Node.TEXT_NODE ? node.data.slice(0, before) : "");
};

const hide = (kind) => {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return;
  const range = selection.getRangeAt(0);
  const inside = range.commonAncestorContainer;
  const field = (inside.nodeType === Node.ELEMENT_NODE ? inside : inside.parentElement).closest("[data-field]");
  if (!field) return;
  let start = place(field, range.startContainer, range.startOffset);
  let end = place(field, range.endContainer, range.endOffset);
  const words = [...document.querySelector(`[name="base-${field.dataset.field}"]`).value];
  if (start === null) return;
  if (end === null || end <= start) end = start + letters(range.toString());
  while (start < end && /\s/u.test(words[start] ?? "")) start += 1;
  while (end > start && /\s/u.test(words[end - 1] ?? "")) end -= 1;
  if (start === end) return;
  const box = document.createElement("input");
  Object.assign(box, { type: "checkbox", name: `hide-${field.dataset.field}`, value: `${start}-${end}-${kind}`, checked: true, hidden: true });
  field.append(box);
  selection.removeAllRanges();
  box.dispatchEvent(new Event("change", { bubbles: true }));
};

document.addEventListener("pointerdown", (event) => {
  if (event.target.closest("[data-hide]")) event.preventDefault(); // the selection stays
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-hide]");
  if (button) hide(button.dataset.hide);
});
// A label is ticked by a click, not by a selection that begins or ends on it.
document.addEventListener("click", (event) => {
  if (event.target.closest(".mark") && !getSelection().isCollapsed) event.preventDefault();
});
