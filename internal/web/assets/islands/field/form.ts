// Forms: any action's form drawn from what the server said of it. What is typed is a
// draft on the phone at once, photos too; the button makes it an item of the queue.
import * as store from "./store";
import { put } from "./queue";
import { app } from "./state";
import { aim } from "./aim";
import { distance, here } from "./place";
import { shrink } from "../lib/photos";
import { h, icon, metres, t } from "./words";
import type { Action, Choice, Field, Task, Work } from "./types";

export function fresh(a: Action, task: Task | null, title: string): Work {
  const answers: Record<string, string[]> = {};
  for (const [k, v] of Object.entries((task && task.known) || {})) if (a.fields.some((f) => f.name === k)) answers[k] = [v];
  for (const f of a.fields) if (f.required && f.type === "choice" && f.options?.length === 1 && !f.when) answers[f.name] = [f.options[0].Value];
  return { key: store.newKey(), account: app.account, kind: a.kind, subject: task ? task.subject : "", action: a.name, title, label: a.label, answers, photos: [], after: [],
    version: task && task.version && !a.adds ? task.version : 0, place: null, opened: Date.now() };
}

// keeper writes a draft down soon after each change, one write at a time.
export class Keeper {
  private timer = 0;
  private last: Promise<void> = Promise.resolve();
  private over = false;
  private changes = 0;
  constructor(readonly work: Work, private said: HTMLElement) {}
  soon = (): void => {
    this.changes++;
    this.said.dataset.kept = "";
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => { void this.now(); }, 250);
  };
  now = (): Promise<void> => {
    window.clearTimeout(this.timer);
    if (this.over || !this.changes) return this.last; // a form that was only looked at is no draft
    let at = 0;
    this.last = this.last.then(() => { at = this.changes; return store.setDraft({ ...this.work }); }).then(
      () => { if (at === this.changes) { this.said.textContent = t("draft.kept"); this.said.dataset.kept = "1"; } },
      () => { this.said.textContent = t("draft.lost"); });
    return this.last;
  };
  // at_once is for what must not be lost, like a picture just taken.
  at_once = (): Promise<void> => {
    this.changes++;
    this.said.dataset.kept = "";
    return this.now();
  };
  // done ends the draft: it became an item, or is thrown away.
  async done(f: () => Promise<void>): Promise<void> {
    window.clearTimeout(this.timer);
    this.over = true;
    await this.last;
    await f();
  }
}

let leaving: (() => void) | null = null;
export const leave = (): void => { if (leaving) leaving(); leaving = null; };
export function guard(k: Keeper): void {
  leaving = () => { void k.now(); };
}
document.addEventListener("visibilitychange", () => { if (document.hidden && leaving) leaving(); });
window.addEventListener("pagehide", () => { if (leaving) leaving(); });

// strip shows photos and takes more. before offers the camera with that picture over it.
export function strip(k: Keeper, list: Blob[], most: number, label: string, before?: Blob): HTMLElement {
  const box = h("div.pics");
  const said = h("p.hint", { role: "status" });
  const show = (): void => {
    box.replaceChildren(...list.map((b, i) => {
      const img = h("img", { alt: t("photo.nth", i + 1), src: URL.createObjectURL(b) }) as HTMLImageElement;
      img.onload = () => URL.revokeObjectURL(img.src);
      return h("span.pic", null, img, h("button.rm", { type: "button", "aria-label": t("photo.remove", i + 1), onclick: () => { list.splice(i, 1); show(); void k.at_once(); } }, icon("x")));
    }));
  };
  const take = async (files: Iterable<File>): Promise<void> => {
    said.textContent = t("photo.working");
    let words = "";
    for (const f of files) {
      if (list.length >= most) { words = t("photo.many", most); break; }
      try { list.push(await shrink(f)); } catch (_) { words = t("photo.bad"); }
    }
    said.textContent = words;
    show();
    await k.at_once();
  };
  const input = (camera: boolean): HTMLInputElement => h("input.vh", { type: "file", accept: "image/*", multiple: !camera, ...(camera ? { capture: "environment" } : {}),
    onchange: (e: Event) => { const i = e.target as HTMLInputElement; void take(Array.from(i.files || [])).then(() => { i.value = ""; }); } }) as HTMLInputElement;
  show();
  return h("div.f", null,
    h("p.lb", null, label),
    box,
    h("div.acts2", null,
      before && h("button.btn", { type: "button", onclick: async () => { const b = await aim(before); if (b) await take([new File([b], "photo.jpg", { type: "image/jpeg" })]); } }, icon("eye"), t("photo.same")),
      h("label.btn", null, input(true), icon("cam"), t("photo.take")),
      h("label.btn", null, input(false), icon("plus"), t("photo.pick"))),
    said);
}

// nearest puts the options that are somewhere in the order of their distance, and says it.
function nearest(list: Choice[], task: Task | null): Choice[] {
  const p = here();
  const at = task?.spots;
  if (!p || !at) return list;
  const m = (o: Choice): number => (at[o.Value] ? distance(p, at[o.Value]) : Infinity);
  return list.map((o) => ({ o, m: m(o) })).sort((a, b) => a.m - b.m).map(({ o, m }) => (m < Infinity ? { ...o, Label: o.Label + " · " + metres(m) } : o));
}

