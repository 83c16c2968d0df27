import { api } from "./client";
import { useResource } from "./resource";

/** More than anybody plans for; longer lists are searched, not chosen from. */
const MAX_PEOPLE = 500;

/** Everybody this account may see, to choose from. Where it is not `wanted` nothing is asked for. */
export function usePeople(wanted = true) {
  return useResource(`people ${wanted}`, async () =>
    wanted ? (await api.get("/api/v1/users", { query: { limit: MAX_PEOPLE } })).items : [],
  );
}
