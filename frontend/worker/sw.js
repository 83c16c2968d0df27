// Keeps the files of the app, so that Today and the calendar open without a network. It sees no answer of the API: what is
// known of one's own days is kept by the app itself (src/api/known.ts). scripts/worker.mjs fills in the two constants.
const VERSION = "VERSION";
const FILES = ["FILES"];

const SHELL = `daka.shell.${VERSION}`;
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  const fresh = FILES.map((file) => new Request(file, { cache: "reload" }));
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(fresh)));
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith("daka.shell.") && name !== SHELL);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (!/^\/(api|a|ical)\//.test(url.pathname)) event.respondWith(page(request));
  } else if (FILES.includes(url.pathname)) event.respondWith(kept(url.pathname, request));
});

async function kept(path, request) {
  const cache = await caches.open(SHELL);
  return (await cache.match(path)) ?? fetch(request);
}

/** The newest page if the server gives it soon, else the kept one. */
async function page(request) {
  const asked = fetch(request);
  const late = new Promise((_, refuse) => setTimeout(refuse, PATIENCE_MS));
  try {
    const answer = await Promise.race([asked, late]);
    if (answer.status < 500) return answer;
  } catch {
    // Away, or too slow.
  }
  const cache = await caches.open(SHELL);
  return (await cache.match("/")) ?? asked;
}
