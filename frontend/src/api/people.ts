import { api } from "./client";
import { useList } from "./get";
import type { components } from "./schema";

/** The API's largest page. */
const MAX_PEOPLE = 500;

/** Everybody this account may see, to choose from. Unless `wanted`, nothing is requested. */
export const usePeople = (wanted = true) =>
  useList("/api/v1/users", wanted ? { query: { limit: MAX_PEOPLE } } : null);

export const peopleChoices = (people: readonly { id: number; display_name: string }[] | null) =>
  (people ?? []).map(({ id, display_name }) => ({ value: id, label: display_name }));

/** Everybody of a team, as they are now, however many. */
export async function peopleOf(teamId: number) {
  const found: components["schemas"]["UserRead"][] = [];
  let cursor: string | undefined;
  do {
    const page = await api.get("/api/v1/users", { query: { team_id: teamId, limit: MAX_PEOPLE, cursor } });
    found.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
  return found;
}
