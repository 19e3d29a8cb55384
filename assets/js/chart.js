import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

import { picture } from "./picture.js";
import { whileThere } from "./there.js";
import { token } from "./theme.js";
import { language } from "./words.js";

use([BarChart, LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

// The figures stand as JSON in data-figures of the place that is drawn on:
// {kind: bar | across | stack | stack-across | line, x: [words], unit: "phiếu", most?: where the axis of values ends,
//  series: [{name, mark?, values: [numbers or null], urls?: [addresses]}]}
const SYMBOLS = { "on-time": "circle", "due-soon": "diamond", overdue: "triangle", "done-late": "rect", refused: "emptyCircle" };
const PALETTE = ["--series-1", "--series-2", "--series-3", "--series-4"];
const SCALE = 2; // of pictures: sharp on a phone and on paper

const colourOf = ({ mark }, i) => token(mark ? `--${mark}` : PALETTE[i % PALETTE.length]);

const options = ({ kind, x, unit = "", most, series }) => {
  const across = kind.endsWith("across");
  const stacked = kind.startsWith("stack");
  const line = kind === "line";
  const number = new Intl.NumberFormat(language());
  const say = (value) => (value == null ? "–" : `${number.format(value)}${unit === "%" ? "" : " "}${unit}`.trim());
  const ink = token("--ink-muted", false);
  const rule = token("--line", false);
  const ground = token("--color-base-100");
  const text = { fontFamily: "Be Vietnam Pro, sans-serif", fontSize: 13, color: ink };
  const categories = {
    type: "category",
    data: x,
    inverse: across,
    boundaryGap: !line,
    axisLine: { lineStyle: { color: rule } },
    axisTick: { show: false },
    axisLabel: { ...text, hideOverlap: !across, ...(across && { width: 168, overflow: "truncate" }) },
  };
  const values = {
    type: "value",
    splitNumber: 4,
    minInterval: 1,
    splitLine: { lineStyle: { color: rule } },
    name: unit === "%" ? "" : unit,
    nameTextStyle: text,
    axisLabel: { ...text, formatter: (value) => (unit === "%" ? say(value) : number.format(value)) },
    max: most,
    interval: most && most / 4,
  };
  return {
    animation: false,
    aria: { enabled: false },
    textStyle: text,
    grid: { left: 4, right: 20, top: 16, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "all" },
    tooltip: {
      trigger: "axis",
      renderMode: "richText", // html would need inline styles, which the policy refuses
      confine: true,
      axisPointer: { type: line ? "line" : "shadow", shadowStyle: { color: token("--tint"), opacity: 0.5 } },
      backgroundColor: ground,
      borderColor: rule,
      textStyle: { ...text, color: token("--color-base-content") },
      valueFormatter: say,
    },
    xAxis: across ? values : categories,
    yAxis: across ? categories : values,
    series: series.map((one, i) => {
      const colour = colourOf(one, i);
      return {
        name: one.name,
        type: line ? "line" : "bar",
        data: one.values,
        stack: stacked ? "all" : undefined,
        barMaxWidth: 28,
        barMinHeight: 1,
        color: colour,
        cursor: one.urls ? "pointer" : "default",
        symbol: SYMBOLS[one.mark] ?? "circle",
        symbolSize: 7,
        showSymbol: x.length < 40,
        lineStyle: { width: 2.5, type: i > 0 && !one.mark ? "dashed" : "solid" },
        itemStyle: { borderColor: ground, borderWidth: line ? 0 : stacked ? 1 : 0, borderRadius: stacked || line ? 0 : across ? [0, 3, 3, 0] : [3, 3, 0, 0] },
        emphasis: { focus: "none" },
        label: across && !stacked && x.length < 16 ? { show: true, position: "right", ...text, formatter: ({ value }) => number.format(value) } : undefined,
      };
    }),
  };
};

/** Draws one [data-chart] figure; without a canvas its table stays the answer. */
export const start = async (figure) => {
  const place = figure.querySelector(".chart-canvas");
  const figures = JSON.parse(place.dataset.figures);
  const signal = whileThere(figure);
  await document.fonts.load("400 13px 'Be Vietnam Pro'", "aẵ").catch(() => null);
  if (signal.aborted) return;
  const chart = init(place, null, { renderer: "canvas" });
  const draw = () => chart.setOption(options(figures), true);
  draw();
  chart.on("click", ({ seriesIndex, dataIndex }) => {
    const url = figures.series[seriesIndex].urls?.[dataIndex];
    if (url) location.assign(url);
  });
  figure.querySelector("[data-picture]")?.addEventListener("click", ({ currentTarget }) => {
    const link = document.createElement("a");
    link.download = currentTarget.dataset.picture;
    const drawn = chart.getRenderedCanvas({ pixelRatio: SCALE, backgroundColor: token("--color-base-100") });
    const key = figures.series.map((one, i) => ({ name: one.name, colour: colourOf(one, i) }));
    link.href = picture(figure, drawn, key, SCALE).toDataURL();
    link.click();
  });
  const resize = new ResizeObserver(() => chart.resize());
  resize.observe(place);
  document.addEventListener("caunoi:look", draw, { signal });
  addEventListener("beforeprint", () => chart.resize(), { signal });
  signal.addEventListener("abort", () => {
    resize.disconnect();
    chart.dispose();
  });
  figure.dataset.chartState = "ready";
};
