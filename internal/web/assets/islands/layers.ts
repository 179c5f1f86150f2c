// layers.js shows polygon layers on a map, and lets people draw. Two maps:
//
//   data-layers-map         the layers whose boxes (data-layer-file) are ticked; places found (data-layer-found) get a pin
//   data-layer-edit="ID"    the shape in the text box ID among its neighbours; with data-draws it can be changed
//
// The text box is what is sent: everything drawn is written there as GeoJSON at once, and what is typed there is drawn. There are no tiles
// and no outside address.
import * as L from "../third_party/leaflet/leaflet-src.esm.js";
import { all, announce, once, put } from "./lib/dom";

type At = [number, number]; // longitude, latitude
type Ring = At[]; // open: the last corner is not the first again
type Shape = Ring[][];

const colours: { [layer: string]: string } = { district: "#354150", towns: "#617080", communities: "#1a55c8", grids: "#137443", unit_grids: "#b84e0a" };

function map(box: HTMLElement): any {
  const m = L.map(box, { attributionControl: false, zoomSnap: 0.25, maxZoom: 20, minZoom: 6, preferCanvas: true });
  m.setView([42, 126.6], 9);
  return m;
}

function load(url: string): Promise<any> {
  return fetch(url, { headers: { Accept: "application/geo+json, application/json" } }).then((r) => (r.ok ? r.json() : Promise.reject(new Error(String(r.status)))));
}

// label is text as a Leaflet popup wants it: an element, so that no name can become markup.
function label(...lines: string[]): HTMLElement {
  const e = document.createElement("div");
  for (const line of lines) {
    const p = document.createElement("div");
    p.textContent = line;
    e.append(p);
  }
  return e;
}

function viewer(box: HTMLElement): void {
  const m = map(box);
  const shown = new Map<HTMLInputElement, any>();
  let fitted = false;
  const spots = all<HTMLElement>("[data-layer-found]").map((li) => {
    const spot = L.circleMarker([Number(li.dataset.lat), Number(li.dataset.lon)], { radius: 8, color: "#c02719", weight: 3, fillOpacity: 0.3 });
    return spot.bindTooltip((li.textContent || "").replace(/\s+/g, " ").trim()).addTo(m);
  });
  if (spots.length) {
    m.fitBounds(L.featureGroup(spots).getBounds(), { padding: [40, 40], maxZoom: 15 });
    fitted = true;
  }
  const turn = (tick: HTMLInputElement): void => {
    const old = shown.get(tick);
    if (!tick.checked) {
      if (old) old.remove();
      return;
    }
    if (old) {
      old.addTo(m);
      return;
    }
    void load(tick.dataset.layerFile || "").then((data) => {
      const colour = colours[tick.dataset.layerKind || ""] || "#6240c4";
      const layer = L.geoJSON(data, {
        style: { color: colour, weight: 1.4, fillColor: colour, fillOpacity: 0.05 },
        onEachFeature: (f: any, one: any) => one.bindPopup(label(f.properties.name, f.properties.code)),
      });
      shown.set(tick, layer);
      if (tick.checked) layer.addTo(m);
      for (const s of spots) s.bringToFront();
      if (!fitted && layer.getBounds().isValid()) {
        m.fitBounds(layer.getBounds(), { padding: [8, 8] });
        fitted = true;
      }
      box.dataset.ready = "1";
    }).catch(() => undefined);
  };
  for (const tick of all<HTMLInputElement>("[data-layer-file]")) {
    tick.addEventListener("change", () => turn(tick));
    turn(tick);
  }
}

// read understands a geometry or a feature; null when it is neither.
function read(text: string): Shape | null {
  try {
    let g = JSON.parse(text);
    if (g.type === "Feature") g = g.geometry;
    const open = (r: At[]): Ring => {
      const ring = r.map((p): At => [Number(p[0]), Number(p[1])]);
      const a = ring[0], z = ring[ring.length - 1];
      if (ring.length > 1 && a[0] === z[0] && a[1] === z[1]) ring.pop();
      return ring;
    };
    if (g.type === "Polygon") return [g.coordinates.map(open)];
    if (g.type === "MultiPolygon") return g.coordinates.map((p: At[][]) => p.map(open));
  } catch {
    return null;
  }
  return null;
}

