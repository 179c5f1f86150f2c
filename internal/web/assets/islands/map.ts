// map.js draws maps with Leaflet on the district's own GeoJSON: a picker for the
// place of a problem (data-map="pick") and a map to look at (data-map="view").
// There are no tiles and no outside address. Everything here can also be done or
// read without it: the address is typed, the points stand in a list.
import * as L from "../third_party/leaflet/leaflet-src.esm.js";
import { all, once, put } from "./lib/dom";
import { tell, Spot } from "./lib/place";

type Kind = { [kind: string]: object };

// How the features of the base look, by their property "kind".
const looks: Kind = {
  district: { color: "#818f9f", weight: 2, fillColor: "#faf9f6", fillOpacity: 1 },
  town: { color: "#c1cad5", weight: 1.2, fillColor: "#faf9f6", fillOpacity: 1 },
  grid: { color: "#dae0e8", weight: 0.8, fill: false },
  park: { stroke: false, fillColor: "#dcebd2", fillOpacity: 1 },
  water: { color: "#cfe4f1", weight: 3, fillColor: "#cfe4f1", fillOpacity: 1 },
  road: { color: "#fbe3b0", weight: 3, fill: false },
};

const pin = '<svg viewBox="-14 -37 28 40" width="28" height="40"><ellipse cy="1" rx="8" ry="2.5" fill="rgba(0,0,0,.22)"/><path d="M0 1C-4-7-13-13-13-23a13 13 0 0 1 26 0c0 10-9 16-13 24z" fill="#c02719" stroke="#fff" stroke-width="2"/><circle cy="-23" r="4.8" fill="#fff"/></svg>';

function base(map: any, url: string): Promise<any> {
  if (!url) return Promise.resolve(null);
  return fetch(url, { headers: { Accept: "application/geo+json, application/json" } })
    .then((r) => (r.ok ? r.json() : Promise.reject(new Error(String(r.status)))))
    .then((data) => {
      const layer = L.geoJSON(data, {
        interactive: false,
        style: (f: any) => looks[(f && f.properties && f.properties.kind) || "town"] || looks.town,
        pointToLayer: (_: any, at: any) => L.circleMarker(at, { radius: 3, stroke: false, fillColor: "#818f9f", fillOpacity: 1, interactive: false }),
        onEachFeature: (f: any, one: any) => {
          const p = f.properties || {};
          if (p.name && p.kind !== "road" && p.kind !== "grid") {
            one.bindTooltip(String((document.documentElement.lang === "en" && p.english) || p.name), { permanent: true, direction: "center", className: "map-name", interactive: false });
          }
        },
      }).addTo(map);
      return layer;
    })
    .catch(() => null);
}

function make(box: HTMLElement): any {
  return L.map(box, { zoomControl: true, attributionControl: false, zoomSnap: 0.25, maxZoom: 18, minZoom: 7 });
}

function value(what: string, id: string): number {
  const input = document.querySelector<HTMLInputElement>(`[data-${what}="${id}"]`);
  return input && input.value ? Number(input.value) : NaN;
}

function picker(box: HTMLElement): void {
  const id = box.dataset.for || "";
  const map = make(box);
  const icon = L.divIcon({ className: "map-pin", html: pin, iconSize: [28, 40], iconAnchor: [14, 37] });
  let marker: any = null;
  let ring: any = null;

  const stick = (lat: number, lon: number, accuracy?: number): void => {
    if (!marker) {
      marker = L.marker([lat, lon], { icon, draggable: true, keyboard: true, title: box.dataset.here || "", alt: box.dataset.here || "" }).addTo(map);
      marker.on("dragend", () => {
        const at = marker.getLatLng();
        tell({ id, lon: at.lng, lat: at.lat, from: "map" });
      });
    } else {
      marker.setLatLng([lat, lon]);
    }
    if (ring) ring.remove();
    ring = accuracy ? L.circle([lat, lon], { radius: accuracy, interactive: false, color: "#1a55c8", weight: 1, fillOpacity: 0.14 }).addTo(map) : null;
  };
  document.addEventListener("place:set", (e) => {
    const spot = (e as CustomEvent<Spot>).detail;
    if (spot.id !== id) return;
    stick(spot.lat, spot.lon, spot.accuracy);
    if (spot.from !== "map") map.setView([spot.lat, spot.lon], Math.max(map.getZoom() || 0, 16));
  });
  map.on("click", (e: any) => tell({ id, lon: e.latlng.lng, lat: e.latlng.lat, from: "map" }));
  // with the keyboard: arrows move the map, Enter puts the pin into its middle
  box.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.target !== box) return;
    e.preventDefault();
    const c = map.getCenter();
    tell({ id, lon: c.lng, lat: c.lat, from: "map" });
  });

  const drop = (): void => {
    if (ring) ring.remove();
    if (marker) marker.remove();
    marker = ring = null;
  };
  const mapped = box.dataset.fields ? typed(box, id, drop) : true;

  const lon = mapped ? value("lon", id) : NaN;
  const lat = mapped ? value("lat", id) : NaN;
  const known = !isNaN(lon) && !isNaN(lat);
  const near = (box.dataset.near || "").split(" ").map(Number);
  const start = known ? [lat, lon] : near.length === 2 ? [near[1], near[0]] : null;
  map.setView(start || [0, 0], start ? 15 : 2);
  if (known) stick(lat, lon);
  void base(map, box.dataset.base || "").then((layer) => {
    if (layer && !start && !marker) map.fitBounds(layer.getBounds(), { padding: [8, 8] });
    box.dataset.ready = "1";
  });
}

