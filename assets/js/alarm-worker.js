// The staff's worker, on their own host: it shows emergencies though no page is open, and looks at no page.
import { show } from "./pushed.js";

self.addEventListener("install", () => self.skipWaiting());
show();
