import { useMemo } from "preact/hooks";
import { api } from "../api/client";
import { useResource } from "../api/resource";

/** What the words in the team's files mean: imports teach them, and they may be typed and pasted from then on. */
export function useLearnedCodes(teamId: number | null): ReadonlyMap<string, number> {
  const saved = useResource(
    `learned words ${teamId}`,
    async () =>
      teamId === null
        ? null
        : (await api.get("/api/v1/roster/import/words", { query: { team_id: teamId } })).items,
    ["roster"],
  );
  return useMemo(
    () =>
      new Map(
        saved.value?.flatMap(({ kind, word, shift_id: id }) => (kind === "shift" && id ? [[word, id]] : [])),
      ),
    [saved.value],
  );
}