// typed joins the map to numbers that are also typed: inputs PREFIX-lon and PREFIX-lat, and the select PREFIX-crs, which says in
// which system they are. The map is in CGCS2000, so what is picked is tagged so, and numbers of another system have no pin. It
// answers whether the map shows what stands in the form now.
function typed(box: HTMLElement, id: string, drop: () => void): boolean {
  const prefix = box.dataset.fields || "";
  const [lon, lat, crs] = ["lon", "lat", "crs"].map((n) => document.getElementById(prefix + "-" + n) as HTMLInputElement | HTMLSelectElement | null);
  const state = document.querySelector<HTMLElement>(`[data-locate-state="${id}"]`);
  if (!lon || !lat || !crs) return false;
  lon.dataset.lon = lat.dataset.lat = id;
  const ours = (): boolean => crs.value === "" || crs.value === "cgcs2000";
  const say = (): void => { if (state) state.textContent = ours() ? "" : box.dataset.foreign || ""; };
  const follow = (): void => {
    const x = lon.value.trim() === "" ? NaN : Number(lon.value);
    const y = lat.value.trim() === "" ? NaN : Number(lat.value);
    if (ours() && Math.abs(x) <= 180 && Math.abs(y) <= 90) {
      document.dispatchEvent(new CustomEvent<Spot>("place:set", { detail: { id, lon: x, lat: y, from: "typed" } }));
    } else {
      drop();
    }
    say();
  };
  for (const e of [lon, lat, crs]) e.addEventListener("change", follow);
  document.addEventListener("place:set", (e) => {
    const spot = (e as CustomEvent<Spot>).detail;
    if (spot.id !== id || spot.from === "typed") return;
    crs.value = "cgcs2000";
    if (state) state.textContent = put(box.dataset.tagged, spot.lon.toFixed(6), spot.lat.toFixed(6));
  });
  say();
  return ours();
}

const tones: { [tone: string]: string } = { "": "#1a55c8", hot: "#c02719", warn: "#b84e0a", good: "#137443", now: "#0b707a" };

function viewer(box: HTMLElement): void {
  const map = make(box);
  map.setView([0, 0], 2);
  const spots: any[] = [];
  for (const li of all<HTMLElement>(`#${CSS.escape(box.dataset.points || "")} [data-lon]`)) {
    const at: [number, number] = [Number(li.dataset.lat), Number(li.dataset.lon)];
    const link = li.querySelector<HTMLAnchorElement>("a[href]");
    const words = (li.textContent || "").replace(/\s+/g, " ").trim();
    const icon = L.divIcon({ className: "map-dot", html: `<i style="background:${tones[li.dataset.tone || ""] || tones[""]}"></i>`, iconSize: [24, 24], iconAnchor: [12, 12] });
    const mark = L.marker(at, { icon, title: words, alt: words, keyboard: !!link, interactive: true });
    if (link) mark.on("click", () => { location.href = link.href; });
    mark.addTo(map);
    spots.push(at);
  }
  const fit = (bounds: any): void => { if (bounds && bounds.isValid()) map.fitBounds(bounds, { padding: [24, 24], maxZoom: 16 }); };
  if (spots.length) fit(L.latLngBounds(spots));
  void base(map, box.dataset.base || "").then((layer) => {
    if (layer && spots.length === 0) fit(layer.getBounds());
    if (layer) layer.bringToBack();
    box.dataset.ready = "1";
  });
}

function start(root: ParentNode): void {
  for (const box of all<HTMLElement>("[data-map]", root)) {
    if (!once(box, "map")) continue;
    if (box.dataset.map === "pick") picker(box);
    else viewer(box);
  }
}

document.addEventListener("htmx:after:swap", () => start(document));
start(document);
