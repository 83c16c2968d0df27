import type { components } from "../../api/schema";
import type { PlainDate } from "../../lib/dates";
import { cellKey } from "../cells";
import type { DrawnRow } from "../plan/preview";

export type Proposal = components["schemas"]["ProposalRead"];
export type Outcome = components["schemas"]["ProposalOutcome"];
export type Obstacle = components["schemas"]["ObstacleRead"];
export type KeptCell = components["schemas"]["KeptCell"];

/** Who is stopped by the same thing, in the order in which the reasons first appear. */
export function byReason(
  obstacles: readonly Obstacle[],
): { code: string; shiftId: number | null; userIds: number[] }[] {
  const groups = new Map<string, { code: string; shiftId: number | null; userIds: number[] }>();
  for (const { code, shift_id, user_id } of obstacles) {
    const shiftId = code === "at_work" ? shift_id : null;
    const key = `${code} ${shiftId}`;
    const group = groups.get(key) ?? { code, shiftId, userIds: [] };
    group.userIds.push(user_id);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** What stays of a proposal when the rest is proposed again: the cells that are locked, as they are drawn. */
export const keptCells = (
  rows: readonly DrawnRow[],
  dates: readonly PlainDate[],
  locked: ReadonlySet<string>,
): KeptCell[] =>
  rows.flatMap((row) =>
    row.cells.flatMap((cell, column) => {
      const date = dates[column] ?? "";
      return locked.has(cellKey(row.id, date)) ? [{ user_id: row.id, date, shift_id: cell.shiftId }] : [];
    }),
  );

/** Locks every cell of a person, or none if they all are. */
export function withRow(
  locked: ReadonlySet<string>,
  userId: number,
  dates: readonly PlainDate[],
): ReadonlySet<string> {
  const keys = dates.map((date) => cellKey(userId, date));
  const areAll = keys.every((key) => locked.has(key));
  return new Set(areAll ? [...locked].filter((key) => !keys.includes(key)) : [...locked, ...keys]);
}

/** Whose part is not written, for want of a tick, and how many shifts that leaves without them. */
export function withheldBy(
  { cells, shares }: Pick<Outcome, "cells" | "shares">,
  chosen: ReadonlySet<number>,
  isWork: (shiftId: number) => boolean,
): { people: number[]; shifts: number } {
  const without = cells.filter(
    ({ user_id, shift_id }) => !chosen.has(user_id) && shift_id !== null && isWork(shift_id),
  );
  const left = new Set(without.map((cell) => cell.user_id));
  const people = shares.map((share) => share.user_id).filter((id) => left.has(id));
  return { people, shifts: without.length };
}

/** Who would work less than their contract asks for. */
export const shortOfHours = ({ shares }: Pick<Outcome, "shares">) =>
  shares.filter(({ after, least_hours }) => after.hours < least_hours);

/** A share before and after; one number where nothing changes. */
export const beforeAfter = (before: number, after: number) =>
  before === after ? `${before}` : `${before} → ${after}`;
