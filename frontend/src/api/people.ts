import { useList } from "./get";

/** The API's largest page. */
const MAX_PEOPLE = 500;

/** Everybody this account may see, to choose from. Unless `wanted`, nothing is requested. */
export const usePeople = (wanted = true) =>
  useList("/api/v1/users", wanted ? { query: { limit: MAX_PEOPLE } } : null);

export const peopleChoices = (people: readonly { id: number; display_name: string }[] | null) =>
  (people ?? []).map(({ id, display_name }) => ({ value: id, label: display_name }));
