import "../css/citizen.css";
import "./common.js";
import "./draft.js";
import "./print.js";
import "./ticks.js";
import "./pwa.js";
import { each } from "./dom.js";

each("[data-push]", (element) => import("./push.js").then(({ start }) => start(element)));
each("[data-danger]", (element) => import("./danger.js").then(({ start }) => start(element)));
each("[data-app-form]", () => import("./app.js"));
