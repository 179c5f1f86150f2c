// Tasks: what there is to do, nearest first, and one of them opened.
import * as store from "./store";
import { distance, here, locate } from "./place";
import { freshFind } from "./find";
import { app, changed, now } from "./state";
import { due, h, has, icon, metres, moment, t } from "./words";
import { shrink } from "../lib/photos";
import type { Tag, Task } from "./types";

let filter = "";

const far = (task: { at?: { lon: number; lat: number } }): number => {
  const p = here();
  return p && task.at ? distance(p, task.at) : Infinity;
};
const over = (task: Task): boolean => Boolean(task.due && task.due - now() < 86400000);
// inOrder: what a clock runs out on within a day, the earliest first; then the nearest.
const inOrder = (a: Task, b: Task): number => {
  if (over(a) || over(b)) return over(a) && over(b) ? a.due! - b.due! : over(a) ? -1 : 1;
  const x = far(a);
  const y = far(b);
  return x !== y ? (x < y ? -1 : 1) : (a.due || 9e15) - (b.due || 9e15);
};
export const taskOf = (kind: string, subject: string): Task | undefined => app.day?.tasks.find((x) => x.kind === kind && x.subject === subject);
export const taskHref = (x: { kind: string; subject: string }): string => `#/t/${x.kind}/${encodeURIComponent(x.subject)}`;

export const tags = (list: Tag[] | undefined): HTMLElement[] => (list || []).map((x) => h("span.tag." + (x.tone || "plain"), null, x.text));
export const chip = (task: Task): HTMLElement | null => {
  if (!task.due) return task.plan ? h("span.tag.plain", null, task.plan) : null;
  const d = due(task.due, now());
  return h("span.dl." + d.level, null, icon(d.level === "over" ? "alarm" : "clock"), d.text);
};
const held = (task: Task): number => app.waiting.filter((w) => w.subject && w.subject === task.subject && (w.kind === task.kind || w.subject === task.finds)).length;

function card(task: Task): HTMLElement {
  const m = far(task);
  const n = held(task);
  const first = (task.do || [])[0];
  const action = first && app.day?.actions[first];
  return h("li.task" + (task.due && task.due - now() < 7200000 ? ".now" : ""), null,
    h("div.row", null, chip(task), h("span.end", null, ...tags(task.tags), task.state && h("span.st." + (task.chip || "new"), null, task.state))),
    h("h2", null, h("a", { href: taskHref(task) }, task.title)),
    h("div.meta", null,
      m < Infinity && h("span", null, icon("pin"), metres(m)), task.place && h("span", null, m < Infinity ? null : icon("pin"), task.place),
      (task.photos || []).length > 0 && h("span", null, t("task.photos", (task.photos || []).length)),
      n > 0 && h("span.tag.warn", null, t("task.waiting", n))),
    task.finds ? h("div.acts2", null, h("a.btn.p", { href: "#/find//" + encodeURIComponent(task.finds) }, icon("plus"), t("find.title"), h("span.vh", null, " " + task.title)))
    : action && h("div.acts2", null, h("a.btn" + (action.look === "p" ? ".p" : ""), { href: `#/do/${first}/${encodeURIComponent(task.subject)}` }, action.icon && icon(action.icon), action.label,
      h("span.vh", null, " " + task.title))));
}

// camera is the way to report what is seen: one tap, and the camera is open. turn is the round it is seen on.
export function camera(turn = ""): HTMLElement {
  const input = h("input.vh", { type: "file", accept: "image/*", capture: "environment", id: turn ? "turn-camera" : "camera", onchange: async (e: Event) => {
    const i = e.target as HTMLInputElement;
    const files = Array.from(i.files || []);
    if (!files.length) return;
    const w = freshFind(turn);
    for (const f of files) try { w.photos.push(await shrink(f)); } catch (_) { /* the page says that there is none */ }
    i.value = ""; // the same picture may be chosen again
    await store.setDraft(w);
    location.hash = "#/find/" + w.key;
  } });
  return h("label.btn.p.lg.camera", null, input, icon("cam"), t("camera"));
}

