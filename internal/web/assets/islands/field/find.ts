// Find: something seen outside, in three taps and a few words: the camera, what it is if
// the guess is wrong, and up it goes, or it is settled on the spot.
import * as store from "./store";
import { areaOf, distance, here, locate, move } from "./place";
import { guard, Keeper, strip } from "./form";
import { put } from "./queue";
import { app } from "./state";
import { h, icon, metres, t } from "./words";
import type { Action, Point, Work } from "./types";

const FIND = "finding.find";
export const findAction = (): Action | undefined => app.day?.actions[FIND];

// freshFind begins a finding; turn is the round it is made on, "" for none.
export function freshFind(turn = ""): Work {
  return { key: store.newKey(), account: app.account, kind: "finding", subject: turn, action: "find", title: "", label: t("find.label"), answers: {}, photos: [], after: [], version: 0,
    place: null, opened: Date.now() };
}

type Habit = Record<string, number>;
const habits = async (): Promise<Habit> => (await store.meta<Habit>("habit|" + app.account)) || {};

// guess orders the matters: by what the words say, then by what this person finds often.
export function guess(words: string, often: Habit): { key: string; name: string; score: number }[] {
  const said = words.toLowerCase();
  return ((app.day && app.day.matters) || [])
    .map((m) => {
      let score = 0;
      for (const w of m.words || []) if (w && said.includes(w.toLowerCase())) score += w.length;
      // a name like 路灯不亮 speaks through its pairs of characters
      for (let i = 0; i + 1 < m.name.length && said; i++) if (/[^\x00-\x7f]{2}/.test(m.name.slice(i, i + 2)) && said.includes(m.name.slice(i, i + 2))) score += 1;
      return { key: m.key, name: m.name, score: score * 10 + Math.min(9, often[m.key] || 0) };
    })
    .filter((m) => m.score > 0)
    .sort((a, b) => b.score - a.score);
}

