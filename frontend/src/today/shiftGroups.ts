import type { components } from "../api/schema";
import { type Mark, markOf } from "../ui/StateMark";

export type ShiftGroup = components["schemas"]["ShiftGroup"];
export type ShiftGroupPerson = components["schemas"]["ShiftGroupPerson"];
export type Punching = components["schemas"]["ReminderSummary"];
export type Filter = "to_punch" | "nagging" | "missed";

export const keyOf = (group: ShiftGroup) => `${group.team_id} ${group.work_date} ${group.shift.id}`;

/**
 * The one mark of a person whose day has several punch points: what happens now comes first, then what went wrong, then
 * the latest that is over; before all of it the day is still to come.
 */
export function markOfPerson(punches: readonly Punching[]): Mark {
  const marks = [...punches]
    .sort((one, other) => one.point_at.localeCompare(other.point_at))
    .map((punch) => markOf(punch.status));
  if (marks.includes("nagging")) return "nagging";
  if (marks.includes("missed")) return "missed";
  return marks.filter((mark) => mark !== "waiting").at(-1) ?? "waiting";
}

function fits(person: ShiftGroupPerson, filter: Filter): boolean {
  return person.reminders.some((punch) =>
    filter === "to_punch" ? punch.status === "scheduled" : markOf(punch.status) === filter,
  );
}

/** Whether somebody of today is not in the answer. */
export const isPart = (groups: readonly ShiftGroup[]) =>
  groups.some((group) => group.people.length < group.count);

/** The groups that have anybody to show; a day of rest has nobody who must clock. */
export function shownGroups(groups: readonly ShiftGroup[], filter: Filter | null): ShiftGroup[] {
  return groups
    .filter((group) => !group.shift.is_rest)
    .map((group) => {
      if (!filter) return group;
      const people = group.people.filter((person) => fits(person, filter));
      return { ...group, people, count: people.length };
    })
    .filter((group) => group.people.length > 0);
}
