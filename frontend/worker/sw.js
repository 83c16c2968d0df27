// Keeps the files of the app, so that Today and the calendar open without a network. It sees no answer of the API: what is
// known of one's own days is kept by the app itself (src/api/offlineCache.ts). scripts/worker.mjs fills in the two constants.
// It also shows pushed reminders; their buttons answer with the link of the message, which needs no sign-in.
const VERSION = "VERSION";
const FILES = ["FILES"];

const SHELL = `daka.shell.${VERSION}`;
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  const asked = (file) => new Request(file, file.startsWith("/assets/") ? {} : { cache: "reload" }); // an asset never changes
  const fresh = FILES.map(asked);
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
  if (event.data === "take over if alone") event.waitUntil(takeOverIfAlone());
});

/** Another window may be in use, with files of the former version. */
async function takeOverIfAlone() {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (windows.length <= 1) await self.skipWaiting();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (!/^\/(api|a|ical)\//.test(url.pathname)) event.respondWith(page(request, url.pathname));
  } else if (FILES.includes(url.pathname)) event.respondWith(kept(url.pathname, request));
});

async function kept(path, request) {
  const cache = await caches.open(SHELL);
  return (await cache.match(path)) ?? fetch(request);
}

/**
 * Today at once, as it was kept, unless a newer version is known; the browser looks for one whenever it opens a page. Another
 * page: the newest if the server gives it soon, since files that it names may not be kept, else the app's kept page.
 */
async function page(request, path) {
  const { installing, waiting } = self.registration;
  if (path === "/" && !installing && !waiting) return kept("/", request);
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

const WORDS = {
  reminder: "打卡提醒",
  ack: "我已打卡",
  snooze: "10 分钟后提醒",
  done: { ack: "● 已记录", snooze: "10 分钟后再提醒" },
  failed: "没有记上。点这里打开页面再试。",
};
const SHOWN_FOR_MS = 5000;

// Whatever comes must be shown: Safari ends the subscription of a worker that stays silent.
self.addEventListener("push", (event) => event.waitUntil(show(event.data)));

self.addEventListener("notificationclick", (event) => {
  const { notification, action } = event;
  notification.close();
  event.waitUntil(action ? answer(notification, action) : open(notification.data?.navigate ?? "/"));
});

async function show(pushed) {
  let sent = {};
  try {
    sent = pushed.json().notification;
  } catch {
    // A message of another form still rings.
  }
  const { title = WORDS.reminder, body = "", tag = "daka", lang = "zh-CN", navigate = "/", data } = sent;
  const hasButtons = data?.can_answer && (self.Notification?.maxActions ?? 0) >= 2;
  await self.registration.showNotification(title, {
    ...{ body, tag, lang, renotify: true, requireInteraction: true, icon: "/icons/icon-192.png" },
    data: { navigate },
    actions: hasButtons ? ["ack", "snooze"].map((action) => ({ action, title: WORDS[action] })) : [],
  });
}

/** Answers a reminder and says so for a moment; after a failure the notification leads to the page. */
async function answer({ title, tag, data }, action) {
  const { pathname } = new URL(data.navigate, self.location.origin);
  const body = new URLSearchParams({ action });
  const asked = fetch(pathname, { method: "POST", headers: { Accept: "application/json" }, body });
  const said = await asked.then((response) => response.ok && response.json()).catch(() => null);
  const isDone = Boolean(said) && said.refusal === "";
  const text = isDone ? WORDS.done[action] : WORDS.failed;
  await self.registration.showNotification(title, { body: text, tag, silent: isDone, data });
  if (!isDone) return;
  await new Promise((resolve) => setTimeout(resolve, SHOWN_FOR_MS));
  for (const shown of await self.registration.getNotifications({ tag }))
    if (shown.body === text) shown.close();
}

async function open(address) {
  const { pathname, hash } = new URL(address, self.location.origin);
  const windows = await self.clients.matchAll({ type: "window" });
  const here = windows.find((each) => new URL(each.url).pathname === pathname);
  await (here ? here.focus() : self.clients.openWindow(pathname + hash));
}
