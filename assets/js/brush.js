// form[data-brush]: strokes painted on the photo by mouse, pen or finger, sent in thousandths; the server paints for good.
import { each } from "./dom.js";

const WHOLE = 1000;

each("form[data-brush]", (form) => {
  const frame = form.querySelector("[data-brush-place]");
  const photo = frame.querySelector("img");
  const size = form.querySelector("[data-brush-size]");
  const field = form.elements.strokes;
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  const strokes = [];
  let open = null;

  const colour = () => getComputedStyle(document.documentElement).getPropertyValue("--color-accent").trim() || "red";
  const rectangle = () => {
    const values = [...form.querySelectorAll("[data-brush-edge]")].map((input) => Number.parseFloat(input.value.replace(",", ".")));
    return values.every((value) => Number.isFinite(value)) ? values.map((value) => value / 100) : null;
  };
  const draw = () => {
    const { width, height } = canvas;
    pen.clearRect(0, 0, width, height);
    pen.globalAlpha = 1;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = pen.fillStyle = colour();
    for (const { r, points } of strokes) {
      pen.lineWidth = (2 * r * width) / WHOLE;
      pen.beginPath();
      for (const [x, y] of [points[0], ...points]) pen.lineTo((x * width) / WHOLE, (y * height) / WHOLE);
      pen.stroke();
    }
    const box = rectangle();
    if (box) pen.fillRect(box[0] * width, box[1] * height, box[2] * width, box[3] * height);
  };
  const keep = () => {
    field.value = strokes.length ? JSON.stringify(strokes) : "";
    draw();
  };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const part = (value, from, whole) => Math.round(((value - from) / whole) * WHOLE * 10) / 10;
    return [part(event.clientX, box.left, box.width), part(event.clientY, box.top, box.height)];
  };
  const fit = () => {
    canvas.width = photo.clientWidth || photo.width;
    canvas.height = photo.clientHeight || photo.height;
    draw();
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    open = { r: Number(size.value), points: [at(event)] };
    strokes.push(open);
    keep();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!open || open.points.length >= 2000) return;
    open.points.push(at(event));
    keep();
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (open = null));
  form.querySelector("[data-brush-undo]").addEventListener("click", () => {
    strokes.pop();
    keep();
  });
  form.addEventListener("input", (event) => {
    if (event.target.matches("[data-brush-edge]")) draw();
  });
  addEventListener("resize", fit);
  photo.addEventListener("load", fit);
  frame.append(canvas);
  fit();
});
