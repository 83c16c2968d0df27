import { useEffect, useMemo, useRef } from "preact/hooks";
import { api } from "../api/client";
import { useGet, useList, useUnchanged } from "../api/get";
import { QUIET_MS, useResource } from "../api/resource";
import type { components } from "../api/schema";
import type { PlainDate } from "../lib/dates";
import { groupsOf } from "../lib/groups";
import type { Shift } from "../shifts/useShifts";
import { byCell } from "./cells";
import { marksByCell, shiftCoverage, staffTotals } from "./coverage";
import type { RosterDraft } from "./draft";
import { cellWarnings, shortShifts, unplannedMonths } from "./findings";
import { useRemoteChanges } from "./useRemoteChanges";

interface DetailsOptions {
  answer: components["schemas"]["Roster"];
  draft: RosterDraft;
  teamId: number | null;
  canEdit: boolean;
  today: PlainDate;
  shifts: ReadonlyMap<number, Shift>;
  /** Count this shift alone in the totals; without it everybody at work is counted. */
  counted: Shift | undefined;
  reload: () => void;
}

/** What the board shows besides the shifts, kept up to date: marks, warnings, staffing and findings. */
export function useRosterDetails(options: DetailsOptions) {
  const { answer, draft, teamId, canEdit, today, shifts, counted, reload } = options;
  const dates = draft.dates.value;
  const rows = draft.rows.value;
  const warnings = draft.warnings.value;

  const ofTeam = canEdit && teamId !== null ? { query: { team_id: teamId } } : null;
  const coverage = useGet("/api/v1/roster/coverage", ofTeam);
  const needs = coverage.value?.needs;
  const span = { from: dates[0] ?? today, to: dates.at(-1) ?? today };
  // Of the report the warnings alone: the rest changes with every edit, and is not shown here.
  const report = useResource(
    `warnings ${span.from} ${span.to} ${teamId} ${canEdit}`,
    useUnchanged(async () => {
      const query = { ...span, team_id: teamId, drafts: true };
      return canEdit ? (await api.get("/api/v1/roster/report", { query })).warnings : null;
    }),
  );
  // Without drafts and without an attendance system, both change as seldom as they are switched on.
  const has = useRef({ drafts: false, source: false }).current;
  const drafts = useGet(
    "/api/v1/roster/drafts",
    canEdit && teamId !== null ? { query: { ...span, team_id: teamId } } : null,
    ["roster", "draft"],
    has.drafts ? undefined : QUIET_MS,
  );
  has.drafts = drafts.value?.uses_drafts ?? false;
  const drafted = useMemo(() => byCell(drafts.value?.items ?? []), [drafts.value]);
  // No events: a note is no change of a cell, so what comes of it is unexplained.
  const written = useList("/api/v1/roster/notes", canEdit ? { query: { ...span, team_id: teamId } } : null);
  const wished = useList(
    "/api/v1/wishes",
    canEdit && teamId !== null ? { query: { ...span, team_id: teamId } } : null,
  );
  const synced = useGet(
    "/api/v1/roster/synced",
    ofTeam,
    ["roster", "punch"],
    has.source ? undefined : QUIET_MS,
  ).value;
  has.source = synced?.source != null;
  const syncedCells = useMemo(
    () => byCell((synced?.cells ?? []).map((cell) => ({ ...cell, vendor: synced?.vendor ?? {} }))),
    [synced],
  );
  const wishes = useMemo(() => byCell(wished.value ?? []), [wished.value]);
  const notes = useMemo(() => byCell(written.value ?? []), [written.value]);
  const offered = useList(
    "/api/v1/open-shifts",
    canEdit ? { query: { is_open: true } } : null,
    ["roster"],
    QUIET_MS,
  );
  const open = useMemo(
    () =>
      groupsOf(
        (offered.value ?? []).filter((each) => each.team_id === teamId),
        (each) => each.date,
      ),
    [offered.value, teamId],
  );
  useEffect(() => {
    if (report.value) draft.takeWarnings(report.value);
  }, [draft, report.value]);
  const marks = useMemo(() => marksByCell(answer.marks, dates), [answer.marks, dates]);
  useRemoteChanges(draft, teamId, {
    isMarked: ({ user_id, date }) => marks.get(user_id)?.has(date) ?? false,
    onUnexplained: () => {
      reload();
      void coverage.reload();
      void written.reload();
      void wished.reload();
      void report.reload();
    },
    onMerged: () => void report.reload(),
  });

  const covered = useMemo(
    () => shiftCoverage(rows, dates, needs ?? [], (date) => answer.days[date]?.kind ?? "workday", marks),
    [rows, dates, needs, answer.days, marks],
  );
  const atWork = useMemo(
    () =>
      new Set(
        [...shifts.values()]
          .filter((each) => (counted ? each.id === counted.id : !each.is_rest))
          .map(({ id }) => id),
      ),
    [shifts, counted],
  );
  const totals = useMemo(() => staffTotals(rows, dates, atWork, marks), [rows, dates, atWork, marks]);

  // Not from `rows`, which change with every edit.
  const rowOf = useMemo(() => new Map(answer.users.map((user, index) => [user.id, index])), [answer.users]);
  const warned = useMemo(() => cellWarnings(warnings, rowOf, dates, today), [warnings, rowOf, dates, today]);
  const unplanned = useMemo(() => unplannedMonths(warnings, rowOf), [warnings, rowOf]);
  const short = useMemo(() => shortShifts(covered, dates, today), [covered, dates, today]);

  return {
    marks,
    notes,
    wishes,
    synced,
    syncedCells,
    reloadNotes: written.reload,
    warnings,
    drafts: drafts.value,
    drafted,
    covered,
    totals,
    open,
    findings: { warned, unplanned, short },
  };
}