function write(shape: Shape): string {
  const closed = shape.map((p) => p.map((r) => [...r, r[0]]));
  if (!closed.length) return "";
  return JSON.stringify(closed.length === 1 ? { type: "Polygon", coordinates: closed[0] } : { type: "MultiPolygon", coordinates: closed });
}

const round = (x: number): number => Math.round(x * 1e9) / 1e9;
const reach = 12; // pixels within which a corner snaps

function editor(box: HTMLElement): void {
  const text = document.getElementById(box.dataset.layerEdit || "") as HTMLTextAreaElement | null;
  if (!text) return;
  const m = map(box);
  const draws = !!box.dataset.draws;
  let shape: Shape = read(text.value) || [];
  let drawing: Ring | null = null; // what is not closed yet: a part, a hole, or a line that splits
  let mode: "part" | "hole" | "line" = "part"; // what is being drawn
  const lineBox = document.getElementById("split-line") as HTMLTextAreaElement | null;
  const holes = document.querySelector<HTMLElement>("[data-draw-holes]");
  const past: string[] = [];
  const around: Ring[] = [];
  const outline = L.layerGroup().addTo(m);
  const handles = L.layerGroup().addTo(m);
  const held = new WeakMap<Element, [Ring, number]>(); // the corner a handle stands for
  const said = document.querySelector<HTMLElement>("[data-draw-said]");

  const tell = (words: string): void => {
    if (said) said.textContent = words;
    else announce(words);
  };
  const remember = (): void => {
    past.push(JSON.stringify({ shape, drawing, mode }));
    if (past.length > 100) past.shift();
  };
  const save = (): void => { text.value = write(shape); };
  const lined = (): void => {
    if (!lineBox) return;
    lineBox.value = drawing && drawing.length ? JSON.stringify({ type: "LineString", coordinates: drawing }) : "";
    lineBox.dispatchEvent(new Event("input")); // its counter follows
  };

  // inside reports whether a place is within a ring: a ray to the east cuts it an odd number of times.
  const inside = (ring: Ring, at: At): boolean => {
    let odd = false;
    ring.forEach((a, i) => {
      const b = ring[(i + 1) % ring.length];
      if (a[1] > at[1] !== b[1] > at[1] && at[0] < a[0] + ((at[1] - a[1]) / (b[1] - a[1])) * (b[0] - a[0])) odd = !odd;
    });
    return odd;
  };

  // snap is the corner or the place on a border of a neighbour that is near enough, else the place itself.
  const snap = (at: any): At => {
    const p = m.latLngToLayerPoint(at);
    let best: At = [round(at.lng), round(at.lat)];
    let corner = reach, line = reach;
    let onLine: At | null = null;
    for (const ring of around) {
      for (let i = 0; i < ring.length; i++) {
        const a = m.latLngToLayerPoint([ring[i][1], ring[i][0]]);
        if (p.distanceTo(a) < corner) {
          corner = p.distanceTo(a);
          best = ring[i];
        }
        const next = ring[(i + 1) % ring.length];
        const near = L.LineUtil.closestPointOnSegment(p, a, m.latLngToLayerPoint([next[1], next[0]]));
        if (p.distanceTo(near) < line) {
          line = p.distanceTo(near);
          const q = m.layerPointToLatLng(near);
          onLine = [round(q.lng), round(q.lat)];
        }
      }
    }
    return corner < reach || !onLine ? best : onLine;
  };

  const icon = (small: boolean): any => L.divIcon({ className: small ? "draw-between" : "draw-corner", iconSize: [24, 24], iconAnchor: [12, 12], html: "<i></i>" });

  const outlines = (): void => {
    outline.clearLayers();
    for (const p of shape) {
      L.polygon(p.map((r) => r.map((c): At => [c[1], c[0]])), { color: "#1a55c8", weight: 2, fillOpacity: 0.15, interactive: false }).addTo(outline);
    }
    if (drawing) L.polyline(drawing.map((c): At => [c[1], c[0]]), { color: "#1a55c8", weight: 2, dashArray: "5 4", interactive: false }).addTo(outline);
  };

  const corner = (ring: Ring, i: number): void => {
    const mark = L.marker([ring[i][1], ring[i][0]], { icon: icon(false), draggable: true, keyboard: true, title: put(box.dataset.corner, i + 1), alt: put(box.dataset.corner, i + 1) }).addTo(handles);
    mark.on("dragstart", remember);
    mark.on("drag", () => {
      ring[i] = snap(mark.getLatLng());
      outlines();
    });
    mark.on("dragend", () => {
      save();
      draw();
    });
    const e = mark.getElement() as HTMLElement;
    e.dataset.at = String(i);
    held.set(e, [ring, i]);
    e.addEventListener("keydown", (k: KeyboardEvent) => {
      const step = 1 / 111_000 * (k.shiftKey ? 10 : 1); // a metre, with Shift ten
      const way: { [key: string]: At } = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
      if (way[k.key]) {
        remember();
        ring[i] = [round(ring[i][0] + way[k.key][0]), round(ring[i][1] + way[k.key][1])];
      } else if ((k.key === "Delete" || k.key === "Backspace") && ring.length > 3) {
        remember();
        ring.splice(i, 1);
      } else {
        return;
      }
      k.preventDefault();
      k.stopPropagation();
      save();
      draw([ring, Math.min(i, ring.length - 1)]);
    });
  };

  const between = (ring: Ring, i: number): void => {
    const next = ring[(i + 1) % ring.length];
    const mark = L.marker([(ring[i][1] + next[1]) / 2, (ring[i][0] + next[0]) / 2], { icon: icon(true), draggable: true, keyboard: false, title: box.dataset.between || "", alt: "" }).addTo(handles);
    const add = (at: At): void => {
      remember();
      ring.splice(i + 1, 0, at);
      save();
      draw();
    };
    mark.on("click", () => { const at = mark.getLatLng(); add([round(at.lng), round(at.lat)]); });
    mark.on("dragend", () => add(snap(mark.getLatLng())));
  };

  // fillers are the buttons that fill a hole, one for each.
  const fillers = (): void => {
    const rings = shape.flatMap((p) => p.slice(1).map((ring): [Ring[], Ring] => [p, ring]));
    if (!holes || holes.childElementCount === rings.length) return;
    holes.replaceChildren(...rings.map((_, n) => {
      const b = document.createElement("button");
      b.type = "button";
      b.className = "btn sm";
      b.textContent = put(holes.dataset.fill, n + 1);
      b.addEventListener("click", () => {
        const [part, ring] = shape.flatMap((p) => p.slice(1).map((r): [Ring[], Ring] => [p, r]))[n];
        remember();
        part.splice(part.indexOf(ring), 1);
        save();
        draw();
        box.focus({ preventScroll: true });
      });
      return b;
    }));
  };

  // Only corners in sight get handles, and only where a finger can tell them apart: who wants more zooms in. keep is the corner that gets
  // the focus.
  const draw = (keep?: [Ring, number]): void => {
    outlines();
    handles.clearLayers();
    if (!draws) return;
    fillers();
    const view = m.getBounds().pad(0.05);
    const taken: any[] = [];
    const room = (at: At): boolean => {
      if (!view.contains([at[1], at[0]])) return false;
      const p = m.latLngToLayerPoint([at[1], at[0]]);
      if (taken.some((q) => Math.max(Math.abs(p.x - q.x), Math.abs(p.y - q.y)) < 26)) return false;
      taken.push(p);
      return true;
    };
    const handle = (ring: Ring, i: number): void => { if (room(ring[i])) corner(ring, i); };
    if (keep) {
      corner(keep[0], keep[1]);
      taken.push(m.latLngToLayerPoint([keep[0][keep[1]][1], keep[0][keep[1]][0]]));
      for (const mark of handles.getLayers()) mark.getElement().focus({ preventScroll: true });
    }
    for (const ring of shape.flat()) ring.forEach((_, i) => { if (!keep || ring !== keep[0] || i !== keep[1]) handle(ring, i); });
    for (const ring of shape.flat()) {
      ring.forEach((c, i) => {
        const next = ring[(i + 1) % ring.length];
        if (room([(c[0] + next[0]) / 2, (c[1] + next[1]) / 2])) between(ring, i);
      });
    }
  };

  // The map moves a focused corner into sight, and draws again when it has come to rest: that must not take the focus away. Who has
  // moved the map so that the corner is out of sight is left on the map.
  const rest = (): void => {
    const keep = held.get(document.activeElement as Element);
    const seen = keep && shape.flat().includes(keep[0]) && m.getBounds().contains([keep[0][keep[1]][1], keep[0][keep[1]][0]]);
    if (keep && !seen) box.focus({ preventScroll: true });
    draw(seen ? keep : undefined);
  };

  const act: { [name: string]: () => void } = {
    new: () => { remember(); mode = "part"; drawing = []; outlines(); box.focus(); },
    hole: () => { remember(); mode = "hole"; drawing = []; outlines(); box.focus(); },
    line: () => { remember(); mode = "line"; drawing = []; lined(); outlines(); box.focus(); },
    close: () => {
      if (mode === "line" && drawing) {
        tell(box.dataset.lined || "");
        return;
      }
      if (!drawing || drawing.length < 3) return;
      const ring = drawing;
      const part = mode === "hole" ? shape.find((p) => ring.every((c) => inside(p[0], c))) : undefined;
      if (mode === "hole" && !part) {
        tell(box.dataset.nohole || "");
        return;
      }
      remember();
      if (part) part.push(ring);
      else shape.push([ring]);
      drawing = null;
      save();
      draw();
      tell((part ? box.dataset.holed : box.dataset.closed) || "");
    },
    undo: () => {
      const was = past.pop();
      if (!was) return;
      ({ shape, drawing, mode } = JSON.parse(was));
      save();
      if (mode === "line") lined();
      draw();
    },
  };
  if (draws) {
    for (const b of all<HTMLButtonElement>("[data-draw]")) b.addEventListener("click", () => (act[b.dataset.draw || ""] || (() => undefined))());
    const point = (at: any): void => {
      if (!drawing && shape.length === 0) {
        mode = "part";
        drawing = [];
      }
      if (!drawing) return;
      const first = drawing[0];
      if (mode !== "line" && first && drawing.length >= 3 && m.latLngToLayerPoint(at).distanceTo(m.latLngToLayerPoint([first[1], first[0]])) < reach) {
        act.close();
        return;
      }
      remember();
      drawing.push(snap(at));
      if (mode === "line") lined();
      outlines();
    };
    m.on("click", (e: any) => point(e.latlng));
    box.addEventListener("keydown", (e) => {
      if (e.key !== "Enter" || e.target !== box) return; // arrows move the map, Enter puts a corner into its middle
      e.preventDefault();
      point(m.getCenter());
    });
    m.on("moveend", rest);
    text.addEventListener("change", () => {
      const typed = read(text.value);
      if (!typed) return;
      remember();
      shape = typed;
      drawing = null;
      draw();
    });
  }
  const fit = (b: any): void => { if (b && b.isValid()) m.fitBounds(b, { padding: [40, 40], maxZoom: 18 }); };
  draw();
  if (shape.length) fit(L.polygon(shape.map((p) => p.map((r) => r.map((c): At => [c[1], c[0]])))).getBounds());
  void load(box.dataset.around || "").then((data) => {
    const others = L.geoJSON(data, {
      filter: (f: any) => f.properties.code !== box.dataset.code,
      interactive: false,
      style: { color: "#818f9f", weight: 1, fillColor: "#818f9f", fillOpacity: 0.06 },
      onEachFeature: (f: any) => { for (const p of read(JSON.stringify(f.geometry)) || []) around.push(...p); },
    }).addTo(m);
    if (!shape.length) fit(others.getBounds());
    rest();
    box.dataset.ready = "1";
  }).catch(() => { box.dataset.ready = "1"; });
}

function start(): void {
  for (const e of all<HTMLElement>("[data-scripted]")) e.hidden = false;
  for (const box of all<HTMLElement>("[data-layers-map]")) if (once(box, "layers")) viewer(box);
  for (const box of all<HTMLElement>("[data-layer-edit]")) if (once(box, "layers")) editor(box);
}

start();
