import { describe, expect, test, vi } from "vitest";

import { open } from "./page.js";

const SMALL = 100_000;
const LARGE = 400_000;
/** A photo of so many bytes; a JPEG may carry what the camera wrote into it (Exif, marker E1). */
const photo = (type, size, { exif = false, name = "Ảnh 1.JPG" } = {}) => {
  const bytes = new Uint8Array(size);
  bytes.set([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, ...(exif ? [0xff, 0xe1, 0, 8] : [0xff, 0xda, 0, 8])]);
  return new File([bytes], name, { type, lastModified: 7 });
};
/** Shrinks it on a device that can draw pictures of this size, and would write so many bytes. */
const shrink = async (file, { width = 4000, height = 3000, written = 50_000, draws = true } = {}) => {
  const drawn = vi.fn(async () => {
    if (!draws) throw new DOMException("cannot be decoded");
    return { width, height, close: () => {} };
  });
  let canvas;
  const exported = await open("", "shrink", {
    before: () => {
      vi.stubGlobal("createImageBitmap", drawn);
      HTMLCanvasElement.prototype.toBlob = function (done) {
        canvas = this;
        done(written && new Blob([new Uint8Array(written)], { type: "image/jpeg" }));
      };
    },
  });
  const result = await exported.shrink(file());
  return { result, canvas, drawn };
};

describe("a photo before it is sent", () => {
  test("is at most 2048 px, of the same shape, a JPEG by name and kind", async () => {
    const { result, canvas } = await shrink(() => photo("image/jpeg", LARGE));
    expect([canvas.width, canvas.height]).toEqual([2048, 1536]);
    expect([result.name, result.type, result.size, result.lastModified]).toEqual(["Ảnh 1.jpg", "image/jpeg", 50_000, 7]);
  });

  test("is never made larger than it is", async () => {
    const { canvas } = await shrink(() => photo("image/jpeg", LARGE), { width: 800, height: 600 });
    expect([canvas.width, canvas.height]).toEqual([800, 600]);
  });

  test("a strip of a screen keeps a height", async () => {
    const { canvas } = await shrink(() => photo("image/png", LARGE), { width: 9000, height: 1 });
    expect([canvas.width, canvas.height]).toEqual([2048, 1]);
  });

  test("stands upright as it was taken, on white", async () => {
    const { drawn, canvas } = await shrink(() => photo("image/png", LARGE));
    expect(drawn).toHaveBeenCalledWith(expect.anything(), { imageOrientation: "from-image" });
    const order = canvas.getContext().calls.map(([name, value]) => (name === "fillStyle" ? value : name));
    expect(order).toEqual(["#fff", "fillRect", "drawImage"]);
  });
});

describe("what the camera wrote into it", () => {
  test("goes, also from a small photo", async () => {
    const { result } = await shrink(() => photo("image/jpeg", SMALL, { exif: true }));
    expect(result.size).toBe(50_000);
  });

  test("goes even where the photo becomes larger by it", async () => {
    const { result } = await shrink(() => photo("image/jpeg", SMALL, { exif: true }), { written: SMALL + 1 });
    expect(result.size).toBe(SMALL + 1);
  });

  test("goes from what is no JPEG, of which nobody knows", async () => {
    const { result } = await shrink(() => photo("image/webp", SMALL, { name: "a.webp" }), { written: SMALL + 1 });
    expect([result.name, result.size]).toEqual(["a.jpg", SMALL + 1]);
  });
});

describe("a photo stays as it is", () => {
  const same = async (make, how) => {
    let file;
    const { result, drawn } = await shrink(() => (file = make()), how);
    expect(result).toBe(file);
    return drawn;
  };

  test("when it is small and carries nothing", async () => {
    const drawn = await same(() => photo("image/jpeg", SMALL));
    expect(drawn).not.toHaveBeenCalled();
  });

  test("when it is of a kind that browsers do not draw", async () => {
    const drawn = await same(() => photo("image/heic", LARGE));
    expect(drawn).not.toHaveBeenCalled();
  });

  test("when this browser cannot draw it", async () => {
    await same(() => photo("image/jpeg", LARGE), { draws: false });
  });

  test("when it would become larger", async () => {
    await same(() => photo("image/jpeg", LARGE), { written: LARGE });
  });

  test("when the device has no memory left for it", async () => {
    await same(() => photo("image/jpeg", LARGE), { written: 0 });
  });
});
