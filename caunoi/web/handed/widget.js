// <script src="https://…/widget.js" data-area="25195" async></script> puts the newest tickets of a commune, a field
// (data-category) or an agency (data-agency) on any website: one frame, no cookie, nothing read from the page around it.
(() => {
  const script = document.currentScript;
  const home = new URL(script.src).origin;
  const query = new URLSearchParams();
  for (const name of ["area", "category", "agency", "size", "theme", "lang"]) {
    if (script.dataset[name]) query.set(name, script.dataset[name]);
  }
  const frame = document.createElement("iframe");
  frame.src = `${home}/widget?${query}`;
  frame.title = script.dataset.title || "1022";
  frame.loading = "lazy";
  frame.style.cssText = "inline-size:100%;block-size:420px;border:0;color-scheme:auto";
  script.after(frame);
  addEventListener("message", (event) => {
    if (event.source === frame.contentWindow && event.origin === home && Number.isFinite(event.data?.caunoiHeight)) {
      frame.style.blockSize = `${Math.min(Math.max(event.data.caunoiHeight, 120), 4000)}px`;
    }
  });
})();
