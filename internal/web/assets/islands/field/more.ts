// More: what waits, what is around, the phone's owner, what the app never does.
import * as store from "./store";
import { bytes, flush } from "./queue";
import { distance, here } from "./place";
import { app, changed } from "./state";
import { elder, h, has, icon, lang, metres, moment, setElder, setLang, span, t } from "./words";
import { tags } from "./tasks";
import type { Waiting, Work } from "./types";

const size = (n: number): string => (n < 1048576 ? Math.ceil(n / 1024) + " KB" : (n / 1048576).toFixed(1) + " MB");

function stateOf(w: Waiting): string {
  if (w.state === "needs") return t("wait.needs");
  if (app.sending === w.key) return t("wait.sending");
  if (app.signedOut) return t("wait.signin");
  return navigator.onLine && !app.cut ? t("wait.soon") : t("wait.signal");
}

// said is what was written, as the person reads it again.
function said(w: Work): HTMLElement {
  const a = app.day?.actions[w.kind + "." + w.action];
  return h("dl.facts", null, ...Object.entries(w.answers).map(([name, v]) => {
    const f = a?.fields.find((x) => x.name === name);
    const words = v.map((x) => name === "matter" ? app.day?.matters.find((m) => m.key === x)?.name || x : f?.options?.find((o) => o.Value === x)?.Label || (x === "true" ? t("yes") : x));
    return h("div", null, h("dt", null, f ? f.label : name), h("dd", null, words.join(", ")));
  }));
}

// save hands an item to the person as a file, photos in it.
async function save(w: Waiting): Promise<void> {
  const text = (b: Blob): Promise<string> => new Promise((done) => { const r = new FileReader(); r.onload = () => done(String(r.result)); r.readAsDataURL(b); });
  const out = { ...w, photos: await Promise.all(w.photos.map(text)), after: await Promise.all(w.after.map(text)) };
  const file = new File([JSON.stringify(out, null, 1)], `weixiao-${w.key.slice(0, 8)}.json`, { type: "application/json" });
  const nav = navigator as any;
  if (nav.canShare && nav.canShare({ files: [file] }) && matchMedia("(pointer: coarse)").matches) {
    try { await nav.share({ files: [file] }); return; } catch (_) { /* not shared: saved instead */ }
  }
  const a = h("a", { href: URL.createObjectURL(file), download: file.name }) as HTMLAnchorElement;
  document.body.append(a);
  a.click();
  a.remove();
}

function row(w: Waiting, main: HTMLElement): HTMLElement {
  const p = w.problem;
  const drop = h("button.btn.danger", { type: "button", onclick: async () => {
    if (drop.dataset.sure !== "1") { // the second tap deletes: nothing is lost by one
      drop.dataset.sure = "1";
      drop.textContent = t("wait.sure");
      return;
    }
    await store.dropWaiting(w.n);
    app.waiting = app.waiting.filter((x) => x.n !== w.n);
    changed();
    void drawWaiting(main);
  } }, t("wait.drop"));
  const { n: _n, seen: _s, state: _st, tries: _t, problem: _p, ...bare } = w;
  const edit = async (change: Partial<Work>): Promise<void> => {
    const d: Work = { ...bare, ...change, key: store.newKey() };
    await store.again(w.n, d);
    app.waiting = app.waiting.filter((x) => x.n !== w.n);
    changed();
    location.hash = d.kind === "finding" && d.action === "find" ? "#/find/" + d.key : `#/do/${d.kind}.${d.action}/${encodeURIComponent(d.subject)}/${d.key}`;
  };
  const words = Object.values(w.answers).flat().join("\n");
  return h("li.task" + (w.state === "needs" ? ".needs" : ""), { "data-key": w.key },
    h("div.row", null, h("b", null, w.label), h("span.end", null, h("span.tag." + (w.state === "needs" ? "warn" : "plain"), null, stateOf(w)))),
    h("h2", null, w.title || t("wait.untitled")),
    h("p.meta", null, moment(w.seen), " · ", t("wait.age", span(Date.now() - w.seen)), " · ", t("wait.photos", w.photos.length + w.after.length), " · ", size(bytes(w))),
    p && h("div.conflict", null,
      h("p", { role: "alert" }, icon("alarm"), " ", p.detail, ...p.errors.map((e) => " " + e)),
      h("div.two", null,
        h("section", null, h("h3", null, t("needs.mine")), said(w)),
        p.now && h("section", null, h("h3", null, t("needs.now")), h("p", null, p.now.title), h("p", null, p.now.state)))) || "",
    h("div.acts2", null,
      p && h("button.btn.p", { type: "button", onclick: () => { void edit({ version: 0 }); } }, t("needs.edit")),
      p && p.now && w.kind === "case" && w.action !== "note" && h("button.btn", { type: "button", onclick: () => { void edit({ action: "note", label: app.day?.actions["case.note"]?.label || w.label, answers: { note: [words] }, version: 0 }); } }, t("needs.note")),
      h("button.btn", { type: "button", onclick: () => { void save(w); } }, icon("download"), t("wait.save")), drop));
}

