// Place: the location button and suggestions for the address. The map (map.ts)
// and these two tell each other through "place:set" events on the document.
import { all, later, once, put } from "./dom";

export type Spot = { id: string; lon: number; lat: number; accuracy?: number; from: string };

export function tell(spot: Spot): void {
  const set = (what: string, value: string): void => {
    const input = document.querySelector<HTMLInputElement>(`[data-${what}="${spot.id}"]`);
    if (input) input.value = value;
  };
  set("lon", spot.lon.toFixed(6));
  set("lat", spot.lat.toFixed(6));
  set("accuracy", spot.accuracy === undefined ? "" : String(Math.round(spot.accuracy)));
  // what the page said about the device's place is no longer true
  const state = document.querySelector<HTMLElement>(`[data-locate-state="${spot.id}"]`);
  if (state && spot.from !== "device") state.textContent = "";
  document.dispatchEvent(new CustomEvent<Spot>("place:set", { detail: spot }));
}

export function places(root: ParentNode): void {
  all<HTMLButtonElement>("[data-locate]", root).forEach(locate);
  all<HTMLInputElement>("[data-suggest]", root).forEach(suggest);
}

function locate(button: HTMLButtonElement): void {
  if (!("geolocation" in navigator) || !window.isSecureContext || !once(button, "locate")) return;
  const id = button.dataset.locate || "";
  const state = document.querySelector<HTMLElement>(`[data-locate-state="${id}"]`);
  const say = (text: string): void => { if (state) state.textContent = text; };
  button.hidden = false;
  button.addEventListener("click", () => {
    say(button.dataset.working || "");
    button.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(
      (pos) => {
        button.removeAttribute("aria-busy");
        say(put(button.dataset.done, Math.round(pos.coords.accuracy)));
        tell({ id, lon: pos.coords.longitude, lat: pos.coords.latitude, accuracy: pos.coords.accuracy, from: "device" });
      },
      () => {
        button.removeAttribute("aria-busy");
        say(button.dataset.denied || "");
        document.getElementById(id)?.focus();
      },
      { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
    );
  });
}

type Suggestion = { text: string; lon?: number; lat?: number; area?: string };

// suggest: the address box asks its server for standard addresses while one
// types, and takes over the place of the one chosen.
function suggest(box: HTMLInputElement): void {
  if (!once(box, "suggest")) return;
  const list = document.createElement("datalist");
  list.id = box.id + "-s";
  box.after(list);
  box.setAttribute("list", list.id);
  let known: Suggestion[] = [];
  let asked = "";
  const ask = later(250, async () => {
    const q = box.value.trim();
    if (q.length < 2 || q === asked) return;
    asked = q;
    try {
      const url = new URL(box.dataset.suggest || "", location.href);
      url.searchParams.set("q", q);
      const answer = await fetch(url.toString(), { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      known = await answer.json();
    } catch (_) {
      return; // no network: the address can be typed in full
    }
    list.replaceChildren(...known.map((s) => {
      const o = document.createElement("option");
      o.value = s.text;
      return o;
    }));
  });
  box.addEventListener("input", () => {
    const hit = known.find((s) => s.text === box.value);
    if (!hit) {
      ask();
      return;
    }
    const area = document.querySelector<HTMLElement>(`[data-place="${box.id}"] [data-area]`);
    if (area && hit.area) area.textContent = hit.area;
    if (hit.lon !== undefined && hit.lat !== undefined) tell({ id: box.id, lon: hit.lon, lat: hit.lat, from: "address" });
  });
}
