import { beforeEach, expect, test, vi } from "vitest";

import { $, fire, open, passes } from "./page.js";

const play = vi.fn();
const pause = vi.fn();
const page = (body = "") =>
  open(`<title>Queue</title><div id="alarm-pop" data-title="EMERGENCY" data-sound="/alarm.wav" data-from="1">${body}</div>`, "alarm", {
    before: () => {
      class Sound {
        paused = true;
        play = play;
        pause = pause;
      }
      globalThis.Audio = Sound;
      document.title = "Queue";
    },
  });
const RINGS = '<section data-alarm="7"><p data-alarm-silent>Press</p></section>';
beforeEach(() => {
  vi.clearAllMocks();
  play.mockResolvedValue();
});

test("what rings sounds, and the title blinks, until somebody has it", async () => {
  await page(RINGS);
  await passes(10);
  expect(play).toHaveBeenCalled();
  expect(document.title).toBe("🔴 EMERGENCY");
  await passes(1000);
  expect(document.title).toBe("Queue");
  expect($("[data-alarm-silent]").hidden).toBe(true);
  fire(document.body, "live:alarm", { id: 7, rings: false });
  expect($("[data-alarm]")).toBe(null);
  expect(pause).toHaveBeenCalled();
  await passes(3000);
  expect(document.title).toBe("Queue");
});

test("a browser that lets nothing sound says so, and sounds with the first press", async () => {
  play.mockRejectedValueOnce(new Error("not allowed"));
  await page(RINGS);
  await passes(10);
  expect(document.body.dataset.alarmSound).toBe("blocked");
  expect($("[data-alarm-silent]").hidden).toBe(false);
  fire(document.body, "pointerdown");
  await passes(10);
  expect(document.body.dataset.alarmSound).toBe("on");
});

test("without anything that rings the page is quiet", async () => {
  await page();
  await passes(2000);
  expect(play).not.toHaveBeenCalled();
  expect(document.title).toBe("Queue");
});
