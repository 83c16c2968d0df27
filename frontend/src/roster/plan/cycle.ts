import { daysBetween, mondayOf, type PlainDate } from "../../lib/dates";
import { restBetween } from "../../shifts/periods";
import type { Shift } from "../../shifts/useShifts";

/** A shift, or a day without one. */
export type Slot = number | null;

/** A cycle that is being made, and which of its slots is in hand. */
export interface CycleDraft {
  slots: readonly Slot[];
  at: number | null;
}

export const LONGEST_CYCLE = 366;

/** A shift is chosen: it takes the place of the slot in hand, and the next one comes in hand; else it goes to the end. */
export function put({ slots, at }: CycleDraft, slot: Slot): CycleDraft {
  if (at === null || at >= slots.length)
    return slots.length < LONGEST_CYCLE ? { slots: [...slots, slot], at: null } : { slots, at: null };
  return {
    slots: slots.map((each, index) => (index === at ? slot : each)),
    at: at + 1 < slots.length ? at + 1 : null,
  };
}

/** Takes a slot out: the one in hand, else the last. */
export function drop({ slots, at }: CycleDraft): CycleDraft {
  const gone = at ?? slots.length - 1;
  const left = slots.filter((_, index) => index !== gone);
  return { slots: left, at: at === null || left.length === 0 ? null : Math.min(at, left.length - 1) };
}

const SHORTEST_REST = 11 * 60;

/** The pairs of shifts in a cycle, round its end too, between which people would rest for less than eleven hours. */
export function shortRests(
  slots: readonly Slot[],
  known: ReadonlyMap<number, Shift>,
): { before: Shift; after: Shift; hours: number }[] {
  const work = slots
    .map((slot) => known.get(slot ?? 0))
    .map((shift) => (shift?.periods.length ? shift : null));
  const found = new Map<string, { before: Shift; after: Shift; hours: number }>();
  work.forEach((before, index) => {
    const after = work[(index + 1) % work.length];
    if (!before || !after) return;
    const rest = restBetween(before.periods, after.periods);
    const hours = Math.round(rest / 6) / 10;
    if (rest < SHORTEST_REST) found.set(`${before.id} ${after.id}`, { before, after, hours });
  });
  return [...found.values()];
}

/** Everybody a step further on than the one before, round the cycle. */
export function staggered(ids: readonly number[], step: number, length: number): Record<number, number> {
  return Object.fromEntries(ids.map((id, index) => [id, length > 0 ? (index * step) % length : 0]));
}

/** The date on which the cycle's first slot falls. */
export function anchorOf(from: PlainDate, startsOnMonday: boolean): PlainDate {
  return startsOnMonday ? mondayOf(from) : from;
}

/** The step at which people cover a cycle evenly: as many starts as there are people, as far as the cycle goes. */
export function evenStep(people: number, length: number): number {
  return people < 1 || length < 1 ? 0 : Math.max(1, Math.floor(length / people));
}

/** Days from one date to another, both counted; 0 where the second comes first. */
export function daysIn(from: PlainDate, to: PlainDate): number {
  const days = daysBetween(from, to) + 1;
  return Number.isFinite(days) && days > 0 ? days : 0;
}
