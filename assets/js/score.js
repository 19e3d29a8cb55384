// Scoring with the digits: 2, 1, 0 and X judge the line that has the focus, or the first that is not judged yet, and go on.
const typing = (at) => at.closest?.("textarea, input:not([type=radio]), select");

document.addEventListener("keydown", (event) => {
  const form = document.querySelector("form[data-scorecard]");
  if (!form || event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
  const value = { 2: "2", 1: "1", 0: "0", x: "na", X: "na" }[event.key];
  if (!value) return;
  const lines = [...form.querySelectorAll("[data-score]")];
  const here = event.target.closest?.("[data-score]");
  const line = here ?? lines.find((one) => !one.querySelector("input:checked"));
  const choice = line?.querySelector(`input[value="${value}"]`);
  if (!choice) return;
  event.preventDefault();
  choice.checked = true;
  choice.focus();
  const next = lines.slice(lines.indexOf(line) + 1).find((one) => !one.querySelector("input:checked"));
  (next?.querySelector("input") ?? form.querySelector("textarea"))?.focus();
});
