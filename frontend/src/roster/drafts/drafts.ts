import type { components } from "../../api/schema";
import type { PlainDate } from "../../lib/dates";
import { byCell } from "../cells";

/** A cell that is drafted, beside what is published there. */
export type Draft = components["schemas"]["DraftRead"];
/** Drafts of one person by date. */
export type DraftsByDate = ReadonlyMap<PlainDate, Draft>;

export interface PersonDrafts {
  id: number;
  name: string;
  drafts: Draft[];
}

/** What publishing changes for each person: people by name as they come, each with their days in order. */
export const draftsOfPeople = (drafts: readonly Draft[]): PersonDrafts[] =>
  [...byCell(drafts)].map(([id, byDate]) => {
    const theirs = [...byDate.values()].sort((one, other) => one.date.localeCompare(other.date));
    return { id, name: theirs[0]?.display_name ?? "", drafts: theirs };
  });
