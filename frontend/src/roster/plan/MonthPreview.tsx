import { useEffect, useRef } from "preact/hooks";
import { type PlainDate, weekdayOf } from "../../lib/dates";
import { formatDate, formatMonthDay, formatWeekdayNarrow } from "../../lib/time";
import type { Shift } from "../../shifts/useShifts";
import { shiftClass } from "../../ui/ShiftBadge";
import { type ImportProblem, inWords as problemInWords } from "./importing";
import { type CellPlace, type DrawnMonth, type ImportCell, importRows } from "./importPreview";
import { t } from "./words";

interface MonthPreviewProps {
  drawn: DrawnMonth;
  problems: readonly ImportProblem[];
  known: ReadonlyMap<number, Shift>;
  place: CellPlace | null;
  onPlace: (place: CellPlace) => void;
}

/** The month as it would be after an import; one cell of it is told in words below. */
export function MonthPreview({ drawn, problems, known, place, onPlace }: MonthPreviewProps) {
  const table = useRef<HTMLTableElement>(null);
  const rows = importRows(drawn, problems);
  const isPlace = (line: number, date: PlainDate | null) => place?.line === line && place.date === date;
  useEffect(() => {
    if (place)
      table.current?.querySelector("[data-is-place]")?.scrollIntoView({ block: "center", inline: "center" });
  }, [place]);

  const named = (shift: number | string | null) =>
    shift === null ? t("blank") : typeof shift === "string" ? shift : (known.get(shift)?.name ?? "?");
  function inWords({ line, date }: CellPlace): string {
    const row = rows[line];
    const cell = row?.cells[drawn.dates.indexOf(date ?? "")];
    if (!row) return "";
    const wrong = cell ? cell.problems : row.problems;
    const change = cell
      ? cell.change === "none"
        ? named(cell.after)
        : `${named(cell.before)} → ${named(cell.after)}`
      : "";
    return [
      [row.name, date && formatMonthDay(date)].filter(Boolean).join(" "),
      change,
      ...wrong.map((each) => (each.code === "note" ? each.value : problemInWords(each).wrong)),
    ]
      .filter(Boolean)
      .join(t("drawn.colon"));
  }

  return (
    <div class="import-drawn">
      <h3>{t("drawn.title")}</h3>
      <p class="note">{t("drawn.key")}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="plan-scroll" tabIndex={0} aria-label={t("drawn.title")}>
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: a press tells in words what each cell already says */}
        <table
          ref={table}
          class="plan-grid"
          onClick={(event) => {
            const { line, date } =
              (event.target as Element).closest<HTMLElement>("[data-line]")?.dataset ?? {};
            if (line !== undefined) onPlace({ line: Number(line), date: date ?? null });
          }}
        >
          <thead>
            <tr>
              <th scope="col" class="plan-who">
                {t("drawn.who")}
              </th>
              {drawn.dates.map((date) => (
                <th key={date} scope="col" class={weekdayOf(date) >= 5 ? "off" : ""}>
                  <span class="only-heard">{formatDate(date)}</span>
                  <span aria-hidden="true">
                    {Number(date.slice(8))}
                    <small>{formatWeekdayNarrow(date)}</small>
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, line) => (
              <tr key={line}>
                <th
                  scope="row"
                  class={`plan-who${row.problems.length > 0 ? " wrong" : ""}`}
                  data-line={line}
                  data-is-place={isPlace(line, null) || undefined}
                >
                  {row.name}
                  {row.isNew && <small class="soft"> {t("drawn.new")}</small>}
                </th>
                {row.cells.map((cell, column) => {
                  const date = drawn.dates[column] ?? "";
                  const isTold = cell.change !== "none" || cell.problems.length > 0;
                  return (
                    <td
                      key={date}
                      class={`${cell.change}${cell.problems.length > 0 ? " wrong" : ""}`}
                      data-line={line}
                      data-date={date}
                      data-is-place={isPlace(line, date) || undefined}
                      title={isTold ? inWords({ line, date }) : undefined}
                    >
                      <Drawn cell={cell} known={known} />
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="import-told" role="status">
        {place && rows[place.line] ? inWords(place) : t("drawn.press")}
      </p>
      {drawn.more_people > 0 && <p class="note">{t("drawn.more_people", { n: drawn.more_people })}</p>}
      {drawn.more_days > 0 && <p class="note">{t("more_days", { n: drawn.more_days })}</p>}
    </div>
  );
}

function Drawn({ cell, known }: { cell: ImportCell; known: ReadonlyMap<number, Shift> }) {
  const { before, after, change } = cell;
  const shift = typeof after === "number" ? known.get(after) : undefined;
  const code = typeof after === "string" ? [...after].slice(0, 3).join("") : (shift?.code ?? "?");
  const was = change === "moved" || change === "cleared";
  if (after === null && !was) return null;
  return (
    <>
      {was && (
        <s>
          {known.get(before ?? -1)?.code ?? "?"}
          <span class="only-heard">→</span>
        </s>
      )}
      <span class={`drawn${change !== "none" && shift ? ` ${shiftClass(shift)}` : ""}`}>
        {after === null ? <span title={t("cell.cleared")}>×</span> : code}
      </span>
    </>
  );
}
