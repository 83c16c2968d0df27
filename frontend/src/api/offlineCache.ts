import { signal } from "@preact/signals";
import { Problem } from "./problem";

/**
 * What this account was last told of its own days, for when the server cannot be asked: Today and the calendar open with it.
 * It stays until one signs out, and holds nobody else's days.
 */
const PREFIX = "daka.known.";
const MOST_KEPT = 12;

interface Known<T> {
  at: number;
  value: T;
}

/** From when what is shown is, while it is not the server's present answer. */
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

/** Keeps an answer; of too many the oldest go. Storage may be full or forbidden: then nothing is kept. */
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

/** Signed out, or somebody else signed in: nothing stays behind. */
export function clearOfflineCache() {
  cachedSince.value = null;
  try {
    for (const key of keys()) localStorage.removeItem(key);
  } catch {}
}

/** Nobody answered, or only something in front of the server that is away. */
export function isAway(error: unknown): boolean {
  return error instanceof Problem && (error.status === 0 || (error.status >= 502 && error.status <= 504));
}

/** Asks, and keeps `part` of the answer under a name; when the server is away, what it said last stands in. */
export async function fetchOrCached<T>(
  name: string,
  ask: () => Promise<T>,
  part: (answer: T) => T = (answer) => answer,
): Promise<T> {
  try {
    const answer = await ask();
    cacheAnswer(name, part(answer));
    cachedSince.value = null;
    return answer;
  } catch (error) {
    const known = isAway(error) ? read<T>(name) : null;
    if (!known) throw error;
    cachedSince.value = Math.min(known.at, cachedSince.value ?? known.at);
    return known.value;
  }
}
