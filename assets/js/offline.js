// [data-offline] is shown while the browser has no network; [data-queued] inside it gets the number waiting.
const show = () => {
  for (const banner of document.querySelectorAll("[data-offline]")) banner.hidden = navigator.onLine;
};
addEventListener("online", show);
addEventListener("offline", show);
show();
