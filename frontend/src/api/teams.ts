import { t } from "../i18n";
import { useList } from "./get";
import type { components } from "./schema";
import { isPlanner } from "./session";

export type Team = components["schemas"]["TeamRead"];

/** The teams that one may see. */
export const useTeams = () => useList("/api/v1/teams");

export const nameIn = (
  named: readonly { id: number; name: string }[] | null,
  id: number | null | undefined,
) => named?.find((each) => each.id === id)?.name;

export const teamNameIn = (teams: readonly Team[] | null, id: number | null) =>
  id === null ? t("person.no_team") : (nameIn(teams, id) ?? "…");

/** Whether somebody who plans this team may look at its draft beside what is published. */
export const usesDraftsIn = (teams: readonly Team[] | null, id: number | null | undefined) =>
  isPlanner.value && (teams?.find((team) => team.id === id)?.uses_drafts ?? false);

/** The choices of a field for a team, a channel and everything else that has a name. */
export const namedChoices = (named: readonly { id: number; name: string }[] | null) =>
  (named ?? []).map(({ id, name }) => ({ value: id, label: name }));