export async function drawTasks(main: HTMLElement): Promise<void> {
  const day = app.day;
  if (!day) {
    main.replaceChildren(h("h1", null, t("tasks")), h("p", null, t(app.signedOut ? "first.signin" : "first.wait")),
      app.signedOut && h("a.btn.p.lg", { href: "/desk/sign-in?next=/field" }, icon("user"), t("signin")) || "");
    return;
  }
  const mine = (await store.drafts()).filter((d) => d.account === app.account);
  const kinds = Array.from(new Set(day.tasks.map((x) => x.kind)));
  const pills: [string, string, Task[]][] = [["", t("filter.all"), day.tasks], ["soon", t("filter.soon"), day.tasks.filter(over)]];
  for (const k of kinds) pills.push([k, has("kind." + k) ? t("kind." + k) : k, day.tasks.filter((x) => x.kind === k)]);
  const on = pills.find((p) => p[0] === filter) || pills[0];
  const list = on[2].slice().sort(inOrder);
  const nearest = Boolean(here());
  main.replaceChildren(
    h("h1", null, t("tasks")),
    h("div.pills", { role: "group", "aria-label": t("filter") },
      ...pills.filter((p, i) => i === 0 || p[2].length).map(([key, label, of]) =>
        h("button.pill" + (on[0] === key ? ".on" : ""), { type: "button", "aria-pressed": String(on[0] === key), onclick: () => { filter = key; changed(); void drawTasks(main); } }, label + " " + of.length))),
    !nearest && h("button.btn", { type: "button", id: "nearest", onclick: async () => { await locate(true); void drawTasks(main); } }, icon("pin"), t("nearest")) || "",
    mine.length ? h("ul.tasks.draftlist", { "aria-label": t("drafts") }, ...mine.map((d) => h("li.task.draft", null, h("div.row", null, icon("file"), h("b", null, t("draft.open", d.label))),
      h("p.meta", null, (d.title || (d.answers.words || [""])[0] || "").slice(0, 40), " ", moment(d.opened)),
      h("div.acts2", null,
        h("button.btn", { type: "button", onclick: async () => { await store.dropDraft(d.key); void drawTasks(main); } }, t("draft.drop")),
        h("a.btn.p", { href: d.kind === "finding" && d.action === "find" ? "#/find/" + d.key : `#/do/${d.kind}.${d.action}/${encodeURIComponent(d.subject)}/${d.key}` }, t("draft.go")))))) : "",
    list.length ? h("ul.tasks", null, ...list.map(card)) : h("p.lead", null, t("none")),
    h("div.big", null, ...Object.entries(day.actions).filter(([, a]) => a.fresh && (!on[0] || on[0] === a.kind)).map(([name, a]) =>
      h("a.btn.lg", { href: `#/do/${name}/` }, a.icon && icon(a.icon), a.label))),
    h("p.muted.small", null, t("got", moment(day.got))));
}

// thumb is a picture kept on the phone.
export async function thumb(id: string, alt: string): Promise<HTMLElement> {
  const b = (await store.photo(app.account, id + "|s")) || (await store.photo(app.account, id));
  if (!b) return h("span.pic.none", null, t("photo.later"));
  const img = h("img", { alt, src: URL.createObjectURL(b) }) as HTMLImageElement;
  img.onload = () => URL.revokeObjectURL(img.src);
  return h("span.pic", null, img);
}

export async function drawTask(main: HTMLElement, task: Task): Promise<void> {
  const m = far(task);
  const photos = await Promise.all((task.photos || []).map((p, i) => thumb(p.id, p.note || t("photo.nth", i + 1))));
  const n = held(task);
  main.replaceChildren(
    h("p", null, h("a.back", { href: "#/" }, icon("left"), t("tasks"))),
    h("div.row", null, chip(task), h("span.end", null, ...tags(task.tags), task.state && h("span.st." + (task.chip || "new"), null, task.state))),
    h("h1", null, task.title),
    n ? h("p.banner", null, icon("cloudoff"), t("task.waiting", n)) : "",
    task.words && task.words !== task.title ? h("p.gist", null, task.words) : "",
    photos.length ? h("div.pics", null, ...photos) : "",
    h("dl.facts", null,
      task.place ? h("div", null, h("dt", null, t("place")), h("dd", null, task.place + (m < Infinity ? " · " + metres(m) : ""))) : null,
      ...(task.facts || []).map((f) => h("div", null, h("dt", null, f.label), h("dd", null, f.value)))),
    task.finds ? h("ul.plain", { id: "finds" }, ...app.waiting.filter((w) => w.subject === task.finds).map((w) => h("li", null, w.title, " ", h("span.tag.warn", null, t("waiting"))))) : "",
    h("div.big", null,
      task.finds && camera(task.finds),
      task.finds && h("a.btn.lg", { href: "#/find//" + encodeURIComponent(task.finds) }, icon("plus"), t("find.title")),
      ...(task.do || []).map((name, i) => {
        const a = app.day?.actions[name];
        return a && h("a.btn.lg" + (i === 0 && !task.finds ? ".p" : ""), { href: `#/do/${name}/${encodeURIComponent(task.subject)}` }, a.icon && icon(a.icon), a.label);
      }),
      task.call && h("a.btn.lg", { href: task.call }, icon("phone"), t("call")),
      task.at && h("a.btn.lg", { href: `geo:${task.at.lat},${task.at.lon}?q=${task.at.lat},${task.at.lon}(${encodeURIComponent(task.place || "")})` }, icon("map"), t("navigate")),
      task.link && h("a.btn.lg", { href: task.link }, icon("file"), t("desk"))),
    task.call ? h("p.hint", null, t("call.note")) : "");
}
