import { signal } from "@preact/signals";
import { Problem } from "./problem";

/**
 * The last answers about this account's own days, for when the server cannot be reached: Today and the calendar open with them.
 * Kept until sign-out; it holds nobody else's days.
 */
const PREFIX = "daka.known.";
const MOST_KEPT = 12;

interface Known<T> {
  at: number;
  value: T;
}

/** When the cached answers on screen were fetched; null while they are current. */
export const cachedSince = signal<number | null>(null);

function keys(): string[] {
  return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
}

function read<T>(name: string): Known<T> | null {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name) ?? "null") as Known<T> | null;
  } catch {
    return null;
  }
}

/** Caches an answer; of too many the oldest are dropped. Without usable storage nothing is cached. */
export function cacheAnswer(name: string, value: unknown) {
  try {
    const kept = PREFIX + name;
    localStorage.setItem(kept, JSON.stringify({ at: Date.now(), value }));
    // Answers of the same millisecond have no order, but this one is the latest.
    const others = keys()
      .filter((key) => key !== kept && key !== `${PREFIX}me`)
      .map((key) => ({ key, at: read(key.slice(PREFIX.length))?.at ?? 0 }))
      .sort((one, other) => other.at - one.at);
    for (const { key } of others.slice(name === "me" ? MOST_KEPT : MOST_KEPT - 1))
      localStorage.removeItem(key);
  } catch {}
}

export const cachedAnswer = read;

/** On sign-out, or when somebody else signs in. */
export function clearOfflineCache() {
  cachedSince.value = null;
  try {
    for (const key of keys()) localStorage.removeItem(key);
  } catch {}
}

/** No answer, or only a proxy's in front of a server that is down. */
export function isAway(error: unknown): boolean {
  return error instanceof Problem && (error.status === 0 || (error.status >= 502 && error.status <= 504));
}

/** Caches `part` of an answer that has just come; what is on screen is current again. */
export function keepFresh<T>(name: string, answer: T, part: (answer: T) => T = (answer) => answer): T {
  cacheAnswer(name, part(answer));
  cachedSince.value = null;
  return answer;
}

/** Fetches, and caches `part` of the answer under a name; when the server cannot be reached, the cached part is returned. */
export async function fetchOrCached<T>(
  name: string,
  ask: () => Promise<T>,
  part: (answer: T) => T = (answer) => answer,
): Promise<T> {
  try {
    return keepFresh(name, await ask(), part);
  } catch (error) {
    const known = isAway(error) ? read<T>(name) : null;
    if (!known) throw error;
    cachedSince.value = Math.min(known.at, cachedSince.value ?? known.at);
    return known.value;
  }
}
