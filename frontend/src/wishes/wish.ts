import type { components } from "../api/schema";
import { addDays, datesFrom, mondayOf, type PlainDate } from "../lib/dates";
import type { Shift } from "../shifts/useShifts";
import { t } from "./words";

export type Wish = components["schemas"]["WishRead"];
export type WishCall = components["schemas"]["WishCallRead"];
/** One person's wishes. */
export type WishesByDate = ReadonlyMap<PlainDate, Wish>;

type Shifts = ReadonlyMap<number, Shift>;

/** What is wished, in words. */
export const wishText = (wish: Pick<Wish, "kind" | "shift_id">, shifts: Shifts): string =>
  wish.kind === "free"
    ? t("text.free")
    : t(`text.${wish.kind}`, { shift: shifts.get(wish.shift_id ?? -1)?.name ?? "?" });

/** Whether a wish holds with this shift on the day. */
export function isMet(wish: Pick<Wish, "kind" | "shift_id">, shift: Shift | undefined): boolean {
  if (wish.kind === "free") return !shift || shift.is_rest;
  return (shift?.id === wish.shift_id) === (wish.kind === "wanted");
}

/** The weeks, Monday first, that hold these days. */
export function weeksOf(first: PlainDate, last: PlainDate): PlainDate[][] {
  const weeks: PlainDate[][] = [];
  for (let monday = mondayOf(first); monday <= last; monday = addDays(monday, 7))
    weeks.push(datesFrom(monday, 7));
  return weeks;
}
