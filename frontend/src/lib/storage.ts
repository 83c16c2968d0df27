/** Where the push subscription of this device is kept. */
export const PUSH_HERE = "daka.push";

/** What this browser keeps. Without usable storage, as in a private window, nothing is kept. */
export function stored(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Null removes it. */
export function store(name: string, value: string | null) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {}
}
