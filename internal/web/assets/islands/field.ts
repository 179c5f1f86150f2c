// Field: the app of those who work outside, /field. It opens without a signal, shows what
// lay on the phone when there was one, and keeps what is done until it has arrived.
//
//	field.ts         this: start, the day, the frame, the ways between pages
//	field/state.ts   what every page looks at
//	field/store.ts   IndexedDB: days, photos, drafts, the queue
//	field/queue.ts   sending: one at a time, in order, each once
//	field/tasks.ts   what to do; field/find.ts a finding; field/form.ts any action
//	field/more.ts    what waits, what is around, the owner, what is never collected
//	field/place.ts   position and polygons; field/aim.ts the camera over the old picture
//	field/words.ts   messages and elements
import * as store from "./field/store";
import * as queue from "./field/queue";
import { allowed, locate } from "./field/place";
import { drawFind, freshFind } from "./field/find";
import { draw as drawForm, fresh, leave } from "./field/form";
import { drawArea, drawMe, drawNever, drawWaiting } from "./field/more";
import { camera, drawTask, drawTasks, taskOf } from "./field/tasks";
import { app, changed, onChange } from "./field/state";
import { chosen, dress, h, icon, note, owner, t, toldLang } from "./field/words";
import { announce } from "./lib/dom";
import type { Day } from "./field/types";

const root = document.getElementById("app") as HTMLElement;
const top = h("header.top");
const banner = h("div", { id: "banner" });
const main = h("main", { id: "main", tabindex: "-1" });
const tabs = h("nav.tabs5");
const dock = h("div.dock"); // at the thumb: the camera on the list of tasks, and the tabs
const skip = h("a.skip", { href: "#main", onclick: (e: Event) => { e.preventDefault(); main.focus(); } });

let shutter = camera();

// spoken draws the camera anew in the language chosen. Otherwise it stays the same: a
// picture may be on its way to it.
function spoken(): void {
  const next = camera();
  shutter.replaceWith(next);
  shutter = next;
}

// frame draws what stands around a page; it is drawn anew with every change.
function frame(): void {
  const n = app.waiting.length;
  const needs = app.waiting.filter((w) => w.state === "needs").length;
  const off = !navigator.onLine || app.cut;
  document.title = t("title");
  skip.textContent = t("skip");
  tabs.setAttribute("aria-label", t("nav"));
  const d = app.day;
  top.replaceChildren(h("span.brand", null, h("span.grow", null, h("b", null, t("title")), h("small", null, d ? d.unit + " · " + d.name : owner()))));
  const lines: (HTMLElement | "")[] = [];
  if (app.signedOut && (n || d)) lines.push(h("div.off", null, icon("lock"), h("span", null, t("banner.signin")), h("a.btn", { href: "/desk/sign-in?next=/field", id: "again" }, t("signin"))));
  else if (needs) lines.push(h("div.off.needs", null, icon("alarm"), h("span", null, t("banner.needs", needs)), h("a.btn", { href: "#/waiting" }, t("look"))));
  else if (off || n) lines.push(h("div.off", null, icon(off ? "cloudoff" : "sync"), h("span", null, off ? (n ? t("banner.off.n", n) : t("banner.off")) : t("banner.n", n)), n ? h("a.btn", { href: "#/waiting" }, t("look")) : ""));
  if (app.newer) lines.push(h("div.off.calm", null, icon("sync"), h("span", null, t("banner.newer")), h("button.btn", { type: "button", onclick: () => location.reload() }, t("reload"))));
  banner.replaceChildren(...lines);
  const here = location.hash.split("/")[1] || "";
  shutter.hidden = !(here === "" || here === "sent");
  const tab = (hash: string, name: string, pic: string, count: number, on: boolean): HTMLElement =>
    h("a" + (on ? ".on" : ""), { href: hash, "aria-current": on ? "page" : null }, icon(pic), t(name), count ? h("em", null, String(count)) : "");
  tabs.replaceChildren(
    tab("#/", "tab.tasks", "list", d ? d.tasks.length : 0, here === "" || here === "t" || here === "do" && !location.hash.includes("remark")),
    tab("#/find", "tab.find", "plus", 0, here === "find"),
    tab("#/waiting", "tab.waiting", "send", n, here === "waiting"),
    tab("#/area", "tab.area", "map", 0, here === "area"),
    tab("#/me", "tab.me", "user", 0, here === "me" || here === "never" || here === "remark"));
}

// page draws the page of the address.
let drawing = 0;
async function page(): Promise<void> {
  leave();
  const mine = ++drawing;
  const [, what = "", a = "", b = "", c = ""] = location.hash.split("/").map(decodeURIComponent);
  const into = h("div");
  await (async () => {
    switch (what) {
      case "t": {
        const task = taskOf(a, b);
        return task ? drawTask(into, task) : gone(into);
      }
      case "do": return open(into, a, b, c);
      case "find": {
        const w = a ? await store.draft(a) : freshFind(b);
        return w && w.account === app.account ? drawFind(into, w) : gone(into);
      }
      case "waiting": return drawWaiting(into);
      case "area": return drawArea(into, a);
      case "me": return drawMe(into, () => { spoken(); frame(); void page(); });
      case "never": return drawNever(into);
      case "remark": return open(into, "remark.write", "", "");
      case "sent": announce(t("queued")); history.replaceState(null, "", "#/"); return drawTasks(into);
      default: return drawTasks(into);
    }
  })();
  if (mine !== drawing) return; // another page was asked for meanwhile
  main.replaceChildren(into);
  if (note) into.append(h("p.muted.small.demo", null, note));
  frame();
  window.scrollTo(0, 0);
}

