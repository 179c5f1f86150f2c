// What the server says (web/field/day.go, provider.go) and what lies on the phone.

export type Point = { lon: number; lat: number };
export type Tag = { text: string; tone?: string };
export type Fact = { label: string; value: string };
export type Choice = { Value: string; Label: string; Group?: string; Note?: string };
export type Field = {
  name: string; type: string; label: string; hint?: string; required?: boolean; max?: number; min?: number;
  options?: Choice[]; when?: string; values?: string[];
};
export type Action = {
  kind: string; name: string; label: string; icon?: string; look?: string; photos?: number; before?: boolean; adds?: boolean; fresh?: boolean; fields: Field[];
};
export type Task = {
  kind: string; subject: string; title: string; words?: string; place?: string; at?: Point; due?: number; plan?: string; version?: number; state?: string; chip?: string;
  tags?: Tag[]; facts?: Fact[]; photos?: { id: string; note?: string }[]; do?: string[]; known?: Record<string, string>; choices?: Record<string, Choice[]>;
  spots?: Record<string, Point>; same?: string; finds?: string; call?: string; link?: string;
};
export type Item = { id: string; title: string; note?: string; tags?: Tag[]; at?: Point; facts?: Fact[]; link?: string };
export type Day = {
  account: string; name: string; unit: string; lang: string; at: number; version: string; tasks: Task[]; actions: Record<string, Action>;
  lists: { name: string; title: string; items: Item[] }[]; matters: { key: string; name: string; find: string; words?: string[] }[];
  area: { name: string; rings: [number, number][][] }[]; phone: string; got: number; excepted?: { rule: string; subject: string; reason: string; approver: string; until: string; ends: number }[];
};

// Work is an act on its way: a draft while it is being written, then waiting. Its key is
// made when the form opens and never changes.
export type Work = {
  key: string; account: string; kind: string; subject: string; action: string; title: string; label: string; answers: Record<string, string[]>;
  photos: Blob[]; after: Blob[]; version: number; place: Point | null; opened: number;
};
export type Waiting = Work & {
  n: number; seen: number; state: "waiting" | "needs"; tries: number;
  problem?: { status: number; detail: string; errors: string[]; now?: { title: string; state: string } };
};
export type Sent = { n?: number; account: string; key: string; kind: string; subject: string; title: string; label: string; at: number; outcome: string; link?: string };
