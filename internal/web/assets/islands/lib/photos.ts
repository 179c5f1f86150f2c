// Photos: pictures chosen in a [data-photos] strip are turned upright, shrunk to
// 1600 px and written as JPEG before they are sent; that also drops what the
// camera wrote into the file (place, device). They are shown and can be removed.
// Without scripts the input sends the originals and the server does the same.
import { all, announce, once, put, size } from "./dom";

const EDGE = 1600;
const QUALITY = 0.8;

type Kept = { file: File; tile: HTMLElement };

// working counts pictures still being shrunk; a form waits for them.
const working = new WeakMap<HTMLFormElement, number>();

export function busyWithPhotos(form: HTMLFormElement): boolean {
  return (working.get(form) || 0) > 0;
}

export async function shrink(file: File): Promise<File> {
  const url = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const scale = Math.min(1, EDGE / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
    const pen = canvas.getContext("2d");
    if (!pen) throw new Error("no canvas");
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (!blob) throw new Error("no picture");
    return new File([blob], "photo.jpg", { type: "image/jpeg", lastModified: file.lastModified });
  } finally {
    URL.revokeObjectURL(url);
  }
}

export function photos(root: ParentNode): void {
  for (const strip of all<HTMLElement>("[data-photos]", root)) {
    const input = strip.querySelector<HTMLInputElement>("input[type=file]");
    if (!input || !once(strip, "photos") || typeof DataTransfer === "undefined") continue;
    watch(strip, input);
  }
}

function watch(strip: HTMLElement, input: HTMLInputElement): void {
  const max = Number(strip.dataset.max) || 9;
  const stored = strip.querySelectorAll(".pic").length;
  const said = strip.querySelector<HTMLElement>("[data-said]");
  const add = strip.querySelector<HTMLElement>("[data-add]");
  let kept: Kept[] = [];

  const say = (text: string): void => {
    if (said) said.textContent = text;
    else announce(text);
  };
  const sync = (): void => {
    const carrier = new DataTransfer();
    kept.forEach((k) => carrier.items.add(k.file));
    input.files = carrier.files;
    if (add) add.hidden = stored + kept.length >= max;
    kept.forEach((k, i) => k.tile.querySelector("button")?.setAttribute("aria-label", put(strip.dataset.remove, stored + i + 1)));
  };
  const show = (file: File): void => {
    const tile = document.createElement("span");
    tile.className = "pic";
    const image = document.createElement("img");
    image.alt = "";
    image.src = URL.createObjectURL(file);
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "rm";
    remove.innerHTML = '<svg class="i" viewBox="0 0 24 24" aria-hidden="true"><path d="m6 6 12 12M18 6 6 18"/></svg>';
    remove.addEventListener("click", () => {
      URL.revokeObjectURL(image.src);
      kept = kept.filter((k) => k.tile !== tile);
      tile.remove();
      sync();
      input.focus();
    });
    tile.append(image, remove);
    strip.insertBefore(tile, said);
    kept.push({ file, tile });
  };

  input.addEventListener("change", async () => {
    const fresh = Array.from(input.files || []);
    const form = input.form;
    if (form) working.set(form, (working.get(form) || 0) + 1);
    say(strip.dataset.working || "");
    let words = "";
    for (const file of fresh) {
      if (stored + kept.length >= max) {
        words = strip.dataset.many || "";
        break;
      }
      try {
        show(await shrink(file));
      } catch (_) {
        words = strip.dataset.bad || "";
      }
    }
    sync();
    const bytes = kept.reduce((n, k) => n + k.file.size, 0);
    say(words || put(strip.dataset.small, size(bytes)));
    if (form) {
      working.set(form, (working.get(form) || 1) - 1);
      form.dispatchEvent(new CustomEvent("photos:ready"));
    }
  });
}
