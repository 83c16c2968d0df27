import type { components } from "../../api/schema";

export type PersonShare = components["schemas"]["PersonShare"];

export const MEASURES = ["hours", "nights", "weekends", "holidays", "work_days"] as const;
export type Measure = (typeof MEASURES)[number];

export function medianOf(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** What is usual in the team: the least, the middle and the most of its active people. */
export interface Usual {
  least: number;
  median: number;
  most: number;
}

export function usualOf(people: readonly PersonShare[], measure: Measure): Usual {
  const values = people.filter((person) => person.is_active).map((person) => person[measure]);
  return {
    least: values.length > 0 ? Math.min(...values) : 0,
    median: medianOf(values),
    most: values.length > 0 ? Math.max(...values) : 0,
  };
}

/** As it is shown: hours of shifts such as 16:00–23:59 would have many digits. */
export const rounded = (value: number) => Math.round(value * 10) / 10;

/** `+2`, `−1.5`, `±0`: how far from the middle. */
export function signed(away: number): string {
  const by = rounded(away);
  if (by === 0) return "±0";
  return by > 0 ? `+${by}` : `−${-by}`;
}

/** Far from the middle: a quarter of it, at least two (days) or eight (hours). */
export function isFar(value: number, { median }: Usual, measure: Measure): boolean {
  const slack = Math.max(median / 4, measure === "hours" ? 8 : 2);
  return Math.abs(value - median) >= slack;
}

export type Order = { by: Measure | "name"; isDown: boolean };

export function inOrder(people: readonly PersonShare[], { by, isDown }: Order): PersonShare[] {
  const sign = isDown ? -1 : 1;
  return [...people].sort(
    (a, b) =>
      sign * (by === "name" ? a.display_name.localeCompare(b.display_name, "zh") : a[by] - b[by]) ||
      a.user_id - b.user_id,
  );
}
