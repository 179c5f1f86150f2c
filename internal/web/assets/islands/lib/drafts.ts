// Drafts: what somebody types into form[data-draft] is kept in this browser and
// given back when the form is opened again. Telephone numbers, passwords, files
// and hidden fields are never kept; drafts are forgotten after seven days, and at
// once when a page says data-draft-done.
import { all, later, once } from "./dom";

const PREFIX = "wx-draft:";
const KEEP = 7 * 24 * 3600 * 1000;

type Draft = { at: number; values: Record<string, string[]> };
type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

function fields(form: HTMLFormElement): Field[] {
  return (Array.from(form.elements) as Field[]).filter((e) => {
    if (!e.name || e.name[0] === "_" || !("value" in e) || e.hasAttribute("data-nodraft")) return false;
    return !["hidden", "password", "file", "tel", "submit", "button", "search"].includes(e.type) && e.tagName !== "BUTTON";
  });
}

function choice(e: Field): e is HTMLInputElement {
  return e.type === "radio" || e.type === "checkbox";
}

function read(form: HTMLFormElement): Draft["values"] {
  const out: Draft["values"] = {};
  for (const e of fields(form)) {
    if (choice(e) ? !e.checked : !e.value) continue;
    (out[e.name] = out[e.name] || []).push(e.value);
  }
  return out;
}

// fill gives back what the server did not already fill in.
function fill(form: HTMLFormElement, values: Draft["values"]): boolean {
  const now = read(form);
  let changed = false;
  for (const e of fields(form)) {
    const want = values[e.name];
    if (!want || now[e.name]) continue;
    if (choice(e)) {
      e.checked = want.includes(e.value);
    } else {
      e.value = want[0];
    }
    changed = true;
    e.dispatchEvent(new Event("input", { bubbles: true }));
    e.dispatchEvent(new Event("change", { bubbles: true }));
  }
  return changed;
}

// sayDraft shows a state of the draft wherever the page has a place for it.
export function sayDraft(text: string | undefined): void {
  for (const place of all<HTMLElement>("[data-draft-state]")) {
    const words = place.querySelector<HTMLElement>("span") || place;
    words.textContent = text || "";
    place.hidden = false;
  }
}

function store(): Storage | null {
  try {
    return window.localStorage;
  } catch (_) {
    return null;
  }
}

export function drafts(root: ParentNode): void {
  const box = store();
  for (const done of all<HTMLElement>("[data-draft-done]", root)) {
    box?.removeItem(PREFIX + done.dataset.draftDone);
  }
  if (box && once(document.documentElement, "draft-age")) {
    for (const key of Object.keys(box)) {
      if (!key.startsWith(PREFIX)) continue;
      const d = parse(box.getItem(key));
      if (!d || Date.now() - d.at > KEEP) box.removeItem(key);
    }
  }
  for (const form of all<HTMLFormElement>("form[data-draft]", root)) {
    if (!once(form, "draft")) continue;
    const key = PREFIX + form.dataset.draft;
    const save = (): void => {
      try {
        const values = read(form);
        if (!box) throw new Error("no storage");
        if (Object.keys(values).length === 0) {
          box.removeItem(key);
          return;
        }
        box.setItem(key, JSON.stringify({ at: Date.now(), values }));
        sayDraft(form.dataset.saved);
      } catch (_) {
        sayDraft(form.dataset.unsaved);
      }
    };
    const old = parse(box && box.getItem(key));
    if (old && !form.querySelector(".err") && fill(form, old.values)) sayDraft(form.dataset.restored);
    form.addEventListener("input", later(500, save));
    window.addEventListener("pagehide", save);
  }
}

function parse(text: string | null | undefined): Draft | null {
  try {
    const d = JSON.parse(text || "null");
    return d && typeof d.at === "number" && d.values ? d : null;
  } catch (_) {
    return null;
  }
}