export async function drawWaiting(main: HTMLElement): Promise<void> {
  const told = (await store.sent()).filter((s) => s.account === app.account).reverse().slice(0, 30);
  const total = app.waiting.reduce((n, w) => n + bytes(w), 0);
  main.replaceChildren(
    h("h1", null, t("waiting")),
    h("p.lead", { id: "wait-lead" }, app.waiting.length ? t("wait.lead", app.waiting.length, size(total)) : t("wait.none")),
    app.waiting.length ? h("button.btn.p.lg", { type: "button", id: "send-now", onclick: () => { void flush(true); } }, icon("send"), t("wait.now")) : "",
    h("ul.tasks.after", null, ...app.waiting.slice(0, 100).map((w) => row(w, main))),
    h("h2", null, t("sent")),
    told.length ? h("ul.links", null, ...told.map((s) => h("li", null, h(s.link ? "a" : "div.line", s.link ? { href: s.link } : null,
      icon(s.outcome === "done" ? "check" : "info"),
      h("span.grow", null, s.label + t("colon") + (s.title || t("wait.untitled")), h("small", null, moment(s.at), " · ", t(s.outcome === "done" ? "sent.done" : "sent.proposed")))))))
      : h("p", null, t("sent.none")),
    h("p.hint", null, t("wait.rule")));
}

export function drawArea(main: HTMLElement, name: string): void {
  const lists = (app.day && app.day.lists) || [];
  const list = lists.find((l) => l.name === name);
  if (!list) {
    main.replaceChildren(h("h1", null, t("area")), h("p.lead", null, t("area.lead")),
      lists.length ? h("ul.links", null, ...lists.map((l) => h("li", null, h("a", { href: "#/area/" + l.name }, icon("list"), h("span.grow", null, l.title, h("small", null, t("area.count", l.items.length))), icon("right"))))) : h("p", null, t("area.none")));
    return;
  }
  const p = here();
  const far = (x: { at?: { lon: number; lat: number } }): number => (p && x.at ? distance(p, x.at) : Infinity);
  const rows = h("ul.links");
  const show = (q: string): void => {
    const hits = list.items.filter((x) => !q || (x.title + " " + (x.note || "")).toLowerCase().includes(q)).sort((a, b) => (far(a) === far(b) ? 0 : far(a) - far(b))).slice(0, 60);
    rows.replaceChildren(...hits.map((x) => h("li", null, h("details", null,
      h("summary", null, h("span.grow", null, x.title, h("small", null, [x.note, far(x) < Infinity ? metres(far(x)) : ""].filter(Boolean).join(" · "))), ...tags(x.tags)),
      h("dl.facts", null, ...(x.facts || []).map((f) => h("div", null, h("dt", null, f.label), h("dd", null, f.value)))),
      x.link && h("a.btn", { href: x.link }, t("desk"))))));
  };
  main.replaceChildren(h("p", null, h("a.back", { href: "#/area" }, icon("left"), t("area"))), h("h1", null, list.title),
    h("input.in", { type: "search", id: "area-q", "aria-label": t("area.search"), placeholder: t("area.search"), oninput: (e: any) => show(e.target.value.trim().toLowerCase()) }), rows);
  show("");
}

