// Words and small drawing: messages in both languages lie in the page, so that the
// language can be changed without a signal.

const block = JSON.parse((document.getElementById("words") as HTMLElement).textContent || "{}");

function kept(key: string): string | null {
  try { return localStorage.getItem(key); } catch (_) { return null; }
}
export function keep(key: string, value: string): void {
  try { localStorage.setItem(key, value); } catch (_) { /* a browser that keeps nothing */ }
}

// chosen is what this person chose on this phone; until then the server says, by what it
// knows of the browser.
export const chosen = (): string => kept("wx-field-lang") || "";
export let lang = chosen() || kept("wx-field-said") || "zh-CN";
if (!block[lang]) lang = "zh-CN";
export let elder = kept("wx-field-elder") === "1";

export function dress(): void {
  const root = document.documentElement;
  root.lang = lang;
  root.classList.toggle("elder", elder);
}
export function setLang(l: string): void { lang = l; keep("wx-field-lang", l); dress(); }
export function toldLang(l: string): boolean {
  if (chosen() || l === lang || !block[l]) return false;
  lang = l;
  keep("wx-field-said", l);
  dress();
  return true;
}
export function setElder(on: boolean): void { elder = on; keep("wx-field-elder", on ? "1" : "0"); dress(); }

export const note: string = block.note || "";
export const owner = (): string => block.name[lang] || block.name["zh-CN"] || "";

// t is a message with {0} and {0|one|many} filled.
export function t(key: string, ...args: (string | number)[]): string {
  const text: string = block[lang][key];
  if (text === undefined) throw new Error("no message " + key);
  return text.replace(/\{(\d)(?:\|([^|}]*)\|([^}]*))?\}/g, (_, i, one, many) => {
    const v = args[Number(i)];
    return one === undefined ? String(v) : Number(v) === 1 ? one : many;
  });
}
export const has = (key: string): boolean => block[lang][key] !== undefined;

type Kid = Node | string | null | undefined | false;

// h makes an element: h("a.btn", {href: "#"}, "words"). Handlers begin with "on".
export function h(what: string, props?: Record<string, any> | null, ...kids: (Kid | Kid[])[]): HTMLElement {
  const [tag, ...classes] = what.split(".");
  const e = document.createElement(tag || "div");
  if (classes.length) e.className = classes.join(" ");
  for (const [k, v] of Object.entries(props || {})) {
    if (v === null || v === undefined || v === false) continue;
    if (k.startsWith("on")) e.addEventListener(k.slice(2), v);
    else if (k in e && k !== "list" && k !== "form" && typeof v !== "string") (e as any)[k] = v;
    else e.setAttribute(k, v === true ? "" : String(v));
  }
  for (const kid of kids.flat()) if (kid) e.append(kid as Node | string);
  return e;
}

export function icon(name: string): SVGElement {
  const ns = "http://www.w3.org/2000/svg";
  const s = document.createElementNS(ns, "svg");
  s.setAttribute("class", "i");
  s.setAttribute("viewBox", "0 0 24 24");
  s.setAttribute("aria-hidden", "true");
  const u = document.createElementNS(ns, "use");
  u.setAttribute("href", "#i-" + name);
  s.append(u);
  return s;
}

// The district's time, wherever the phone thinks it is.
const zone = 8 * 3600000;
const local = (ms: number): Date => new Date(ms + zone); // to be read with getUTC…
const dayNumber = (ms: number): number => Math.floor((ms + zone) / 86400000);
const two = (n: number): string => String(n).padStart(2, "0");
export const clock = (ms: number): string => { const d = local(ms); return two(d.getUTCHours()) + ":" + two(d.getUTCMinutes()); };

// moment is a time of day today, with the day otherwise.
export function moment(ms: number): string {
  const d = local(ms);
  return (dayNumber(ms) === dayNumber(Date.now()) ? t("today") : t("date", d.getUTCMonth() + 1, d.getUTCDate())) + " " + clock(ms);
}

// span is how long something takes or took: two figures at most.
export function span(ms: number): string {
  const m = Math.max(0, Math.round(ms / 60000));
  if (m < 60) return t("span.minutes", m);
  if (m < 48 * 60) return m % 60 ? t("span.hours.minutes", Math.floor(m / 60), m % 60) : t("span.hours", m / 60);
  return t("span.days", Math.floor(m / 1440));
}

export const metres = (m: number): string => m < 1000 ? t("metres", Math.round(m / 10) * 10) : t("km", (m / 1000).toFixed(1));

// due is the chip of a deadline: level and text, by the server's clock.
export function due(at: number, now: number): { level: string; text: string } {
  const left = at - now;
  if (left < 0) return { level: "over", text: t("due.over", span(-left)) };
  if (left < 7200000) return { level: "soon", text: t("due.left", span(left)) };
  if (dayNumber(at) === dayNumber(now)) return { level: "near", text: t("due.today", clock(at)) };
  return { level: "ok", text: t("due.days", Math.max(1, Math.round(left / 86400000))) };
}
