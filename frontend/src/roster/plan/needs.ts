import type { components } from "../../api/schema";

export type Need = components["schemas"]["Need"];
export type NeedDay = Need["day"];

/** Sorts of day, from the general to the particular. */
export const NEED_DAYS: readonly NeedDay[] = [
  "any",
  "workday",
  "weekend",
  "mon",
  "tue",
  "wed",
  "thu",
  "fri",
  "sat",
  "sun",
  "holiday",
  "makeup_workday",
];

/** People by shift and sort of day; missing ones are not set. */
export type NeedTable = Readonly<Record<string, number>>;

const keyOf = (shiftId: number, day: NeedDay) => `${shiftId} ${day}`;

export function tableOf(needs: readonly Need[]): NeedTable {
  return Object.fromEntries(needs.map((need) => [keyOf(need.shift_id, need.day), need.people]));
}

export function needAt(table: NeedTable, shiftId: number, day: NeedDay): number | null {
  return table[keyOf(shiftId, day)] ?? null;
}

/** An empty field takes the need back: then a more general one counts. */
export function withNeed(table: NeedTable, shiftId: number, day: NeedDay, people: number | null): NeedTable {
  const { [keyOf(shiftId, day)]: _, ...others } = table;
  return people === null ? others : { ...others, [keyOf(shiftId, day)]: people };
}

/** As the server takes it; shifts that are gone meanwhile are left out. */
export function needsOf(table: NeedTable, shiftIds: readonly number[]): Need[] {
  return shiftIds.flatMap((shift_id) =>
    NEED_DAYS.flatMap((day) => {
      const people = needAt(table, shift_id, day);
      return people === null ? [] : [{ shift_id, day, people }];
    }),
  );
}
