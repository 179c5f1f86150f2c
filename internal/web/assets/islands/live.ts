// live.js keeps a page up to date: htmx's SSE extension does the streaming, this
// file watches it. When nothing has come for 45 seconds (the server sends a
// "beat" event every 20) or the connection fails, the page says so and asks every
// 30 seconds instead, until the stream is back. It also runs the wall's clock.
import { all } from "./lib/dom";

type Htmx = { ajax(method: string, url: string, options: object): Promise<void> };

const QUIET = 45000;
const POLL = 30000;

function connect(box: HTMLElement): void {
  let last = Date.now();
  let stale = false;
  let asked = 0;

  const show = (bad: boolean): void => {
    if (bad === stale) return;
    stale = bad;
    box.toggleAttribute("data-is-stale", bad);
    for (const place of all<HTMLElement>("[data-live-state]")) {
      place.classList.toggle("stale", bad);
      const words = place.querySelector<HTMLElement>("span") || place;
      words.textContent = (bad ? place.dataset.stale : place.dataset.live) || "";
    }
  };
  const alive = (): void => {
    last = Date.now();
    show(false);
  };
  const poll = (): void => {
    const url = box.dataset.poll;
    const htmx = (window as unknown as { htmx?: Htmx }).htmx;
    if (!url || !htmx || document.hidden || Date.now() - asked < POLL) return;
    asked = Date.now();
    void htmx.ajax("GET", url, { target: box.dataset.pollTarget || box, swap: box.dataset.pollSwap || "none" });
  };
  for (const name of ["htmx:sse:after:connection", "htmx:sse:after:message", "beat"]) box.addEventListener(name, alive);
  for (const name of ["htmx:sse:error", "htmx:sse:close"]) {
    box.addEventListener(name, () => {
      if (document.hidden) return; // the extension lets go of the stream in the background
      show(true);
      poll();
    });
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden) last = Date.now(); });
  window.setInterval(() => {
    if (document.hidden) return;
    if (Date.now() - last > QUIET) show(true);
    if (stale) poll();
  }, 5000);
}

function clock(place: HTMLElement): void {
  const skew = Number(place.dataset.clock) - Date.now();
  const format = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  window.setInterval(() => { place.textContent = format.format(Date.now() + skew); }, 1000);
}

all<HTMLElement>("[data-live]:not([data-live-state])").forEach(connect);
all<HTMLElement>("[data-clock]").forEach(clock);
