import "../css/citizen.css";
import "./common.js";
import "./print.js";
import "./ticks.js";
