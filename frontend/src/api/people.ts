import { api } from "./client";
import { useResource } from "./resource";

/** The API's largest page. */
const MAX_PEOPLE = 500;

/** Everybody this account may see, to choose from. Unless `wanted`, nothing is requested. */
export function usePeople(wanted = true) {
  return useResource(`people ${wanted}`, async () =>
    wanted ? (await api.get("/api/v1/users", { query: { limit: MAX_PEOPLE } })).items : [],
  );
}