// drawNever says what the app never collects. It is read without a signal, like all of it.
export function drawNever(main: HTMLElement): void {
  const list = (key: string): HTMLElement => {
    const out = h("ul.plain");
    for (let i = 1; has(`${key}.${i}`); i++) out.append(h("li", null, t(`${key}.${i}`)));
    return out;
  };
  main.replaceChildren(h("p", null, h("a.back", { href: "#/me" }, icon("left"), t("me"))), h("h1", null, t("never.title")), h("p.lead", null, t("never.lead")), list("never"),
    h("h2", null, t("kept.title")), list("kept"), h("p", null, t("never.rule")), h("a.btn.lg", { href: "#/remark" }, icon("chat"), t("remark")));
}

export async function drawMe(main: HTMLElement, draw: () => void): Promise<void> {
  let used = "";
  let safe = "";
  try {
    const e = await navigator.storage.estimate();
    used = t("me.used", size(e.usage || 0));
    safe = (await navigator.storage.persisted()) ? t("me.safe") : t("me.unsafe");
  } catch (_) { /* an older browser does not say */ }
  const d = app.day;
  main.replaceChildren(
    h("h1", null, d ? d.name : t("me")), h("p.lead", null, d ? d.unit : t("me.nobody")),
    h("div.big", null,
      h("button.btn.lg", { type: "button", id: "size", onclick: () => { setElder(!elder); draw(); } }, elder ? t("me.normal") : t("me.large")),
      h("button.btn.lg", { type: "button", id: "lang", lang: lang === "en" ? "zh-CN" : "en", onclick: () => { setLang(lang === "en" ? "zh-CN" : "en"); document.dispatchEvent(new Event("field:lang")); draw(); } }, lang === "en" ? "中文" : "English"),
      h("a.btn.lg", { href: "#/remark", id: "complain" }, icon("chat"), t("remark")),
      h("a.btn.lg", { href: "#/never" }, icon("info"), t("never.title")),
      h("a.btn.lg", { href: "/desk" }, icon("out"), t("me.desk")),
      d && !app.signedOut && h("button.btn.lg", { type: "button", id: "signout", onclick: async () => {
        try { await fetch("/desk/sign-out", { method: "POST" }); } catch (_) { return; }
        await store.forget(app.account);
        location.assign("/desk/sign-in?next=/field");
      } }, t("signout")),
      (!d || app.signedOut) && h("a.btn.lg", { href: "/desk/sign-in?next=/field" }, icon("user"), t("signin"))),
    h("p.hint", null, t("me.signout")),
    await answers(),
    h("p.hint", null, t("me.install")), h("p.hint", null, used, " ", safe),
    h("p.hint.muted", null, t("me.version", document.documentElement.dataset.version || "")));
}

// answers are what the supervision office said to complaints written on this phone.
async function answers(): Promise<HTMLElement> {
  const mine = (await store.sent()).filter((s) => s.account === app.account && s.kind === "remark").reverse().slice(0, 5);
  const box = h("div");
  for (const s of mine) {
    const line = h("p.banner", null, icon("chat"), h("span", null, t("remark.sent", moment(s.at))));
    box.append(line);
    fetch("/field/remarks/" + s.subject, { headers: { Accept: "application/json" } }).then((r) => (r.ok ? r.json() : null)).then(
      (a) => { if (a && a.reply) line.replaceChildren(icon("chat"), h("span", null, t("remark.reply"), " ", a.reply)); }, () => undefined);
  }
  return box;
}
