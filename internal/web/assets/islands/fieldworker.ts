// The service worker of the field app: it keeps the shell on the phone, one version at a
// time, and nothing else. What is to do and what was done lies in IndexedDB, by account,
// where the page puts it. SHELL is written before this script by the server.
const worker = self as any;
const { version, files } = worker.SHELL as { version: string; files: string[] };
const PREFIX = "weixiao-field-";
const NAME = PREFIX + version;

worker.addEventListener("install", (e: any) => {
  // all or nothing: a version that could not be fetched whole does not replace the old one
  e.waitUntil(caches.open(NAME)
    .then((c) => c.addAll(files.map((f) => new Request(f, { cache: "reload" }))))
    .then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (e: any) => {
  e.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((n) => n.startsWith(PREFIX) && n !== NAME).map((n) => caches.delete(n))))
    .then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (e: any) => {
  const url = new URL(e.request.url);
  if (e.request.method !== "GET" || url.origin !== location.origin || !files.includes(url.pathname)) return;
  // the phone first: a bad signal is slower than none
  e.respondWith(caches.open(NAME).then((c) => c.match(url.pathname)).then((hit) => hit || fetch(e.request)));
});
