import { beforeEach, describe, expect, test, vi } from "vitest";

import { $, $$, fire, open, settled, submit, words } from "./page.js";

const PAGE = `<form id="form"><textarea></textarea><div data-photos data-max="3" data-max-mb="1">
  <input type="file" multiple name="photos" data-photos-field><input type="file" data-photos-add>
  <ul data-photos-list></ul><input name="photos-chosen" hidden data-photos-count><p data-photos-status></p></div><button id="send">Send</button></form>`;
const STATUS = "[data-photos-status]";
/** A small JPEG that carries nothing, so that it stays as it is (shrink.js). */
const photo = (name, { type = "image/jpeg", size = 0, at = 1 } = {}) => {
  const bytes = new Uint8Array(Math.max(size, 12));
  bytes.set([0xff, 0xd8, 0xff, 0xda, 0, 8]);
  return new File([bytes], name, { type, lastModified: at });
};
const choose = async (...files) => {
  $("[data-photos-field]").files = files;
  fire($("[data-photos-field]"), "change");
  await settled();
};
const names = () => $("[data-photos-field]").files.map(({ name }) => name);
const tiles = () => $$("[data-photos-list] li");
const label = (name) => $(`[aria-label="${name}"]`);
beforeEach(() => open(PAGE, "photos"));

describe("whoever chooses photos", () => {
  test("sees each, and how many more there may be", async () => {
    await choose(photo("a.jpg"), photo("b.jpg"));
    expect($$("img").map(({ src, alt }) => [src, alt])).toEqual([
      ["blob:a.jpg", "Photo 1"],
      ["blob:b.jpg", "Photo 2"],
    ]);
    expect(words(STATUS)).toBe("2 of at most 3 photos chosen");
    expect($("[data-photos-count]").value).toBe("2");
  });

  test("adds to those chosen before, also by the camera", async () => {
    await choose(photo("a.jpg"));
    await choose(photo("b.jpg"));
    $("[data-photos-add]").files = [photo("c.jpg")];
    fire($("[data-photos-add]"), "change");
    await settled();
    expect(names()).toEqual(["a.jpg", "b.jpg", "c.jpg"]);
  });

  test("drops them on the page or pastes them into the form", async () => {
    const bring = (target, kind, data) => target.dispatchEvent(Object.assign(new Event(kind, { bubbles: true, cancelable: true }), data));
    bring($("[data-photos]"), "drop", { dataTransfer: { files: [photo("a.jpg")] } });
    bring(document.body, "paste", { clipboardData: { files: [photo("elsewhere.jpg")] } });
    $("textarea").focus();
    bring($("textarea"), "paste", { clipboardData: { files: [photo("b.jpg")] } });
    await settled();
    expect(names()).toEqual(["a.jpg", "b.jpg"]);
  });

  test("has the same photo once", async () => {
    await choose(photo("a.jpg"));
    await choose(photo("a.jpg"), photo("a.jpg", { at: 2 }));
    expect(names()).toEqual(["a.jpg", "a.jpg"]);
  });

  test("is told which is no photo, and keeps the others", async () => {
    await choose(photo("thư.pdf", { type: "application/pdf" }), photo("a.jpg"));
    expect(names()).toEqual(["a.jpg"]);
    expect(words(STATUS)).toBe("thư.pdf is not a photo. Please choose JPEG, PNG or HEIC files. 1 of at most 3 photos chosen");
    expect($(STATUS).className).toBe("field-error");
    await choose(photo("b.jpg"));
    expect($(STATUS).className).toBe("");
  });

  test("is told that an empty file is none", async () => {
    await choose(new File([], "a.jpg", { type: "image/jpeg" }));
    expect(words(STATUS)).toMatch(/^a\.jpg is not a photo\./);
  });

  test("may send what a telephone of today takes, by its name where the system knows no kind", async () => {
    await choose(photo("IMG_1.HEIC", { type: "" }));
    expect(names()).toEqual(["IMG_1.HEIC"]);
    expect(words("[data-photos-list]")).toBe("IMG_1.HEIC"); // no browser draws it
  });

  test("is told which is too large", async () => {
    await choose(photo("a.heic", { type: "image/heic", size: 1_048_577 }), photo("b.heic", { type: "image/heic", size: 1_048_576 }));
    expect(names()).toEqual(["b.heic"]);
    expect(words(STATUS)).toMatch(/^a\.heic is larger than 1 MB\. Choose a smaller photo\./);
  });

  test("is told once that there are too many", async () => {
    await choose(...["a", "b", "c", "d", "e"].map((name) => photo(`${name}.jpg`)));
    expect(names()).toEqual(["a.jpg", "b.jpg", "c.jpg"]);
    expect(words(STATUS)).toBe("At most 3 photos. The others were left out. 3 of at most 3 photos chosen");
  });
});