// field draws one question; its answer is written into the draft.
function field(k: Keeper, f: Field, choices: Choice[] | undefined, fault: string, again: () => void): HTMLElement {
  const id = "f-" + f.name;
  const have = k.work.answers[f.name] || [];
  const set = (v: string[], redraw = false): void => {
    if (v.length) k.work.answers[f.name] = v;
    else delete k.work.answers[f.name];
    k.soon();
    if (redraw) again();
  };
  const about = { "aria-invalid": fault ? "true" : null, "aria-describedby": fault ? id + "-e" : f.hint ? id + "-h" : null };
  const label = f.label + (f.required ? "" : t("optional"));
  const small = [f.hint && h("p.hint", { id: id + "-h" }, f.hint), fault && h("p.msg", { id: id + "-e" }, icon("alarm"), fault)];
  const options = choices || f.options || [];
  if (f.type === "bool") {
    return h("div.f" + (fault ? ".err" : ""), null, ...small,
      h("label.check", null, h("input", { type: "checkbox", id, checked: have[0] === "true", onchange: (e: any) => set(e.target.checked ? ["true"] : [], true) }), h("span", null, f.label)));
  }
  if (["choice", "multi"].includes(f.type) && options.length <= 9) {
    return h("fieldset.f" + (fault ? ".err" : ""), about, h("legend", null, label), ...small,
      h("div.opts", null, ...options.map((o) => h("label", null,
        h("input", { type: f.type === "multi" ? "checkbox" : "radio", name: id, value: o.Value, checked: have.includes(o.Value),
          onchange: (e: any) => set(f.type === "multi" ? (e.target.checked ? have.concat(o.Value) : have.filter((v) => v !== o.Value)) : [o.Value], true) }),
        h("span", null, o.Label)))));
  }
  let input: HTMLElement;
  if (["choice", "unit", "units", "case"].includes(f.type) && options.length) {
    input = h("select.in", { id, ...about, onchange: (e: any) => set(e.target.value ? [e.target.value] : []) }, h("option", { value: "" }, t("choose")),
      ...options.map((o) => h("option", { value: o.Value, selected: have[0] === o.Value }, o.Label)));
  } else if (f.type === "text") {
    input = h("textarea.in", { id, rows: 4, maxlength: f.max || 2000, ...about, oninput: (e: any) => set(e.target.value ? [e.target.value] : []) }, have[0] || "");
  } else {
    const types: Record<string, string> = { int: "number", date: "date", moment: "datetime-local", phone: "tel" };
    input = h("input.in", { id, type: types[f.type] || "text", value: have[0] || "", maxlength: f.max || null, ...about, oninput: (e: any) => set(e.target.value ? [e.target.value] : []) });
  }
  return h("div.f" + (fault ? ".err" : ""), null, h("label", { for: id }, label), ...small, input);
}

// lacking are the questions that must be answered and are not.
const lacking = (a: Action, w: Work): Field[] =>
  a.fields.filter((f) => f.required && shown(f, w) && !(w.answers[f.name] || []).some((v) => v.trim()));
const shown = (f: Field, w: Work): boolean => !f.when || (f.values || []).includes((w.answers[f.when] || [])[0] || "");

// draw is the page of an action.
export async function draw(main: HTMLElement, a: Action, task: Task | null, w: Work, back: string): Promise<void> {
  const said = h("p.hint", { role: "status", id: "draft" });
  const k = new Keeper(w, said);
  guard(k);
  const first = task && task.photos && task.photos[0];
  const before = a.before && first ? (await store.photo(app.account, first.id)) || (await store.photo(app.account, first.id + "|s")) : undefined;
  const faults: Record<string, string> = {};
  const form = h("form", { novalidate: true, id: "form", onsubmit: async (e: Event) => {
    e.preventDefault();
    Object.keys(faults).forEach((n) => delete faults[n]);
    const miss = lacking(a, w);
    miss.forEach((f) => { faults[f.name] = t("required", f.label); });
    if (miss.length) {
      fill();
      document.getElementById("f-" + miss[0].name)?.focus();
      return;
    }
    for (const f of a.fields) if (!shown(f, w)) delete w.answers[f.name];
    await k.done(() => put(w));
    location.hash = back;
  } });
  const from = task?.same ? app.day?.tasks.find((x) => x.kind === task.kind && x.subject === task.same) || task : task;
  const list = h("div.fs");
  const fill = (): void => {
    const on = document.activeElement && (document.activeElement as HTMLElement).id;
    list.replaceChildren(...a.fields.filter((f) => shown(f, w)).map((f) => field(k, f, from && from.choices && from.choices[f.name] ? nearest(from.choices[f.name], from) : undefined, faults[f.name] || "", fill)));
    if (on) document.getElementById(on)?.focus();
  };
  fill();
  form.append(list);
  if (a.photos) form.append(strip(k, w.photos, a.photos, t("photo.title"), before));
  form.append(h("div.foot2", null,
    h("button.btn.p.lg", { type: "submit" }, a.icon && icon(a.icon), w.label),
    said,
    h("button.btn.lg", { type: "button", id: "drop", onclick: async () => { await k.done(() => store.dropDraft(w.key)); location.hash = back; } }, t("draft.drop"))));
  main.replaceChildren(h("h1", null, w.label), w.title !== w.label && h("p.lead", null, w.title) || "", form);
}
