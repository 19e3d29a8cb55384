import Alpine from "@alpinejs/csp";

import "../css/desk.css";
import "./common.js";
import "./alarm.js";
import "./brush.js";
import "./columns.js";
import "./combobox.js";
import "./insert.js";
import "./copy.js";
import "./drafts.js";
import "./elapsed.js";
import "./keys.js";
import "./lock.js";
import "./marking.js";
import "./menu.js";
import "./offers.js";
import "./palette.js";
import "./print.js";
import "./queue.js";
import "./score.js";
import "./stop.js";
import "./to-say.js";
import "./unsent.js";
import { each } from "./dom.js";

each("[data-push]", (element) => import("./push.js").then(({ start }) => start(element)));
each("[data-browser-phone]", (element) => import("./browser-phone.js").then(({ start }) => start(element)));
each("[data-phone-strip]", (element) => import("./phone-strip.js").then(({ start }) => start(element)));

Alpine.start();
