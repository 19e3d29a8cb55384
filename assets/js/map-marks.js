import { token } from "./theme.js";

export const MARKS = ["on-time", "due-soon", "overdue", "done-late", "refused"];
const SIZE = 44;

/** The five marks as pictures: shape and colour, with a ring of the ground around them. */
export const picture = (mark) => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const pen = canvas.getContext("2d");
  const colour = token(`--${mark}`);
  pen.translate(SIZE / 2, SIZE / 2);
  pen.beginPath();
  if (mark === "overdue") {
    pen.moveTo(0, -15);
    pen.lineTo(16, 13);
    pen.lineTo(-16, 13);
    pen.closePath();
  } else if (mark === "done-late") {
    pen.rect(-12, -12, 24, 24);
  } else {
    pen.arc(0, 0, 13, 0, 7);
  }
  pen.lineJoin = "round";
  pen.lineWidth = 7;
  pen.strokeStyle = token("--color-base-100");
  pen.stroke();
  const hollow = mark === "refused" || mark === "due-soon";
  pen.fillStyle = hollow ? token("--color-base-100") : colour;
  pen.fill();
  if (hollow) {
    pen.lineWidth = 4;
    pen.strokeStyle = colour;
    pen.stroke();
  }
  if (mark === "due-soon") {
    pen.beginPath();
    pen.arc(0, 0, 13, -Math.PI / 2, Math.PI / 2);
    pen.fillStyle = colour;
    pen.fill();
  }
  return pen.getImageData(0, 0, SIZE, SIZE);
};
