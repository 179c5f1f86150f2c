// Store: what lies on the phone, in IndexedDB. Every function is one transaction, so a
// phone that goes out in the middle has either all of it or nothing.
import type { Day, Sent, Waiting, Work } from "./types";

let opening: Promise<IDBDatabase> | null = null;

function base(): Promise<IDBDatabase> {
  if (!opening) {
    opening = new Promise((done, fail) => {
      const r = indexedDB.open("weixiao-field", 1);
      r.onupgradeneeded = () => {
        const db = r.result;
        db.createObjectStore("meta");
        db.createObjectStore("days", { keyPath: "account" });
        db.createObjectStore("photos");
        db.createObjectStore("drafts", { keyPath: "key" });
        db.createObjectStore("queue", { keyPath: "n", autoIncrement: true });
        db.createObjectStore("sent", { keyPath: "n", autoIncrement: true });
      };
      r.onsuccess = () => {
        r.result.onversionchange = () => r.result.close(); // a newer app in another window
        done(r.result);
      };
      r.onerror = () => { opening = null; fail(r.error); };
    });
  }
  return opening;
}

// within runs requests in one transaction and gives what get() says when it is on disk.
async function within<T>(stores: string[], write: boolean, run: (s: (name: string) => IDBObjectStore) => (() => T) | void): Promise<T> {
  const db = await base();
  return new Promise((done, fail) => {
    // strict: on disk, not only handed to the system, so that a flat battery loses nothing
    const tx = (db.transaction as any)(stores, write ? "readwrite" : "readonly", write ? { durability: "strict" } : undefined) as IDBTransaction;
    const get = run((name) => tx.objectStore(name));
    tx.oncomplete = () => done(get ? get() : (undefined as any));
    tx.onabort = tx.onerror = () => fail(tx.error || new Error("storage"));
  });
}

const read = <T>(store: string, ask: (s: IDBObjectStore) => IDBRequest): Promise<T> =>
  within<T>([store], false, (s) => { const r = ask(s(store)); return () => r.result; });

export const meta = <T>(key: string): Promise<T | undefined> => read("meta", (s) => s.get(key));
export const setMeta = (key: string, value: unknown): Promise<void> => within(["meta"], true, (s) => { s("meta").put(value, key); });
export const dayOf = (account: string): Promise<Day | undefined> => read("days", (s) => s.get(account));
export const setDay = (d: Day): Promise<void> => within(["days", "meta"], true, (s) => { s("days").put(d); s("meta").put(d.account, "account"); });
export const drafts = (): Promise<Work[]> => read("drafts", (s) => s.getAll());
export const draft = (key: string): Promise<Work | undefined> => read("drafts", (s) => s.get(key));
export const setDraft = (w: Work): Promise<void> => within(["drafts"], true, (s) => { s("drafts").put(w); });
export const dropDraft = (key: string): Promise<void> => within(["drafts"], true, (s) => { s("drafts").delete(key); });
export const queue = (): Promise<Waiting[]> => read("queue", (s) => s.getAll());
export const setWaiting = (w: Waiting): Promise<void> => within(["queue"], true, (s) => { s("queue").put(w); });
export const dropWaiting = (n: number): Promise<void> => within(["queue"], true, (s) => { s("queue").delete(n); });
export const sent = (): Promise<Sent[]> => read("sent", (s) => s.getAll());

// enqueue makes a draft an item that waits: never both, never neither.
export function enqueue(w: Omit<Waiting, "n">): Promise<Waiting> {
  return within(["drafts", "queue"], true, (s) => {
    const r = s("queue").add(w);
    s("drafts").delete(w.key);
    return () => ({ ...w, n: r.result as number });
  });
}

// again makes an item that needs its person a draft once more, under a new key.
export const again = (n: number, w: Work): Promise<void> =>
  within(["drafts", "queue"], true, (s) => { s("queue").delete(n); s("drafts").put(w); });

// arrived takes an item out of the queue, after the server has said that it has it.
export function arrived(n: number, told: Sent): Promise<void> {
  return within(["queue", "sent"], true, (s) => {
    s("queue").delete(n);
    const put = s("sent").add(told);
    put.onsuccess = () => { s("sent").delete((put.result as number) - 100); };
  });
}

const photoKey = (account: string, id: string): string => account + "|" + id;
export const photo = (account: string, id: string): Promise<Blob | undefined> => read("photos", (s) => s.get(photoKey(account, id)));
export const setPhoto = (account: string, id: string, b: Blob): Promise<void> => within(["photos"], true, (s) => { s("photos").put(b, photoKey(account, id)); });
export const photoKeys = (): Promise<string[]> => read("photos", (s) => s.getAllKeys());
export const dropPhotos = (keys: string[]): Promise<void> => within(["photos"], true, (s) => { keys.forEach((k) => s("photos").delete(k)); });

// forget takes away what an account can look up, never what it has not sent yet.
export async function forget(account: string): Promise<void> {
  const mine = (await photoKeys()).filter((k) => k.startsWith(account + "|"));
  await dropPhotos(mine);
  await within(["days", "meta"], true, (s) => { s("days").delete(account); s("meta").delete("account"); });
}

// lease is for browsers without locks: one page sends for half a minute at a time.
export async function lease(owner: string): Promise<boolean> {
  return within<boolean>(["meta"], true, (s) => {
    let mine = false;
    const r = s("meta").get("lease");
    r.onsuccess = () => {
      const now = Date.now();
      const l = r.result as { owner: string; until: number } | undefined;
      mine = !l || l.owner === owner || l.until < now || l.until > now + 60000;
      if (mine) s("meta").put({ owner, until: now + 30000 }, "lease");
    };
    return () => mine;
  });
}

// newKey is random; randomUUID is missing in older browsers.
export function newKey(): string {
  const b = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");
}
