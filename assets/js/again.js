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
