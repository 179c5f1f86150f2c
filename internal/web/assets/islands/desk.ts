// desk.js is the keyboard of the desk. Which key does what is written on the
// buttons by the server (data-key="E", data-key="Ctrl Enter", data-alt="1"), so
// the keys people see are the keys that work. The list adds J, K, Enter, X.
// Nothing happens while an input method composes, or to single letters while one
// types. Keys the browser or the input method needs are never used.
import { all, once, visible } from "./lib/dom";

function typing(e: Element | null): boolean {
  if (!(e instanceof HTMLElement)) return false;
  if (e.isContentEditable || e.tagName === "TEXTAREA" || e.tagName === "SELECT") return true;
  return e instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "file"].includes(e.type);
}

// name writes an event the way data-key does: "E", "Ctrl Enter", "Alt M", "F6".
function name(e: KeyboardEvent): string {
  const parts: string[] = [];
  if (e.ctrlKey || e.metaKey) parts.push("Ctrl");
  if (e.altKey) parts.push("Alt");
  // with Alt some systems type another character; the place of the key counts then
  const letter = e.altKey && /^(Key|Digit)/.test(e.code) ? e.code.replace(/^(Key|Digit)/, "") : e.key;
  parts.push(letter.length === 1 ? letter.toUpperCase() : letter);
  return parts.join(" ");
}

function rows(): HTMLElement[] {
  return all<HTMLElement>("[data-list] [data-row]");
}

function current(): HTMLElement | null {
  return document.querySelector<HTMLElement>("[data-row][aria-current=true]");
}

// pick makes a row the selected one; its preview follows (hx-trigger="pick").
function pick(row: HTMLElement, focus: boolean): void {
  const old = current();
  if (old && old !== row) {
    old.removeAttribute("aria-current");
    old.classList.remove("sel");
  }
  row.setAttribute("aria-current", "true");
  row.classList.add("sel");
  if (focus) row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  row.dispatchEvent(new CustomEvent("pick", { bubbles: false }));
}

function move(step: number): boolean {
  const list = rows();
  if (list.length === 0) return false;
  const at = list.indexOf(current() as HTMLElement);
  const next = at < 0 ? (step > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + step));
  pick(list[next], true);
  return true;
}

function search(): boolean {
  const box = document.querySelector<HTMLInputElement>("[data-search]");
  if (!box || !visible(box)) return false;
  box.focus();
  box.select();
  return true;
}

function press(key: string): boolean {
  const hit = all<HTMLElement>("[data-key]").find((e) => (e.dataset.key || "").toUpperCase() === key.toUpperCase() && visible(e));
  if (!hit) return false;
  hit.focus({ preventScroll: true });
  hit.click();
  return true;
}

function field(digit: string): boolean {
  const hit = document.querySelector<HTMLElement>(`[data-alt="${digit}"]`);
  if (!hit || !visible(hit)) return false;
  const group = hit.closest("fieldset");
  const on = group && group.querySelector<HTMLInputElement>(`input[name="${(hit as HTMLInputElement).name}"]:checked`);
  (on || hit).focus();
  return true;
}

function sheet(): HTMLDialogElement | null {
  const d = document.getElementById("keys");
  return d && "showModal" in d ? (d as HTMLDialogElement) : null;
}

function cap(key: string): HTMLElement {
  const k = document.createElement("kbd");
  k.className = "k";
  k.textContent = key;
  return k;
}

// help opens the sheet with every key that works on this page right now.
function help(): boolean {
  const dialog = sheet();
  const list = dialog && dialog.querySelector("dl");
  if (!dialog || !list) return false;
  all("[data-made]", list).forEach((e) => e.remove());
  const add = (keys: string[], text: string): void => {
    const dt = document.createElement("dt");
    const dd = document.createElement("dd");
    dt.dataset.made = dd.dataset.made = "";
    keys.forEach((k, i) => dt.append(...(i ? [" ", cap(k)] : [cap(k)])));
    dd.textContent = text;
    list.append(dt, dd);
  };
  if (rows().length > 0) {
    const [upDown, open, mark] = (list.dataset.list || "").split("|");
    add(["J", "K"], upDown);
    add(["Enter"], open);
    add(["X"], mark);
  }
  if (document.querySelector("[data-alt]")) add(["Alt 1", "…", "9"], list.dataset.keys || "");
  const done = new Set<string>();
  for (const e of all<HTMLElement>("[data-key]")) {
    const key = e.dataset.key || "";
    if (!visible(e) || done.has(key)) continue;
    done.add(key);
    const copy = e.cloneNode(true) as HTMLElement;
    all(".k, svg", copy).forEach((x) => x.remove());
    add([key], (copy.textContent || e.getAttribute("aria-label") || "").trim());
  }
  dialog.showModal();
  return true;
}

function single(e: KeyboardEvent, key: string): boolean {
  switch (key) {
    case "?": return help();
    case "/": return search();
    case "J": return move(1) || press(key);
    case "K": return move(-1) || press(key);
    case "Enter": {
      const at = document.activeElement;
      const link = current()?.querySelector<HTMLAnchorElement>("a[href]");
      if (!link || (at instanceof HTMLElement && at.matches("a, button, input, summary, [role=button]"))) return false;
      link.click();
      return true;
    }
    case "X": {
      const box = current()?.querySelector<HTMLInputElement>("input[type=checkbox]");
      if (!box) return press(key);
      box.click();
      return true;
    }
  }
  return press(key);
}

function handle(e: KeyboardEvent): boolean {
  const key = name(e);
  const free = !e.ctrlKey && !e.altKey && !e.metaKey;
  if (key === "Ctrl K") return search();
  if (free && !/^F\d+$/.test(key)) return typing(document.activeElement) ? false : single(e, key);
  const digit = /^Alt (\d)$/.exec(key);
  return (digit !== null && field(digit[1])) || press(key);
}

document.addEventListener("keydown", (e) => {
  if (e.isComposing || e.keyCode === 229 || e.defaultPrevented || e.repeat && !/^[jk]$/i.test(e.key)) return;
  if (sheet()?.open) return;
  if (handle(e)) e.preventDefault();
});

// Leaving a field with Escape gives the letters back to the case.
document.addEventListener("keydown", (e) => {
  if (e.key !== "Escape" || e.isComposing || !typing(document.activeElement)) return;
  const row = current();
  (document.activeElement as HTMLElement).blur();
  row?.focus({ preventScroll: true });
});

document.addEventListener("click", (e) => {
  const at = e.target as HTMLElement;
  const row = at.closest<HTMLElement>("[data-list] [data-row]");
  if (row && !at.closest("a, input, button, label")) pick(row, true);
});

// The number of picked rows, for the bulk buttons: [data-picked] shows it.
function countPicked(): void {
  const n = all<HTMLInputElement>("[data-row] input[type=checkbox]:checked").length;
  for (const place of all<HTMLElement>("[data-picked]")) {
    place.textContent = (place.dataset.picked || "{0}").replace("{0}", String(n));
    place.hidden = n === 0;
  }
}

document.addEventListener("change", (e) => {
  if ((e.target as HTMLElement).closest("[data-row]")) countPicked();
});
if (once(document.documentElement, "desk")) countPicked();
