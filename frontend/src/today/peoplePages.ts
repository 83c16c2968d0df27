import { type Filter, keyOf, type ShiftGroup } from "./shiftGroups";

/** What was read of the people of today, and where to read on; null: that was all. */
export interface Read {
  groups: readonly ShiftGroup[];
  cursor: string | null;
}

/** What is asked for: the people of a group, or those in a state. */
export const readQuery = (key: string, group: ShiftGroup | undefined) =>
  group
    ? { team_id: group.team_id ?? 0, shift_id: group.shift.id, work_date: group.work_date }
    : { state: key as Filter };

export const restOf = (group: ShiftGroup) => group.count - group.people.length;

/** Groups with the people who were read later; who is there already stays as they are. */
export function withRead(shown: readonly ShiftGroup[], read: readonly ShiftGroup[]): ShiftGroup[] {
  const found = new Map(shown.map((group) => [keyOf(group), group]));
  for (const group of read) {
    const before = found.get(keyOf(group));
    const there = new Set(before?.people.map((person) => person.user_id));
    const people = [
      ...(before?.people ?? []),
      ...group.people.filter((person) => !there.has(person.user_id)),
    ];
    found.set(keyOf(group), { ...group, people, count: Math.max(before?.count ?? 0, people.length) });
  }
  return [...found.values()];
}
