import { describe, expect, test } from "vitest";

import { open } from "./page.js";

describe("the islands of every map", () => {
  test("are Hoàng Sa and Trường Sa, named as Vietnam's, each with islands of its own", async () => {
    const { islands, ARCHIPELAGOS } = await open("", "islands");
    const kind = (one) => islands.features.filter(({ properties }) => properties.kind === one).map(({ properties }) => properties.name);
    expect(kind("archipelago")).toEqual(["Quần đảo Hoàng Sa\n(Việt Nam)", "Quần đảo Trường Sa\n(Việt Nam)"]);
    expect(ARCHIPELAGOS).toHaveLength(2);
    expect(kind("island")).toEqual(expect.arrayContaining(["Hoàng Sa", "Phú Lâm", "Trường Sa", "Song Tử Tây"]));
    const seas = islands.features.map(({ geometry: { coordinates: [long, lat] } }) => long > 111 && long < 118 && lat > 6 && lat < 18);
    expect(seas).not.toContain(false);
  });
});