export async function drawFind(main: HTMLElement, w: Work): Promise<void> {
  const said = h("p.hint", { role: "status", id: "draft" });
  const k = new Keeper(w, said);
  guard(k);
  const often = await habits();
  const answer = (name: string): string => (w.answers[name] || [""])[0];
  const set = (name: string, v: string): void => {
    if (v) w.answers[name] = [v];
    else delete w.answers[name];
    k.soon();
  };
  const nameOf = (key: string): string => app.day?.matters.find((m) => m.key === key)?.name || "";

  // what it is
  let chosen = Boolean(answer("matter"));
  let all = false;
  const matters = h("fieldset.f", { id: "matters" });
  const drawMatters = (): void => {
    const q = (matters.querySelector<HTMLInputElement>("#matter-q")?.value || "").trim().toLowerCase();
    const list = guess(answer("words"), often);
    if (!chosen) {
      if (list.length && list[0].score >= 20) w.answers.matter = [list[0].key];
      else delete w.answers.matter;
    }
    const pick = (app.day?.matters || []).filter((m) => q && (m.name.toLowerCase().includes(q) || m.find.toLowerCase().includes(q))).slice(0, 12);
    const top = all && q ? pick : all ? (app.day?.matters || []) : list.slice(0, 3);
    const now = answer("matter");
    const rows = now && !top.some((m) => m.key === now) ? [{ key: now, name: nameOf(now) }, ...top] : top;
    const choice = (key: string, name: string): HTMLElement => h("label", null,
      h("input", { type: "radio", name: "matter", value: key, checked: key === now, onchange: () => { chosen = true; set("matter", key); all = false; drawMatters(); } }), h("span", null, name));
    const box = h("div.opts", null, ...rows.map((m) => choice(m.key, m.name)), !now && !all && choice("", t("find.matter.none")));
    if (q && matters.querySelector(".opts")) {
      matters.querySelector(".opts")!.replaceWith(box); // the box keeps its focus
      return;
    }
    matters.replaceChildren(h("legend", null, t("find.matter")), ...[
      all && h("input.in", { id: "matter-q", type: "search", "aria-label": t("find.matter.search"), placeholder: t("find.matter.search"), oninput: drawMatters }),
      box,
      !all && h("button.btn", { type: "button", id: "matter-all", onclick: () => { all = true; drawMatters(); document.getElementById("matter-q")?.focus(); } }, icon("search"), t("find.matter.other"))].filter(Boolean) as Node[]);
  };

  // where it is
  const where = h("div.f.where");
  const drawWhere = (busy = ""): void => {
    const p = w.place;
    const h0 = here();
    const area = p ? areaOf(app.day, p) : "";
    const shift = (e: number, n: number): void => { if (w.place) { w.place = move(w.place, e, n); k.soon(); drawWhere(); } };
    const off = p && h0 ? distance(p, h0) : 0;
    const line = busy || (p ? [area || t("find.place.point"), off > 15 ? t("find.place.moved", metres(off)) : h0 ? t("find.place.accuracy", Math.round(h0.accuracy)) : ""].filter(Boolean).join(" · ") : t("find.place.none"));
    where.replaceChildren(h("p.lb", null, t("find.place")), h("p.at", { role: "status" }, icon("pin"), line));
    if (p) where.append(sketch(p, (q) => { w.place = q; k.soon(); drawWhere(); }), h("div.arrows", { role: "group", "aria-label": t("find.place.move") },
      ...([["↑", 0, 10, "north"], ["↓", 0, -10, "south"], ["←", -10, 0, "west"], ["→", 10, 0, "east"]] as const).map(([sign, e, n, name]) =>
        h("button.btn", { type: "button", "aria-label": t("find.place." + name), onclick: () => shift(e, n) }, sign))));
    where.append(h("button.btn", { type: "button", onclick: () => { void find(true); } }, icon("sync"), p ? t("find.place.again") : t("find.place.ask")),
      h("label", { for: "f-place" }, t("find.place.words")),
      h("input.in", { id: "f-place", maxlength: 200, value: answer("place"), oninput: (e: any) => set("place", e.target.value.trim()) }));
  };
  const find = async (again: boolean): Promise<void> => {
    drawWhere(t("find.place.working"));
    const got = await locate(again);
    if (got) {
      w.place = { lon: got.lon, lat: got.lat };
      if (again) k.soon();
    }
    drawWhere(got ? "" : w.place ? "" : t("find.place.failed"));
  };

  // settled on the spot
  const fix = h("div.fix");
  const drawFix = (): void => {
    const on = answer("settled") === "true";
    fix.replaceChildren();
    if (on) {
      fix.append(h("div.f", null, h("label", { for: "f-fix" }, t("find.fix")),
        h("textarea.in", { id: "f-fix", rows: 3, maxlength: 1000, oninput: (e: any) => set("fix", e.target.value.trim()) }, answer("fix"))),
        strip(k, w.after, 3, t("find.after"), w.photos[0]));
    }
    settle.textContent = on ? t("find.settled.send") : t("find.settled");
    settle.className = on ? "btn p lg" : "btn lg";
    up.hidden = on;
    undo.hidden = !on;
  };
  const on = app.day?.tasks.find((x) => w.subject && x.finds === w.subject); // the round it is made on
  const problem = h("p.msg", { role: "alert", id: "problem" });
  const send = async (settled: boolean): Promise<void> => {
    const miss = !answer("words").trim() ? "f-words" : settled && !answer("fix").trim() ? "f-fix" : "";
    if (miss) {
      problem.textContent = t(miss === "f-words" ? "find.words.missing" : "find.fix.missing");
      document.getElementById(miss)?.focus();
      return;
    }
    if (settled) w.answers.settled = ["true"];
    else { delete w.answers.settled; delete w.answers.fix; w.photos.push(...w.after); w.after = []; }
    w.title = answer("words").trim().slice(0, 40);
    w.label = settled ? t("find.settled.label") : t("find.label");
    const key = answer("matter");
    if (key) await store.setMeta("habit|" + app.account, { ...often, [key]: (often[key] || 0) + 1 });
    await k.done(() => put(w));
    location.hash = "#/sent";
  };
  const up = h("button.btn.p.lg", { type: "button", id: "send-up", onclick: () => send(false) }, icon("send"), t("find.up"));
  const settle = h("button.btn.lg", { type: "button", id: "settle", onclick: () => { if (answer("settled") === "true") void send(true); else { w.answers.settled = ["true"]; k.soon(); drawFix(); document.getElementById("f-fix")?.focus(); } } });
  const undo = h("button.btn.lg", { type: "button", hidden: true, onclick: () => { delete w.answers.settled; k.soon(); drawFix(); } }, t("find.settled.undo"));

  main.replaceChildren(
    h("h1", null, t("find.title")),
    on && h("p.lead", null, on.title) || "",
    strip(k, w.photos, 6, t("find.photos")),
    h("div.f", null, h("label", { for: "f-words" }, t("find.words")),
      h("textarea.in", { id: "f-words", rows: 3, maxlength: 2000, placeholder: t("find.words.hint"), oninput: (e: any) => { set("words", e.target.value); drawMatters(); } }, answer("words"))),
    matters, where, fix,
    h("div.foot2", null, problem, up, settle, undo, said,
      h("button.btn.lg", { type: "button", id: "drop", onclick: async () => { await k.done(() => store.dropDraft(w.key)); location.hash = "#/"; } }, t("draft.drop"))));
  drawMatters();
  drawFix();
  drawWhere();
  if (!w.place) void find(false);
}

// sketch is the area around a point, from the polygons on the phone: 200 m across. A tap
// moves the point.
function sketch(at: Point, moved: (p: Point) => void): Element {
  const half = 100;
  const ns = "http://www.w3.org/2000/svg";
  const make = (name: string, attrs: Record<string, string | number>): SVGElement => {
    const e = document.createElementNS(ns, name);
    for (const [a, v] of Object.entries(attrs)) e.setAttribute(a, String(v));
    return e;
  };
  const svg = make("svg", { viewBox: `${-half} ${-half} ${2 * half} ${2 * half}`, class: "sketch", role: "img", "aria-label": t("find.place.sketch") });
  const px = (lon: number): number => (lon - at.lon) * 111320 * Math.cos((at.lat * Math.PI) / 180);
  const py = (lat: number): number => -(lat - at.lat) * 110570;
  for (const a of (app.day && app.day.area) || []) {
    for (const ring of a.rings) {
      const points = ring.map(([x, y]) => `${px(x / 1e5).toFixed(1)},${py(y / 1e5).toFixed(1)}`).join(" ");
      svg.append(make("polygon", { points }));
    }
  }
  for (const task of (app.day && app.day.tasks) || []) {
    if (task.at && distance(task.at, at) < half) svg.append(make("circle", { cx: px(task.at.lon), cy: py(task.at.lat), r: 4, class: "near" }));
  }
  svg.append(make("circle", { cx: 0, cy: 0, r: 7, class: "me" }));
  svg.addEventListener("click", (e) => {
    const r = svg.getBoundingClientRect();
    const x = (((e as MouseEvent).clientX - r.left) / r.width) * 2 - 1;
    const y = 1 - (((e as MouseEvent).clientY - r.top) / r.height) * 2;
    moved(move(at, x * half, y * half));
  });
  return svg;
}
