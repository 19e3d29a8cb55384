// Photos made smaller before they are sent: at most 2048 px, and without what the camera wrote into them (place, time,
// model), for a canvas knows nothing of that. What the browser cannot draw (HEIC) or would make larger stays as it is.
const MOST = 2048;
const GOOD = 0.85;
const ENOUGH = 350_000; // bytes: not worth drawing again, unless it carries a place

const bearsMarks = async (file) => {
  const head = new Uint8Array(await file.slice(0, 65_536).arrayBuffer());
  for (let at = 2; at + 4 < head.length && head[at] === 0xff; at += 2 + head[at + 2] * 256 + head[at + 3]) {
    if (head[at + 1] === 0xe1) return true;
    if (head[at + 1] === 0xda) return false;
  }
  return false;
};

export const shrink = async (file) => {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type)) return file;
  const marked = file.type !== "image/jpeg" || (await bearsMarks(file));
  if (file.size < ENOUGH && !marked) return file;
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file;
  }
  const scale = Math.min(1, MOST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; // where a PNG is clear
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", GOOD));
  if (!blob || (blob.size >= file.size && !marked)) return file;
  return new File([blob], `${file.name.replace(/\.\w+$/, "")}.jpg`, { type: "image/jpeg", lastModified: file.lastModified });
};
