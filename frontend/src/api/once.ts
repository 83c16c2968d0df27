import { store, stored } from "../lib/storage";

/** Runs `work` so that no two tabs of this browser run it at the same time. */
export async function oneTabAtATime<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (navigator.locks) return navigator.locks.request(name, work) as Promise<T>;
  // Web Locks need HTTPS; a server in the home network often has none, so a note with an end takes their place.
  const until = Date.now() + 5000;
  while (Date.now() < until && Number(stored(name)) > Date.now())
    await new Promise((wake) => setTimeout(wake, 60));
  store(name, String(Date.now() + 5000));
  try {
    return await work();
  } finally {
    store(name, "0");
  }
}

/** Callers during a run get the promise of that run. */
export function singleFlight<T>(work: () => Promise<T>): () => Promise<T> {
  let flying: Promise<T> | null = null;
  return () => {
    flying ??= work().finally(() => {
      flying = null;
    });
    return flying;
  };
}