describe("whoever thinks better of it", () => {
  beforeEach(() => choose(photo("a.jpg"), photo("b.jpg"), photo("c.jpg")));

  test("takes one away, the caret goes to the next, and it can come back to its place", async () => {
    label("Remove photo 2").click();
    expect(names()).toEqual(["a.jpg", "c.jpg"]);
    expect(words(STATUS)).toBe("2 of at most 3 photos chosen");
    expect($("[data-photos-list]").contains(document.activeElement)).toBe(true);
    expect(words("#toasts .toast span")).toBe("Photo 2 removed.");
    $("#toasts .btn").click();
    expect(names()).toEqual(["a.jpg", "b.jpg", "c.jpg"]);
  });

  test("does not get it back above the limit", async () => {
    label("Remove photo 2").click();
    await choose(photo("d.jpg"));
    $("#toasts .btn").click();
    expect(names()).toEqual(["a.jpg", "c.jpg", "d.jpg"]);
  });

  test("makes another the first, which is the one that is shown", () => {
    expect(label("Make photo 1 the first")).toBeNull();
    label("Make photo 3 the first").click();
    expect(names()).toEqual(["c.jpg", "a.jpg", "b.jpg"]);
  });

  test("empties the form, and with it the photos", () => {
    fire($("#form"), "reset");
    expect(tiles()).toHaveLength(0);
    expect($("[data-photos-count]").value).toBe("");
    expect(words(STATUS)).toBe("");
  });
});

describe("sending", () => {
  test("waits until the photos are ready, and then happens by itself, once, by the button that was pressed", async () => {
    let ready;
    vi.stubGlobal("createImageBitmap", () => new Promise((done) => (ready = () => done({ width: 1, height: 1, close: () => {} }))));
    HTMLCanvasElement.prototype.toBlob = (done) => done(new Blob(["x"]));
    const again = vi.spyOn($("#form"), "requestSubmit").mockImplementation(() => {});
    await choose(photo("a.png", { type: "image/png" }));
    expect(names()).toEqual(["a.png"]); // nothing is lost when the page goes meanwhile
    expect(submit("#form", $("#send"))).toBe(false);
    expect(submit("#form", $("#send"))).toBe(false);
    ready();
    await settled();
    expect(names()).toEqual(["a.jpg"]);
    expect(again.mock.calls).toEqual([[$("#send")]]);
    expect(submit("#form", $("#send"))).toBe(true);
  });

  test("another form does not wait", async () => {
    document.body.insertAdjacentHTML("beforeend", `<form id="other"></form>`);
    vi.stubGlobal("createImageBitmap", () => new Promise(() => {}));
    await choose(photo("a.png", { type: "image/png" }));
    expect(submit("#other")).toBe(true);
  });
});

test("a draft that had photos says that they have to be chosen again", async () => {
  $("[data-photos-count]").value = "2";
  fire($("[data-photos-count]"), "change");
  expect(words(STATUS)).toBe("The photos have to be chosen again.");
});
