import type { components } from "../../api/schema";
import type { PlainDate } from "../../lib/dates";

/** A cell that is drafted, beside what is published there. */
export type Draft = components["schemas"]["DraftRead"];
/** Drafts of one person by date. */
export type DraftsByDate = ReadonlyMap<PlainDate, Draft>;

/** Drafts by person and date. */
export function draftsByCell(drafts: readonly Draft[]): ReadonlyMap<number, DraftsByDate> {
  const found = new Map<number, Map<PlainDate, Draft>>();
  for (const draft of drafts) {
    const ofPerson = found.get(draft.user_id) ?? new Map<PlainDate, Draft>();
    found.set(draft.user_id, ofPerson.set(draft.date, draft));
  }
  return found;
}

export interface PersonDrafts {
  id: number;
  name: string;
  drafts: Draft[];
}

/** What publishing changes for each person: people by name as they come, each with their days in order. */
export const draftsOfPeople = (drafts: readonly Draft[]): PersonDrafts[] =>
  [...draftsByCell(drafts)].map(([id, byDate]) => {
    const theirs = [...byDate.values()].sort((one, other) => one.date.localeCompare(other.date));
    return { id, name: theirs[0]?.display_name ?? "", drafts: theirs };
  });
