import { t } from "../i18n";
import { useList } from "./get";
import type { components } from "./schema";

export type Team = components["schemas"]["TeamRead"];

/** The teams that one may see. */
export const useTeams = () => useList("/api/v1/teams");

export const nameIn = (
  named: readonly { id: number; name: string }[] | null,
  id: number | null | undefined,
) => named?.find((each) => each.id === id)?.name;

export const teamNameIn = (teams: readonly Team[] | null, id: number | null) =>
  nameIn(teams, id) ?? t("person.no_team");

/** The choices of a field for a team, a channel and everything else that has a name. */
export const namedChoices = (named: readonly { id: number; name: string }[] | null) =>
  (named ?? []).map(({ id, name }) => ({ value: id, label: name }));
