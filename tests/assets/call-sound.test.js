import { describe, expect, test } from "vitest";

import { sound } from "../../assets/js/call-sound.js";

/** What getStats() tells after so many seconds, if each second brings so much. */
const stats = (seconds, { packets = 50, lost = 0, heard = 0.01, spoken = 0.01 } = {}) =>
  new Map(
    Object.entries({
      in: {
        type: "inbound-rtp",
        kind: "audio",
        packetsReceived: packets * seconds,
        packetsLost: lost * seconds,
        jitter: 0.012,
        totalAudioEnergy: heard * seconds,
        totalSamplesDuration: seconds,
      },
      far: { type: "remote-inbound-rtp", kind: "audio", roundTripTime: 0.08 },
      out: { type: "media-source", kind: "audio", totalAudioEnergy: spoken * seconds, totalSamplesDuration: seconds },
      video: { type: "inbound-rtp", kind: "video", packetsReceived: 1 },
    }),
  );

const watched = (seconds, what, quiet) => {
  let now = 0;
  const one = sound(() => now);
  let said;
  for (let second = 1; second <= seconds; second++) {
    now = second * 1000;
    said = one.take(stats(second, what), quiet);
  }
  return { ...said, figures: one.figures() };
};

describe("how a call is heard", () => {
  test("both are as loud as they are, and nothing is wrong", () => {
    const { heard, spoken, wrong, figures } = watched(12, { lost: 1 });
    expect([heard.toFixed(3), spoken.toFixed(3), wrong]).toEqual(["0.100", "0.100", ""]);
    expect(figures).toMatchObject({ seconds: 12, received: 600, jitter: 0.012, round_trip: 0.08 });
    expect(figures.lost).toBeCloseTo(12 / 612);
  });

  test("when nothing comes for five seconds, it is said", () => {
    expect(watched(5, { packets: 0 }).wrong).toBe("");
    expect(watched(6, { packets: 0 }).wrong).toBe("deaf");
  });

  test("a microphone that is silent for ten seconds is said, not one that was muted", () => {
    expect(watched(11, { spoken: 0 }).wrong).toBe("mute");
    expect(watched(30, { spoken: 0, packets: 0 }, true).wrong).toBe("");
  });

  test("without any figures there are none", () => {
    const one = sound(() => 0);
    expect(one.take(new Map())).toEqual({ heard: 0, spoken: 0, wrong: "" });
    expect(one.figures()).toEqual({
      seconds: 0,
      received: 0,
      lost: 0,
      jitter: null,
      round_trip: null,
      incoming: null,
      outgoing: null,
    });
  });
});
