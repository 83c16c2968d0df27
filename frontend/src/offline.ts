import { signal } from "@preact/signals";

/** A newer version that waits until the person reloads. */
export const newVersion = signal<ServiceWorker | null>(null);

const LOOK_EVERY_MS = 3_600_000;
/** So long after it opened, Today as it was kept gives way to a newer version by itself, unless somebody has touched it. */
const UNTOUCHED_MS = 20_000;

/** Lets the app open without a network: a service worker keeps its files. Browsers allow that only over HTTPS and on localhost. */
export function registerServiceWorker() {
  const workers = navigator.serviceWorker;
  if (!workers) return;
  let isTouched = false;
  for (const sign of ["pointerdown", "keydown"])
    addEventListener(sign, () => (isTouched = true), { capture: true, once: true });
  workers
    .register("/sw.js")
    .then((registration) => watch(registration, () => isTouched))
    .catch(() => undefined);
}

function watch(registration: ServiceWorkerRegistration, isTouched: () => boolean) {
  // Without a controller it is the first version, not a new one.
  const isUnused = () => location.pathname === "/" && !isTouched() && performance.now() < UNTOUCHED_MS;
  const note = (worker: ServiceWorker | null) => {
    if (!worker || !navigator.serviceWorker.controller) return;
    newVersion.value = worker;
    if (isUnused()) takeOver("take over if alone", isUnused);
  };
  note(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const coming = registration.installing;
    coming?.addEventListener("statechange", () => coming.state === "installed" && note(coming));
  });
  let lookedAt = Date.now();
  addEventListener("visibilitychange", () => {
    if (document.hidden || Date.now() - lookedAt < LOOK_EVERY_MS) return;
    lookedAt = Date.now();
    registration.update().catch(() => undefined);
  });
}

export const activateNewVersion = () => takeOver("take over", () => true);

function takeOver(words: "take over" | "take over if alone", mayReload: () => boolean) {
  const workers = navigator.serviceWorker;
  workers.addEventListener("controllerchange", () => mayReload() && location.reload(), { once: true });
  newVersion.value?.postMessage(words);
}

/** Runs once the app could open without a network; never where it cannot. */
export function whenOfflineReady(work: () => void) {
  navigator.serviceWorker?.ready.then(work, () => undefined);
}
