// Small helpers shared by the islands.

export function all<T extends Element>(selector: string, root: ParentNode = document): T[] {
  return Array.from(root.querySelectorAll<T>(selector));
}

// put fills {0}, {1} of a message that the server wrote into a data attribute.
export function put(text: string | undefined, ...values: (string | number)[]): string {
  return (text || "").replace(/\{(\d)\}/g, (_, i) => String(values[Number(i)]));
}

// announce lets screen readers hear about a change without moving the focus.
export function announce(text: string): void {
  const place = document.getElementById("announce");
  if (!place || !text) return;
  place.textContent = "";
  window.setTimeout(() => { place.textContent = text; }, 60);
}

// visible: the element takes part in the layout.
export function visible(e: HTMLElement): boolean {
  return e.getClientRects().length > 0;
}

// once marks an element as taken care of, so that islands can run again after a
// swap without doing their work twice.
const seen = new WeakMap<Element, Set<string>>();
export function once(e: Element, what: string): boolean {
  let done = seen.get(e);
  if (!done) seen.set(e, (done = new Set()));
  if (done.has(what)) return false;
  done.add(what);
  return true;
}

// later runs f when nothing more has happened for ms.
export function later(ms: number, f: () => void): () => void {
  let timer = 0;
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(f, ms);
  };
}

// kilobytes writes a size as the server does: 418 KB, 0.9 MB.
export function size(bytes: number): string {
  if (bytes < 500000) return Math.ceil(bytes / 1024) + " KB";
  return (bytes / 1048576).toFixed(1).replace(/\.0$/, "") + " MB";
}
