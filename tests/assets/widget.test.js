import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { $, open } from "./page.js";

/** What other sites load is a plain script, in a page that is not ours. */
const run = new Function(readFileSync("caunoi/web/handed/widget.js", "utf8"));
const HOME = "https://1022.example.vn";

describe("the newest tickets on another's website", () => {
  const page = async (attributes = "") => {
    await open(`<script type="text/plain" src="${HOME}/widget.js" ${attributes}></script>`, [], { url: "https://xa.example/" });
    Object.defineProperty(document, "currentScript", { value: $("script") });
    run();
  };
  const frame = () => $("script + iframe");
  const says = (data, { source = frame().contentWindow, origin = HOME } = {}) =>
    window.dispatchEvent(Object.assign(new Event("message"), { data, source, origin }));

  test("stand in one frame behind the script, of what the site chose, and of nothing else", async () => {
    await page('data-area="25195" data-theme="dark" data-token="secret" data-title="Phản ánh của xã"');
    expect(frame().src).toBe(`${HOME}/widget?area=25195&theme=dark`);
    expect(frame().style.blockSize).toBe("420px"); // until it says how high it is
    expect([frame().title, frame().loading]).toEqual(["Phản ánh của xã", "lazy"]);
  });

  test("are named also where the site names nothing", async () => {
    await page();
    expect(frame().title).toBe("1022");
  });

  test("are as high as they need, within reason", async () => {
    await page();
    const high = (caunoiHeight) => {
      says({ caunoiHeight });
      return frame().style.blockSize;
    };
    expect([high(600), high(50), high(9_000)]).toEqual(["600px", "120px", "4000px"]);
  });

  test("are moved by nobody else, and by nothing but a height", async () => {
    await page();
    const before = frame().style.blockSize;
    says({ caunoiHeight: 600 }, { origin: "https://elsewhere.example" });
    says({ caunoiHeight: 600 }, { source: window });
    says({ caunoiHeight: "600px; color: red" });
    says(null);
    expect(frame().style.blockSize).toBe(before);
  });
});
