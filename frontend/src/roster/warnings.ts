import type { components } from "../api/schema";
import { addDays, type PlainDate } from "../lib/dates";
import { groupsOf } from "../lib/groups";
import type { Change } from "./cells";

export type Warning = components["schemas"]["RosterWarning"];
export type WarningsByDate = ReadonlyMap<PlainDate, readonly Warning[]>;
/** By person and date. A person with the same warnings keeps the same object and is not rendered again. */
export type Warnings = ReadonlyMap<number, WarningsByDate>;

/** All warnings of a report on the range that is shown, in place of those before. */
export function withReport(before: Warnings, warnings: readonly Warning[]): Warnings {
  const byPerson = groupsOf(warnings, (warning) => warning.user_id);
  return unlessSame(
    before,
    new Map([...byPerson].map(([id, all]) => [id, reused(before.get(id), byDate(all))])),
  );
}

/** After a save, whose answer has all warnings of these people from the first date sent to the day after the last one. */
export function withSaved(before: Warnings, sent: readonly Change[], warnings: readonly Warning[]): Warnings {
  const dates = sent.map((change) => change.date).sort();
  const first = dates[0] ?? "";
  const last = addDays(dates.at(-1) ?? "", 1);
  const next = new Map(before);
  for (const id of new Set(sent.map((change) => change.user_id))) {
    const kept = [...(before.get(id)?.values() ?? [])]
      .flat()
      .filter((each) => each.date < first || each.date > last);
    const ofPerson = byDate([...kept, ...warnings.filter((each) => each.user_id === id)]);
    if (ofPerson.size > 0) next.set(id, reused(before.get(id), ofPerson));
    else next.delete(id);
  }
  return unlessSame(before, next);
}

const unlessSame = (before: Warnings, next: Warnings) =>
  next.size === before.size && [...next].every(([id, ofPerson]) => before.get(id) === ofPerson)
    ? before
    : next;

const byDate = (warnings: readonly Warning[]): WarningsByDate =>
  groupsOf(warnings, (warning) => warning.date);

const textsOf = (all: WarningsByDate) =>
  [...all.values()].flatMap((ofDay) => ofDay.map((each) => `${each.date} ${each.detail}`)).sort();

const reused = (before: WarningsByDate | undefined, now: WarningsByDate) =>
  before && textsOf(before).join() === textsOf(now).join() ? before : now;
