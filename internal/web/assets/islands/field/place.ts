// Place: where the phone is. A position is asked for when somebody wants distances or
// writes a finding; it stays on the phone but for the point a person sends with what was
// found. Nothing is followed.
import type { Day, Point } from "./types";

export type Here = Point & { accuracy: number; at: number };
let last: Here | null = null;
export const here = (): Here | null => (last && Date.now() - last.at < 600000 ? last : null);

export function locate(fresh = false): Promise<Here | null> {
  const known = here();
  if (!fresh && known && Date.now() - known.at < 60000) return Promise.resolve(known);
  if (!("geolocation" in navigator)) return Promise.resolve(null);
  return new Promise((done) => {
    navigator.geolocation.getCurrentPosition(
      (p) => done((last = { lon: p.coords.longitude, lat: p.coords.latitude, accuracy: p.coords.accuracy, at: Date.now() })),
      () => done(null),
      { enableHighAccuracy: true, timeout: 15000, maximumAge: fresh ? 0 : 60000 },
    );
  });
}

// allowed reports whether asking for the position would not ask the person.
export async function allowed(): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: "geolocation" })).state === "granted";
  } catch (_) {
    return false;
  }
}

export function distance(a: Point, b: Point): number {
  const rad = Math.PI / 180;
  const x = (b.lon - a.lon) * rad * Math.cos(((a.lat + b.lat) / 2) * rad);
  const y = (b.lat - a.lat) * rad;
  return Math.sqrt(x * x + y * y) * 6371000;
}

// move is a point some metres east and north.
export const move = (p: Point, east: number, north: number): Point =>
  ({ lon: p.lon + east / (111320 * Math.cos((p.lat * Math.PI) / 180)), lat: p.lat + north / 110570 });

// areaOf names the grid a point lies in, by the polygons kept on the phone.
export function areaOf(day: Day | null, p: Point): string {
  const x = p.lon * 1e5;
  const y = p.lat * 1e5;
  for (const a of (day && day.area) || []) {
    for (const ring of a.rings) {
      let inside = false;
      for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
        const [xi, yi] = ring[i];
        const [xj, yj] = ring[j];
        if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
      }
      if (inside) return a.name;
    }
  }
  return "";
}
