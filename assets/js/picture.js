import { token } from "./theme.js";

const PAD = 20;
const LINE = 22;
const FONT = "Be Vietnam Pro, sans-serif";

const wrapped = (brush, text, width) => {
  const lines = [""];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (brush.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
};

/** A picture of a chart that speaks for itself: what it shows in words, its key, and where and of what time it is from. */
export const picture = (figure, drawn, key, scale) => {
  const paper = document.createElement("canvas");
  const brush = paper.getContext("2d");
  const width = drawn.width / scale;
  const ink = token("--color-base-content");
  const fonts = { title: `600 16px ${FONT}`, small: `400 12px ${FONT}` };
  const lines = (text, font) => {
    brush.font = font;
    return wrapped(brush, text, width);
  };
  const title = lines(figure.querySelector("figcaption").textContent, fonts.title);
  const period = document.querySelector("main .hint")?.textContent ?? "";
  const source = lines([document.title, period].filter(Boolean).join(" · "), fonts.small);
  const keyed = key.length > 1;
  const above = PAD + LINE * (title.length + (keyed ? 1 : 0));
  paper.width = drawn.width + 2 * PAD * scale;
  paper.height = drawn.height + (above + PAD + LINE * source.length) * scale;
  brush.scale(scale, scale);
  brush.fillStyle = token("--color-base-100");
  brush.fillRect(0, 0, paper.width, paper.height);
  brush.textBaseline = "middle";
  const write = (text, font, colour, x, y) => {
    brush.font = font;
    brush.fillStyle = colour;
    brush.fillText(text, x, y);
    return x + brush.measureText(text).width;
  };
  title.forEach((line, n) => write(line, fonts.title, ink, PAD, PAD + LINE * (n + 0.5)));
  let x = PAD;
  for (const { name, colour } of keyed ? key : []) {
    const y = above - LINE / 2;
    brush.fillStyle = colour;
    brush.fillRect(x, y - 5, 10, 10);
    x = write(name, fonts.small, ink, x + 15, y) + 16;
  }
  brush.drawImage(drawn, PAD, above, width, drawn.height / scale);
  const foot = above + drawn.height / scale;
  source.forEach((line, n) => write(line, fonts.small, token("--ink-muted"), PAD, foot + LINE * (n + 0.5)));
  return paper;
};
