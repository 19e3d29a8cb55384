import { beforeEach, describe, expect, test } from "vitest";

import { open } from "./page.js";

const stats = (heard, spoken = {}) =>
  new Map([
    ["in", { type: "inbound-rtp", kind: "audio", packetsReceived: 0, totalAudioEnergy: 0, totalSamplesDuration: 0, ...heard }],
    ["out", { type: "media-source", kind: "audio", totalAudioEnergy: 0, totalSamplesDuration: 0, ...spoken }],
    ["far", { type: "remote-inbound-rtp", kind: "audio", roundTripTime: 0.08 }],
    ["video", { type: "inbound-rtp", kind: "video", packetsReceived: 9_999 }],
  ]);

describe("how a call is heard", () => {
  let at;
  let call;
  beforeEach(async () => {
    await open("", "call-sound");
    const { sound } = await import("../../assets/js/call-sound.js");
    at = 0;
    call = sound(() => at);
  });
  const talk = (second, more = {}, spoken = {}) => {
    at = second * 1_000;
    const speech = { totalAudioEnergy: second * 0.01, totalSamplesDuration: second };
    return call.take(stats({ packetsReceived: second * 50, ...speech, ...more }, { ...speech, ...spoken }));
  };

  test("is well while packets come and somebody speaks", () => {
    for (let second = 1; second < 30; second += 1) expect(talk(second).wrong).toBe("");
    expect(talk(30).heard).toBeCloseTo(0.1);
  });

  test("is deaf once nothing has come for five seconds, and well again when it comes", () => {
    talk(1);
    for (let second = 2; second <= 6; second += 1) expect(talk(second, { packetsReceived: 50 }).wrong).toBe("");
    expect(talk(7, { packetsReceived: 50 }).wrong).toBe("deaf");
    expect(talk(8).wrong).toBe("");
  });

  test("is mute once the microphone was silent for ten, but not while it is switched off", () => {
    const silent = { totalAudioEnergy: 0.01 };
    talk(1);
    expect(talk(11, {}, silent).wrong).toBe("");
    expect(talk(12, {}, silent).wrong).toBe("mute");
    at = 13_000;
    expect(call.take(stats({ packetsReceived: 650, totalSamplesDuration: 13 }), true).wrong).toBe("");
  });

  test("leaves figures of the whole talk", () => {
    talk(20, { packetsLost: 50, jitter: 0.01, packetsReceived: 950 });
    expect(call.figures()).toMatchObject({ seconds: 20, received: 950, lost: 0.05, jitter: 0.01, round_trip: 0.08 });
    expect(call.figures().incoming).toBeCloseTo(0.1);
  });

  test("of which nothing was measured, says so and no more", () => {
    expect(call.figures()).toMatchObject({ received: 0, lost: 0, jitter: null, round_trip: null, incoming: null });
  });
});
