// Place: the location button. The map (map.ts), suggestions for the address
// (suggest.ts) and this tell each other through "place:set" events on the document.
import { all, once, put } from "./dom";

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
