import { describe, expect, test, vi } from "vitest";

import { $, fire, open, settled } from "./page.js";

let drawn;
let clicks;
const chart = async (figures, lang = "vi") => {
  const ours = { setOption: vi.fn(), on: (_, act) => (clicks = act), resize: vi.fn(), dispose: vi.fn() };
  const parts = ["charts", "components", "renderers"];
  const { start } = await open(
    `<figure data-chart><figcaption>Phiếu</figcaption><div class="chart-canvas" data-figures='${JSON.stringify(figures)}'></div><button data-picture="phieu.png"></button></figure>`,
    "chart",
    {
      before: () => {
        document.documentElement.lang = lang;
        document.fonts = { load: async () => [] };
        vi.stubGlobal("ResizeObserver", class { observe() {} disconnect() {} });
        vi.doMock("echarts/core", () => ({ init: () => ours, use: () => {} }));
        const names = ["BarChart", "LineChart", "GridComponent", "TooltipComponent", "CanvasRenderer"];
        for (const part of parts) vi.doMock(`echarts/${part}`, () => Object.fromEntries(names.map((name) => [name, name])));
      },
    },
  );
  for (const part of ["core", ...parts]) vi.doUnmock(`echarts/${part}`);
  await start($("figure"));
  drawn = () => ours.setOption.mock.lastCall[0];
  return ours;
};
const series = (...names) => names.map((name, i) => ({ name, values: [i, null] }));

describe("a chart says", () => {
  test("numbers as its reader writes them, with what they count, and nothing as nothing", async () => {
    await chart({ kind: "bar", x: ["1", "2"], unit: "phiếu", series: series("a") });
    const say = drawn().tooltip.valueFormatter;
    expect([say(1234.5), say(null), say(0)]).toEqual(["1.234,5 phiếu", "–", "0 phiếu"]);
  });

  test("shares as such, on the axis too, up to the whole", async () => {
    await chart({ kind: "line", x: ["1", "2"], unit: "%", most: 100, series: series("a") }, "en");
    const { yAxis, tooltip } = drawn();
    expect(tooltip.valueFormatter(12)).toBe("12%");
    expect(yAxis.axisLabel.formatter(50)).toBe("50%");
    expect([yAxis.name, yAxis.max, yAxis.interval]).toEqual(["", 100, 25]);
  });

  test("what its axis counts once, beside it", async () => {
    await chart({ kind: "bar", x: ["1"], unit: "phiếu", series: series("a") });
    expect(drawn().yAxis.name).toBe("phiếu");
    expect(drawn().yAxis.axisLabel.formatter(1000)).toBe("1.000");
  });
});

describe("a chart looks", () => {
  test("upright or across, the first line above", async () => {
    await chart({ kind: "bar", x: ["1"], series: series("a") });
    expect([drawn().xAxis.type, drawn().yAxis.type]).toEqual(["category", "value"]);
    await chart({ kind: "across", x: ["1"], series: series("a") });
    expect([drawn().xAxis.type, drawn().yAxis.type, drawn().yAxis.inverse]).toEqual(["value", "category", true]);
    expect(drawn().series[0].label).toMatchObject({ show: true, position: "right" });
  });

  test.each([
    ["stack", "bar", "all"],
    ["stack-across", "bar", "all"],
    ["bar", "bar", undefined],
    ["line", "line", undefined],
  ])("%s is drawn by %ss, on top of each other: %s", async (kind, type, stack) => {
    await chart({ kind, x: ["1"], series: series("a", "b") });
    expect(drawn().series.map((one) => [one.type, one.stack])).toEqual([[type, stack], [type, stack]]);
  });

  test("lines that differ for who sees no colours: dashes, and a shape for every state", async () => {
    await chart({ kind: "line", x: ["1", "2"], series: series("a", "b") });
    expect(drawn().series.map(({ lineStyle }) => lineStyle.type)).toEqual(["solid", "dashed"]);
    const marks = ["on-time", "due-soon", "overdue", "done-late", "refused"];
    await chart({ kind: "line", x: ["1", "2"], series: marks.map((mark) => ({ name: mark, mark, values: [1] })) });
    expect(new Set(drawn().series.map(({ symbol }) => symbol)).size).toBe(5);
    expect(drawn().series.every(({ lineStyle }) => lineStyle.type === "solid")).toBe(true);
  });

  test("as the page does when that is changed, until the page takes it away", async () => {
    const ours = await chart({ kind: "bar", x: ["1"], series: series("a") });
    fire(document, "caunoi:look");
    expect(ours.setOption).toHaveBeenCalledTimes(2);
    fire(document, "htmx:beforeCleanupElement", { elt: $("figure") });
    fire(document, "caunoi:look");
    await settled();
    expect(ours.setOption).toHaveBeenCalledTimes(2);
    expect(ours.dispose).toHaveBeenCalledTimes(1);
  });
});

test("a picture of it is given out under its name, sharp, with its key in the colours of the chart", async () => {
  const ours = await chart({ kind: "bar", x: ["1"], series: [{ name: "a", mark: "overdue", values: [1] }, { name: "b", values: [2] }] });
  const drawn = { width: 800, height: 400 };
  ours.getRenderedCanvas = vi.fn(() => drawn);
  HTMLCanvasElement.prototype.toDataURL = () => "data:image/png;base64,AA==";
  const given = [];
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function () {
    given.push([this.download, this.href]);
  });
  $("[data-picture]").click();
  expect(given).toEqual([["phieu.png", "data:image/png;base64,AA=="]]);
  expect(ours.getRenderedCanvas.mock.lastCall[0].pixelRatio).toBe(2);
});

test("a bar leads to the tickets that it counts, where there is such a list", async () => {
  await chart({ kind: "bar", x: ["1", "2"], series: [{ name: "a", values: [1, 2], urls: ["/board/a", null] }, { name: "b", values: [1, 2] }] });
  expect(drawn().series.map(({ cursor }) => cursor)).toEqual(["pointer", "default"]);
  clicks({ seriesIndex: 0, dataIndex: 1 });
  clicks({ seriesIndex: 1, dataIndex: 0 });
  expect(location.assign).not.toHaveBeenCalled();
  clicks({ seriesIndex: 0, dataIndex: 0 });
  expect(location.assign).toHaveBeenCalledWith("/board/a");
});
