import type { components } from "../../api/schema";
import type { PlainDate } from "../../lib/dates";
import type { ImportProblem } from "./importing";

export type DrawnMonth = components["schemas"]["DrawnMonth"];

/** A cell of the drawn month; without a date, the name before the row. */
export interface CellPlace {
  line: number;
  date: PlainDate | null;
}

export interface ImportCell {
  before: number | null;
  /** A word stands for a shift that is not there yet, or that is not known. */
  after: number | string | null;
  change: "none" | "new" | "moved" | "cleared";
  problems: readonly ImportProblem[];
}

export interface ImportRow {
  name: string;
  isNew: boolean;
  /** Problems of the person, and of days that are not drawn. */
  problems: readonly ImportProblem[];
  cells: readonly ImportCell[];
}

/** The rows of the month as it would be, each problem at its cell. */
export function importRows(drawn: DrawnMonth, problems: readonly ImportProblem[]): ImportRow[] {
  const columns = new Set(drawn.dates);
  return drawn.rows.map((row, line) => {
    const own = problems.filter((each) => each.line === line);
    return {
      name: row.name,
      isNew: row.user_id === null && !own.some((each) => each.code === "unknown_person"),
      problems: own.filter((each) => !each.date || !columns.has(each.date)),
      cells: drawn.dates.map((date, column): ImportCell => {
        const before = row.before[column] ?? null;
        const after = row.after[column] ?? null;
        return {
          before,
          after,
          change: changeOf(before, after),
          problems: own.filter((each) => each.date === date),
        };
      }),
    };
  });
}

function changeOf(before: number | null, after: number | string | null): ImportCell["change"] {
  if (before === after) return "none";
  if (before === null) return "new";
  return after === null ? "cleared" : "moved";
}

/** The way to a problem's cell; null where nothing is drawn of it. */
export const placed = (problem: ImportProblem | undefined, onShow: (place: CellPlace) => void) => {
  const line = problem?.line;
  return line == null ? null : () => onShow({ line, date: problem?.date ?? null });
};

/** The edits that paste a drawn table; cells with a problem and people or shifts that are not there stay out of it. */
export function pastedEdits(drawn: DrawnMonth, rows: readonly ImportRow[]) {
  return rows.flatMap((row, line) =>
    row.cells.flatMap(({ before, after, change, problems }, column) => {
      const [user_id, date] = [drawn.rows[line]?.user_id, drawn.dates[column]];
      const isPastable = change !== "none" && problems.length === 0 && typeof after !== "string";
      return isPastable && user_id != null && date ? [{ user_id, date, before, after }] : [];
    }),
  );
}
