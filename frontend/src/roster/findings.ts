import { listed } from "../i18n";
import { monthOf, type PlainDate } from "../lib/dates";
import { groupsOf } from "../lib/groups";
import { formatMonth } from "../lib/time";
import type { Shift } from "../shifts/useShifts";
import type { RosterRow } from "./cells";
import { type DayCoverage, shortfall } from "./coverage";
import { isOfCell, warningText } from "./notes";
import type { Warning, WarningsByDate } from "./warnings";
import { t } from "./words";

type Warnings = ReadonlyMap<number, WarningsByDate>;
/** Each person's row. */
type RowOf = ReadonlyMap<number, number>;

export interface CellWarning {
  row: number;
  column: number;
  warning: Warning;
}

/** A month in which these rows have no shift at all. */
export interface UnplannedMonth {
  date: PlainDate;
  rows: number[];
}

/** Too few people on a shift. */
export interface ShortShift {
  shiftId: number;
  column: number;
  day: DayCoverage;
}

/** One line of the list, and the cell it leads to. */
export interface Finding {
  row: number;
  column: number;
  date: string;
  /** Whom it is about; empty where that is no single person. */
  who: string;
  /** `short` for a shift that lacks people, else the warning's code. */
  kind: string;
  text: string;
  /** The shift that lacks people. */
  shiftId?: number;
}

const NAMES_SHOWN = 6;

/** Warnings of people from today on: the past cannot be changed, so it is marked but not listed. */
export function cellWarnings(
  warnings: Warnings,
  rowOf: RowOf,
  dates: readonly PlainDate[],
  today: PlainDate,
): CellWarning[] {
  const columns = new Map(dates.map((date, index) => [date, index]));
  return [...warnings].flatMap(([id, ofPerson]) => {
    const row = rowOf.get(id);
    if (row === undefined) return [];
    return [...ofPerson].flatMap(([date, ofDay]) => {
      const column = columns.get(date);
      if (column === undefined || date < today) return [];
      return ofDay.filter(isOfCell).map((warning) => ({ row, column, warning }));
    });
  });
}

/** Months without any shift: one finding per month, not one per person. */
export function unplannedMonths(warnings: Warnings, rowOf: RowOf): UnplannedMonth[] {
  const months = new Map<PlainDate, number[]>();
  for (const [id, ofPerson] of warnings) {
    const row = rowOf.get(id);
    if (row === undefined) continue;
    for (const [date, ofDay] of ofPerson)
      if (!ofDay.every(isOfCell)) months.set(date, [...(months.get(date) ?? []), row]);
  }
  return [...months].map(([date, rows]) => ({ date, rows }));
}

/** Shifts with too few people, from today on. */
export function shortShifts(
  covered: ReadonlyMap<number, readonly DayCoverage[]>,
  dates: readonly PlainDate[],
  today: PlainDate,
): ShortShift[] {
  return [...covered].flatMap(([shiftId, ofShift]) =>
    ofShift.flatMap((day, column) =>
      shortfall(day) > 0 && (dates[column] ?? "") >= today ? [{ shiftId, column, day }] : [],
    ),
  );
}

/** The first of these names, and whether there are more. */
export const someOf = (names: readonly string[]) =>
  listed(names.slice(0, NAMES_SHOWN)) + (names.length > NAMES_SHOWN ? " …" : "");

/** The list of people: unplanned months and warnings, by date. */
export function peopleFindings(
  unplanned: readonly UnplannedMonth[],
  warnings: readonly CellWarning[],
  rows: readonly RosterRow[],
  dates: readonly PlainDate[],
): Finding[] {
  const nameOf = (row: number) => rows[row]?.name ?? "";
  const ofMonths = unplanned.map(({ date, rows: idle }): Finding => {
    return {
      row: idle[0] ?? 0,
      column: Math.max(0, dates.indexOf(date)),
      date,
      who: "",
      kind: "not_planned",
      text: t("unplanned", {
        n: idle.length,
        month: formatMonth(monthOf(date)),
        people: someOf(idle.map(nameOf)),
      }),
    };
  });
  const ofCells = warnings.map(
    ({ row, column, warning }): Finding => ({
      row,
      column,
      date: warning.date,
      who: nameOf(row),
      kind: warning.code,
      text: warningText(warning),
    }),
  );
  return [...ofMonths, ...ofCells].sort((a, b) =>
    a.date < b.date ? -1 : a.date > b.date ? 1 : a.row - b.row,
  );
}

/** The list of shifts that need more people, by date. */
export function staffingFindings(
  short: readonly ShortShift[],
  shifts: ReadonlyMap<number, Shift>,
  dates: readonly PlainDate[],
): Finding[] {
  return short
    .map(({ shiftId, column, day }) => ({
      row: 0,
      column,
      date: dates[column] ?? "",
      who: "",
      kind: "short",
      shiftId,
      text: shortText(shifts.get(shiftId)?.name ?? "?", day),
    }))
    .sort((a, b) => a.column - b.column);
}

export interface FindingGroup {
  /** A date or a person; where there is no single person, the kind of what was found. */
  key: string;
  items: Finding[];
}

/** Findings by day or by person, the days in order, the people in the order of the rows. */
export function groupedFindings(findings: readonly Finding[], by: "day" | "person"): FindingGroup[] {
  const keyOf = by === "day" ? (each: Finding) => each.date : (each: Finding) => each.who || each.kind;
  const groups = [...groupsOf(findings, keyOf)].map(([key, items]) => ({ key, items }));
  if (by === "day") return groups.sort((a, b) => (a.key < b.key ? -1 : 1));
  const rowOf = ({ items }: FindingGroup) => (items[0]?.who ? items[0].row : -1);
  return groups.sort((a, b) => rowOf(a) - rowOf(b));
}

export const shortText = (shift: string, day: DayCoverage) =>
  t("short_of", { shift, n: shortfall(day), planned: day.planned, needed: day.needed ?? 0 });