function gone(into: HTMLElement): void {
  into.replaceChildren(h("h1", null, t("gone")), h("p.lead", null, t("gone.note")), h("a.btn.lg", { href: "#/" }, t("tasks")));
}

// open is the form of an action, or a draft of it.
async function open(into: HTMLElement, name: string, subject: string, key: string): Promise<void> {
  const action = app.day?.actions[name];
  const task = action && subject ? taskOf(action.kind, subject) || null : null;
  const w = key ? await store.draft(key) : action ? fresh(action, task, task ? task.title : name === "remark.write" ? t("remark.about") : action.label) : undefined;
  if (!action || !w || w.account !== app.account) return gone(into);
  return drawForm(into, action, task, w, name === "remark.write" ? "#/me" : task ? `#/t/${action.kind}/${encodeURIComponent(subject)}` : "#/");
}

// still reports whether a page may be drawn anew under its person: never while something
// is being written.
const still = (): boolean => !["do", "find", "remark"].includes(location.hash.split("/")[1] || "") && !main.contains(document.activeElement?.closest("input,textarea") || null);

let asking = false;
// fetchDay gets what there is to do, and the pictures.
async function fetchDay(): Promise<void> {
  if (asking) return;
  asking = true;
  try {
    const begun = Date.now();
    const r = await queue.within(20000, (signal) => fetch("/field/day" + (chosen() ? "?lang=" + chosen() : ""), { headers: { Accept: "application/json" }, signal }));
    app.cut = false;
    if (r.status === 401 || r.status === 403) {
      app.signedOut = true;
      changed();
      if (!app.day && still()) void page();
      return;
    }
    if (!r.ok) return;
    const d: Day = await r.json();
    d.got = Date.now();
    app.signedOut = false;
    queue.measure(begun, d.at);
    if (toldLang(d.lang)) spoken();
    await store.setDay(d);
    if (d.account !== app.account) { // another person on this phone: nothing of the first is shown or sent
      app.account = d.account;
      await queue.load();
    }
    app.day = d;
    app.fresh = false;
    changed();
    if (still()) void page();
    void queue.flush(true);
    void pictures(d);
  } catch (_) {
    app.cut = true; // no signal: what lies on the phone is what there is
    changed();
  } finally {
    asking = false;
  }
}

// pictures keeps those of today's tasks, and of no other day.
async function pictures(d: Day): Promise<void> {
  const want: string[] = [];
  d.tasks.forEach((task) => (task.photos || []).forEach((p, i) => { want.push(p.id + "|s"); if (i === 0 && want.length < 60) want.push(p.id); }));
  const have = await store.photoKeys();
  const mine = new Set(want.map((id) => d.account + "|" + id));
  await store.dropPhotos(have.filter((k) => k.startsWith(d.account + "|") && !mine.has(k)));
  for (const id of want) {
    if (have.includes(d.account + "|" + id) || app.account !== d.account) continue;
    try {
      const r = await fetch("/field/photos/" + id.replace("|s", "?small=1"));
      if (r.ok) await store.setPhoto(d.account, id, await r.blob());
    } catch (_) {
      return;
    }
  }
}

// install lets the browser keep the app itself.
function install(): void {
  const sw = navigator.serviceWorker;
  if (!sw) return;
  const had = Boolean(sw.controller);
  sw.addEventListener("controllerchange", () => { if (had) { app.newer = true; changed(); } });
  sw.register("/field/worker.js", { scope: "/field", updateViaCache: "none" }).then((r) => r.update().catch(() => undefined)).catch(() => undefined);
}

// signedIn is who signed in last in this browser: the server says it in a cookie, so it is
// known without a signal too. Nobody else's work is shown.
const signedIn = (): string => (/(?:^|; )weixiao-who=([^;]*)/.exec(document.cookie) || ["", ""])[1];

async function start(): Promise<void> {
  dress();
  root.replaceChildren(skip, top, banner, main, dock);
  dock.append(shutter, tabs);
  app.account = signedIn() || (await store.meta<string>("account")) || "";
  app.skew = (await store.meta<number>("skew")) || 0;
  app.day = (app.account && (await store.dayOf(app.account))) || null;
  await queue.load();
  onChange(frame);
  let shown = "";
  onChange(() => { // the page of what waits follows the queue
    const now = app.waiting.map((w) => w.n + w.state).join() + app.sending;
    if (now !== shown && location.hash.startsWith("#/waiting") && still()) void page();
    shown = now;
    if (app.fresh && !app.waiting.some((w) => w.state === "waiting")) void fetchDay();
  });
  await page();
  root.dataset.ready = "1";
  performance.mark("ready");
  window.addEventListener("hashchange", () => { void page(); });
  for (const what of ["online", "offline"]) window.addEventListener(what, frame);
  window.addEventListener("online", () => { void fetchDay(); });
  document.addEventListener("field:lang", () => { void fetchDay(); });
  document.addEventListener("field:account", () => { void fetchDay(); });
  let seen = Date.now();
  document.addEventListener("visibilitychange", () => { if (!document.hidden && signedIn() && signedIn() !== app.account) location.reload(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && Date.now() - seen > 300000) { seen = Date.now(); void fetchDay(); } });
  queue.watch();
  install();
  void fetchDay();
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => undefined);
  if (await allowed()) {
    await locate();
    if (still() && (location.hash === "" || location.hash === "#/")) void page();
  }
}

void start();
