// A page that is shown while there is no database: it waits, then asks again or sends the form again by itself.
for (const element of document.querySelectorAll("[data-again]")) {
  const wait = Number(element.dataset.again) * 1000;
  const look = async () => {
    const answer = await fetch("/health/ready", { cache: "no-store" }).catch(() => null);
    if (!answer || answer.status === 503) setTimeout(look, wait);
    else if (element.matches("form")) element.requestSubmit();
    else element.click();
  };
  setTimeout(look, wait);
}

// The short form: what the page before it brought counts as typed, so that a browser that goes back to it has it too.
for (const form of document.querySelectorAll("form[data-adopt]")) {
  for (const field of form.elements) {
    const { value, defaultValue, type } = field;
    if (!value || !defaultValue || /checkbox|radio/.test(type)) continue;
    field.defaultValue = "";
    field.value = value;
  }
}
