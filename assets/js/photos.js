import { each, icon, make } from "./dom.js";
import { shrink } from "./shrink.js";
import { toast } from "./toast.js";
import { word } from "./words.js";

// [data-photos] around one <input type=file multiple data-photos-field>; [data-photos-add] are other file inputs
// (the camera) that feed it. data-max: how many, data-max-mb: how big each. [data-photos-count] goes with the draft, for no
// page can give the photos themselves back.
const PICTURE = /^image\/(jpeg|png|webp|hei[cf])/;
const HEIC = /\.hei[cf]$/i; // of which many systems do not know the type
const picture = ({ name, size, type }) => size > 0 && (PICTURE.test(type) || HEIC.test(name));

each("[data-photos]", (picker) => {
  const field = picker.querySelector("[data-photos-field]");
  const grid = picker.querySelector("[data-photos-list]");
  const status = picker.querySelector("[data-photos-status]");
  const counted = picker.querySelector("[data-photos-count]");
  const most = Number(picker.dataset.max ?? 20);
  const megabytes = Number(picker.dataset.maxMb ?? 10);
  let files = [];

  const hold = (all) => {
    const held = new DataTransfer();
    for (const file of all) held.items.add(file);
    field.files = held.files;
  };

  const draw = () => {
    hold(files);
    if (counted) counted.value = files.length || "";
    for (const image of grid.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    grid.replaceChildren(...files.map(tile));
    field.dispatchEvent(new CustomEvent("caunoi:photos", { bubbles: true, detail: { count: files.length } }));
  };

  const redraw = () => {
    draw();
    say(word("photosChosen", { count: files.length, most }));
  };

  const tile = (file, index) => {
    const item = make("li", { class: "picker-item" });
    const named = () => make("span", { class: "picker-name" }, file.name);
    if (file.type.startsWith("image/")) {
      const image = make("img", { src: URL.createObjectURL(file), alt: word("photoNumber", { number: index + 1 }) });
      image.addEventListener("error", () => image.replaceWith(named())); // HEIC, where the browser cannot draw it
      item.append(image);
    } else {
      item.append(named());
    }
    const remove = make("button", {
      class: "btn",
      type: "button",
      "aria-label": word("removePhoto", { number: index + 1 }),
    });
    remove.append(icon("x"));
    remove.addEventListener("click", () => {
      const [gone] = files.splice(index, 1);
      redraw();
      (grid.querySelectorAll(".btn")[index] ?? field).focus();
      const back = () => {
        if (files.length < most) files.splice(index, 0, gone);
        redraw();
      };
      toast(word("photoRemoved", { number: index + 1 }), { act: back, label: word("undo") });
    });
    item.append(remove);
    if (index > 0) {
      const first = make("button", {
        class: "btn picker-first",
        type: "button",
        "aria-label": word("makeFirst", { number: index + 1 }),
      });
      first.append(icon("star"));
      first.addEventListener("click", () => {
        files.unshift(...files.splice(index, 1));
        draw();
        grid.querySelector(".btn")?.focus();
      });
      item.append(first);
    }
    return item;
  };

  const say = (text, bad = false) => {
    status.textContent = text;
    status.classList.toggle("field-error", bad);
  };

  // One after the other, for an old phone has little memory; sending waits for it.
  let turn = Promise.resolve();
  let busy = 0;
  let pressed = false;
  const take = (more) => {
    hold([...files, ...more.filter(picture)]); // so that nothing is lost when the page goes meanwhile
    busy += 1;
    turn = turn.then(() => shrunk(more)).finally(() => (busy -= 1));
  };
  // Listened for at the document: a picker may be moved into another form (live.js), and this comes first.
  document.addEventListener(
    "submit",
    async (event) => {
      const { target, submitter } = event;
      if (!busy || target !== field.form) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (pressed) return;
      pressed = true;
      await turn;
      pressed = false;
      target.requestSubmit(submitter);
    },
    true,
  );

  const shrunk = async (more) => {
    const problems = [];
    for (const original of more) {
      if (!picture(original)) {
        problems.push(word("notAPhoto", { name: original.name }));
        continue;
      }
      const file = await shrink(original);
      if (files.some((f) => f.name === file.name && f.size === file.size && f.lastModified === file.lastModified)) continue;
      if (file.size > megabytes * 1_048_576) problems.push(word("photoTooBig", { name: file.name, megabytes }));
      else if (files.length >= most) problems.push(word("tooManyPhotos", { most }));
      else files.push(file);
    }
    draw();
    const count = word("photosChosen", { count: files.length, most });
    say(problems.length ? [...new Set(problems), ...(files.length ? [count] : [])].join(" ") : count, problems.length > 0);
    counted?.dispatchEvent(new Event("change", { bubbles: true })); // for the draft
  };

  counted?.addEventListener("change", () => {
    if (counted.value && !files.length) say(word("choosePhotosAgain"), true); // put back from a draft
  });
  field.addEventListener("change", () => take([...field.files]));
  for (const other of picker.querySelectorAll("[data-photos-add]")) {
    other.addEventListener("change", () => {
      take([...other.files]);
      other.value = "";
    });
  }
  picker.addEventListener("dragover", (event) => {
    event.preventDefault();
    picker.classList.add("over");
  });
  picker.addEventListener("dragleave", () => picker.classList.remove("over"));
  picker.addEventListener("drop", (event) => {
    event.preventDefault();
    picker.classList.remove("over");
    take([...event.dataTransfer.files]);
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length && picker.closest("form")?.contains(document.activeElement)) {
      take([...event.clipboardData.files]);
    }
  });
  document.addEventListener("reset", ({ target }) => {
    if (target !== field.form) return;
    files = [];
    draw();
    say("");
  });
});
