// page.js is on every page. It adds to pages that work without it: the focus goes
// where the server says, outcomes are announced, forms are sent once, drafts are
// kept, photos shrunk, places found. See the modules in lib/ for the data
// attributes they read.
import { all, announce, visible } from "./lib/dom";
import { drafts, sayDraft } from "./lib/drafts";
import { fields } from "./lib/fields";
import { busyWithPhotos, photos } from "./lib/photos";
import { places } from "./lib/place";
import { suggestions } from "./lib/suggest";

function dress(root: ParentNode): void {
  fields(root);
  drafts(root);
  photos(root);
  places(root);
  suggestions(root);
}

function focusWanted(root: ParentNode): boolean {
  const e = root.querySelector<HTMLElement>("[data-focus]");
  if (!e) return false;
  e.focus();
  return true;
}

function start(): void {
  dress(document);
  focusWanted(document);
  const banner = document.querySelector(".banner[role=status]");
  if (banner) announce(banner.textContent || "");
}

// A form is sent once: the second click while the first is on its way does
// nothing. The button is never disabled, so that it can be read and reached.
document.addEventListener("submit", (e) => {
  const form = e.target as HTMLFormElement;
  const button = (e as SubmitEvent).submitter;
  const stop = (): void => {
    e.preventDefault();
    e.stopImmediatePropagation();
  };
  if (form.method === "dialog" || form.method === "get") return;
  const question = button && button.dataset.confirm;
  if (form.getAttribute("aria-busy") === "true" || (question && !window.confirm(question))) {
    stop();
    return;
  }
  if (busyWithPhotos(form)) {
    stop();
    form.addEventListener("photos:ready", () => (button ? button.click() : form.submit()), { once: true });
    return;
  }
  if (navigator.onLine === false && form.dataset.offline) {
    stop();
    sayDraft(form.dataset.offline);
    announce(form.dataset.offline);
    return;
  }
  busy(form, button, true);
  // an answer that is a file leaves the page as it is: give the form back
  window.setTimeout(() => busy(form, button, false), 15000);
}, true);

function busy(form: Element, button: Element | null | undefined, on: boolean): void {
  for (const e of [form, button]) {
    if (on) e?.setAttribute("aria-busy", "true");
    else e?.removeAttribute("aria-busy");
  }
}

// The back button may bring a page back as it was left, busy.
window.addEventListener("pageshow", () => {
  all("form[aria-busy], .btn[aria-busy]").forEach((e) => e.removeAttribute("aria-busy"));
});

// htmx: targets are busy while a request runs; afterwards the new parts come to
// life, the focus goes to [data-focus], or back to where it was.
type Swap = CustomEvent<{ ctx?: { target?: Element | string; sourceElement?: Element } }>;

function target(e: Event): Element | null {
  const t = (e as Swap).detail?.ctx?.target;
  return typeof t === "string" ? document.querySelector(t) : t || null;
}

let focused: string[] = [];

document.addEventListener("htmx:before:request", (e) => target(e)?.setAttribute("aria-busy", "true"));
document.addEventListener("htmx:finally:request", (e) => {
  target(e)?.removeAttribute("aria-busy");
  const source = (e as Swap).detail?.ctx?.sourceElement;
  if (source) busy(source, source.querySelector(".btn[aria-busy]"), false);
});
document.addEventListener("htmx:before:swap", () => {
  // the ids from the focused element outwards: the nearest that survives gets the focus back
  focused = [];
  for (let e = document.activeElement; e && e !== document.body; e = e.parentElement) if (e.id) focused.push(e.id);
});
document.addEventListener("htmx:after:swap", (e) => {
  const root = target(e) || document;
  dress(root.isConnected === false ? document : (root as ParentNode));
  all<HTMLElement>("[data-announce]", root as ParentNode).forEach((x) => announce(x.dataset.announce || x.textContent || ""));
  if (focusWanted(root as ParentNode)) return;
  if (document.activeElement && document.activeElement !== document.body) return;
  for (const id of focused) {
    const back = document.getElementById(id);
    if (back && visible(back)) {
      back.focus();
      return;
    }
  }
});

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();

// The menu of the top bar closes when one looks elsewhere, and with Escape, which
// leaves the focus on its button.
function menu(): HTMLDetailsElement | null { return document.querySelector<HTMLDetailsElement>("details.all[open]"); }
document.addEventListener("click", (e) => {
  const open = menu();
  if (open && !open.contains(e.target as Node)) open.open = false;
});
document.addEventListener("keydown", (e) => {
  const open = menu();
  if (e.key !== "Escape" || !open) return;
  open.open = false;
  open.querySelector("summary")!.focus();
});
