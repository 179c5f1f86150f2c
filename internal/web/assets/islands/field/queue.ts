// Queue: what was done, on its way to the district. One page sends at a time, one item at
// a time, in the order in which they were written. An item leaves the phone only after a
// 2xx. What the server refuses for good stops and waits for its person; everything else
// is sent again.
import * as store from "./store";
import { app, changed } from "./state";
import type { Waiting, Work } from "./types";

const OWNER = store.newKey();
let busy = false;
let once_more = false;
let quiet = 0; // not before this moment
let failures = 0;

// put makes a finished draft an item that waits, and begins to send.
export async function put(w: Work): Promise<void> {
  const item = await store.enqueue({ ...w, seen: Date.now(), state: "waiting", tries: 0 });
  app.waiting.push(item);
  changed();
  void flush(true);
}

export async function load(): Promise<void> {
  app.waiting = (await store.queue()).filter((w) => w.account === app.account).sort((a, b) => a.n - b.n);
  changed();
}

// chain names the line an item stands in: its record. What is found outside is one line.
const chain = (w: Waiting): string => w.kind + "/" + w.subject;

// next is the first item that may go: none that stands behind another of its record, or
// behind one that needs its person.
function next(): Waiting | undefined {
  const held = new Set<string>();
  return app.waiting.find((w) => {
    if (w.state === "needs") {
      if (w.subject && w.action !== "find") held.add(chain(w));
      return false;
    }
    return !held.has(chain(w));
  });
}

// flush sends what waits. now = do not wait for the end of a pause.
export async function flush(now = false): Promise<void> {
  if (busy) {
    once_more = true;
    return;
  }
  if (!app.account || (!now && Date.now() < quiet)) return;
  busy = true;
  try {
    await alone(run);
  } catch (e) {
    console.warn("queue", e);
  } finally {
    busy = false;
    app.sending = "";
    changed();
  }
  if (once_more) {
    once_more = false;
    void flush();
  }
}

// alone runs f in one page of this phone at a time.
async function alone(f: () => Promise<void>): Promise<void> {
  const locks = (navigator as any).locks;
  if (locks) return locks.request("weixiao-field", { ifAvailable: true }, (l: unknown) => (l ? f() : undefined));
  if (await store.lease(OWNER)) return f();
}

async function run(): Promise<void> {
  await load(); // another window may have sent or written some
  for (let w = next(); w; w = next()) {
    if (!(navigator as any).locks && !(await store.lease(OWNER))) return;
    app.sending = w.key;
    changed();
    if (!(await send(w))) return;
    failures = 0;
  }
}

function form(w: Waiting): FormData {
  const out = new FormData();
  out.set("item", JSON.stringify({
    key: w.key, account: w.account, kind: w.kind, subject: w.subject, action: w.action, answers: w.answers, version: w.version, seen: w.seen, skew: Math.round(app.skew), place: w.place,
  }));
  w.photos.forEach((b) => out.append("photo", b, "photo.jpg"));
  w.after.forEach((b) => out.append("after", b, "after.jpg"));
  return out;
}

// send sends one item; false ends this round.
async function send(w: Waiting): Promise<boolean> {
  let answer: Response;
  let body: any = null;
  try {
    const begun = Date.now();
    answer = await within(180000, (signal) =>
      fetch("/field/queue", { method: "POST", body: form(w), headers: { Accept: "application/json", "Idempotency-Key": w.key, "Accept-Language": document.documentElement.lang }, signal }));
    body = await answer.json().catch(() => null);
    app.cut = false;
    if (answer.ok && body) measure(begun, body.at);
  } catch (_) {
    app.cut = true;
    pause(0);
    return false;
  }
  if (answer.ok && body && body.subject !== undefined) {
    await store.arrived(w.n, { account: w.account, key: w.key, kind: body.kind, subject: body.subject, title: w.title, label: w.label, at: Date.now(), outcome: body.outcome, link: body.link });
    app.waiting = app.waiting.filter((x) => x.n !== w.n);
    app.fresh = true;
    changed();
    return true;
  }
  switch (answer.status) {
    case 401:
    case 403:
      app.signedOut = true;
      pause(60);
      changed();
      if (body && body.code === "other_account") document.dispatchEvent(new Event("field:account"));
      return false;
    case 409:
    case 412:
    case 413:
    case 422: {
      const needs: Waiting = { ...w, state: "needs", problem: { status: answer.status, detail: (body && body.detail) || "", errors: ((body && body.errors) || []).map((e: any) => e.message), now: body && body.now } };
      await store.setWaiting(needs);
      app.waiting = app.waiting.map((x) => (x.n === w.n ? needs : x));
      changed();
      return true;
    }
  }
  pause(Number(answer.headers.get("Retry-After")) || 0);
  return false;
}

// pause waits before the next round: seconds, or longer with every failure.
function pause(seconds: number): void {
  failures++;
  const s = seconds || Math.min(60, 2 ** Math.min(failures, 6));
  quiet = Date.now() + s * 1000;
  window.setTimeout(() => { void flush(); }, s * 1000 + 50);
}

// measure notes by how much the phone's clock is ahead, with half the way there and back.
export function measure(begun: number, at: number): void {
  if (!at) return;
  app.skew = (begun + Date.now()) / 2 - at;
  void store.setMeta("skew", app.skew);
}

// within gives up after a while: a connection that says nothing is none.
export async function within<T>(ms: number, f: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const timer = window.setTimeout(() => stop.abort(), ms);
  try {
    return await f(stop.signal);
  } finally {
    window.clearTimeout(timer);
  }
}

// watch sends whenever there may be a signal.
export function watch(): void {
  window.addEventListener("online", () => { void flush(true); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) void flush(true); });
  window.setInterval(() => { if (app.waiting.some((w) => w.state === "waiting")) void flush(); }, 30000);
}

export const bytes = (w: Work): number => w.photos.concat(w.after).reduce((n, b) => n + b.size, 0) + JSON.stringify(w.answers).length;
