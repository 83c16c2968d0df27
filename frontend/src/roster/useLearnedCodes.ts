import { useMemo } from "preact/hooks";
import { useList } from "../api/get";
import { QUIET_MS } from "../api/resource";

/** What the words in the team's files mean: imports teach them, and they may be typed and pasted from then on. */
export function useLearnedCodes(teamId: number | null): ReadonlyMap<string, number> {
  const query = teamId === null ? null : { query: { team_id: teamId } };
  const saved = useList("/api/v1/roster/import/words", query, ["roster"], QUIET_MS);
  return useMemo(
    () =>
      new Map(
        saved.value?.flatMap(({ kind, word, shift_id: id }) => (kind === "shift" && id ? [[word, id]] : [])),
      ),
    [saved.value],
  );
}
