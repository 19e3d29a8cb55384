import htmx from "htmx.org";

import { each, isPassive } from "./dom.js";
import "./theme.js";
import "./offline.js";
import "./dialog.js";
import "./toast.js";
import "./live.js";
import "./count.js";
import "./limit.js";
import "./photos.js";
import "./lightbox.js";
import "./compare.js";

htmx.config.includeIndicatorStyles = false; // the policy allows no inline styles
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0; // no personal data in localStorage
htmx.config.refreshOnHistoryMiss = true;
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "422", swap: true, error: false }, // a form with its errors
  { code: "[45]..", swap: false, error: true },
];
document.addEventListener("htmx:configRequest", ({ detail }) => {
  detail.headers["X-CSRFToken"] = document.documentElement.dataset.csrf ?? "";
  if (isPassive(detail.triggeringEvent)) detail.headers["X-Passive"] = "1"; // nobody did anything
});

// The heavy parts come only to pages that show them.
// A map is fetched when it is about to be seen: most people read the list and never scroll to it.
const near = new IntersectionObserver(
  (seen) => {
    for (const { target, isIntersecting } of seen) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      import("./map.js").then(({ start }) => start(target));
    }
  },
  { rootMargin: "300px" },
);
each("[data-passkey]", (element) => import("./passkey.js").then(({ start }) => start(element)));
each("[data-map]", (element) => near.observe(element));
each("[data-chart]", (element) => import("./chart.js").then(({ start }) => start(element)));
