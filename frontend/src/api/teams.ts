import { t } from "../i18n";
import { api } from "./client";
import { useResource } from "./resource";
import type { components } from "./schema";

export type Team = components["schemas"]["TeamRead"];

/** The teams that one may see. */
export function useTeams() {
  return useResource("teams", async () => (await api.get("/api/v1/teams")).items);
}

export function teamNameIn(teams: readonly Team[] | null, id: number | null): string {
  return teams?.find((each) => each.id === id)?.name ?? t("person.no_team");
}
