import "../css/citizen.css";
import "./common.js";
