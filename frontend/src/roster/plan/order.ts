import type { CrewOf } from "./crews";

export interface Person {
  id: number;
  display_name: string;
}

/** Somebody at another place, counted from 0; the others keep their order. */
export function moved<T>(all: readonly T[], from: number, to: number): T[] {
  const [one] = all.slice(from, from + 1);
  if (one === undefined) return [...all];
  const others = all.filter((_, index) => index !== from);
  const place = Math.min(others.length, Math.max(0, to));
  return [...others.slice(0, place), one, ...others.slice(place)];
}

export const byName = (all: readonly Person[]): Person[] =>
  [...all].sort(
    (one, other) => one.display_name.localeCompare(other.display_name, "zh") || one.id - other.id,
  );

/** Crew by crew, within a crew as before; those without one come last. */
export const byCrew = (all: readonly Person[], crewOf: CrewOf): Person[] =>
  [...all].sort((one, other) => (crewOf[one.id] ?? Infinity) - (crewOf[other.id] ?? Infinity) || 0);
