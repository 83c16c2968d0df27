import { useMemo } from "preact/hooks";
import type { components } from "../../api/schema";
import type { PlainDate } from "../../lib/dates";
import { formatDate, formatWeekdayNarrow } from "../../lib/time";
import type { Shift } from "../../shifts/useShifts";
import { shiftClass } from "../../ui/ShiftBadge";
import { isMet, type WishesByDate, wishText } from "../../wishes/wish";
import { cellKey } from "../cells";
import { isAway, marksByCell } from "../coverage";
import { dayMark } from "../days";
import { markLetter, markText } from "../notes";
import { type CrewOf, crewName } from "./crews";
import type { DrawnCell, DrawnRow } from "./preview";
import { t } from "./words";

/** More rows than this are filled but not drawn. */
const MOST_DRAWN = 200;

interface PeopleGridProps {
  rows: readonly DrawnRow[];
  dates: readonly PlainDate[];
  /** What else the roster says of these days: holidays, and leave. */
  roster: Pick<components["schemas"]["Roster"], "days" | "marks">;
  known: ReadonlyMap<number, Shift>;
  chosen: ReadonlySet<number>;
  onChosen: (chosen: ReadonlySet<number>) => void;
  offsetOf?: (id: number) => number;
  crewCount?: number;
  crewOf?: CrewOf;
  onCrew?: (id: number, crew: number) => void;
  onOffset?: (id: number, offset: number) => void;
  /** Single cells that stay, by `cellKey`; a click on a cell changes that. */
  locked?: ReadonlySet<string>;
  onLock?: (key: string) => void;
  /** What somebody wishes for a day. */
  wishes?: ReadonlyMap<number, WishesByDate>;
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** The arrow keys lead from cell to cell, of which one is in the order of the Tab key. */
function moveByArrow(event: KeyboardEvent) {
  const step = STEPS[event.key];
  const at = (event.target as HTMLElement).closest<HTMLTableCellElement>("td");
  const row = at?.closest<HTMLTableRowElement>("tr");
  if (!step || !at || !row) return;
  const next = row.parentElement?.children[row.sectionRowIndex + step[0]]?.children[at.cellIndex + step[1]];
  const button = next?.querySelector<HTMLElement>("button");
  if (!button) return;
  event.preventDefault();
  button.focus();
}

/** Who is meant, and what it would look like: people with a tick before their days. */
export function PeopleGrid({
  rows,
  dates,
  roster,
  known,
  chosen,
  onChosen,
  offsetOf,
  crewCount = 0,
  crewOf = {},
  onCrew,
  onOffset,
  locked,
  onLock,
  wishes,
}: PeopleGridProps) {
  const marks = useMemo(() => marksByCell(roster.marks, dates), [roster.marks, dates]);
  const areAllChosen = rows.length > 0 && rows.every((row) => chosen.has(row.id));
  const choose = (id: number, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(id);
    else next.delete(id);
    onChosen(next);
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="plan-scroll" tabIndex={0} aria-label={t("preview")}>
        <table class="plan-grid">
          <thead>
            <tr>
              <th scope="col" class="plan-who">
                <label>
                  <input
                    type="checkbox"
                    checked={areAllChosen}
                    onChange={() => onChosen(new Set(areAllChosen ? [] : rows.map((row) => row.id)))}
                  />
                  {t("everybody")}
                </label>
              </th>
              {onOffset && (
                <th scope="col" class="plan-offset">
                  {t("offset")}
                </th>
              )}
              {dates.map((date) => {
                const kind = roster.days[date]?.kind;
                const mark = dayMark(kind);
                return (
                  <th key={date} scope="col" class={kind === "weekend" || kind === "holiday" ? "off" : ""}>
                    <span class="only-heard">{formatDate(date)}</span>
                    <span aria-hidden="true">
                      {Number(date.slice(8))}
                      <small>{mark ? t(`mark.${mark}`) : formatWeekdayNarrow(date)}</small>
                    </span>
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody onKeyDown={onLock && moveByArrow}>
            {rows.slice(0, MOST_DRAWN).map((row, index) => (
              <tr key={row.id} class={chosen.has(row.id) ? "" : "left-out"}>
                <th scope="row" class="plan-who">
                  <label>
                    <input
                      type="checkbox"
                      checked={chosen.has(row.id)}
                      onChange={(event) => choose(row.id, event.currentTarget.checked)}
                    />
                    <span>{row.name}</span>
                  </label>
                </th>
                {onOffset && (
                  <td class={`plan-offset${crewCount > 0 ? " with-crew" : ""}`}>
                    {crewCount > 0 && (
                      <select
                        class="input"
                        aria-label={t("crews.of", { person: row.name })}
                        value={crewOf[row.id] ?? ""}
                        onChange={(event) => onCrew?.(row.id, Number(event.currentTarget.value))}
                      >
                        {crewOf[row.id] === undefined && <option value="">—</option>}
                        {Array.from({ length: crewCount }, (_, index) => (
                          <option key={crewName(index)} value={index}>
                            {crewName(index)}
                          </option>
                        ))}
                      </select>
                    )}
                    <input
                      class="input"
                      type="number"
                      min={-366}
                      max={366}
                      aria-label={t("offset.of", { person: row.name })}
                      value={offsetOf?.(row.id) ?? 0}
                      onInput={(event) => {
                        const typed = event.currentTarget.valueAsNumber;
                        if (Number.isInteger(typed) && Math.abs(typed) <= 366) onOffset(row.id, typed);
                      }}
                    />
                  </td>
                )}
                {row.cells.map((cell, column) => {
                  const date = dates[column] ?? "";
                  const shift = known.get(cell.shiftId ?? -1);
                  const wish = wishes?.get(row.id)?.get(date);
                  const key = cellKey(row.id, date);
                  const marked = marks.get(row.id)?.get(date) ?? [];
                  const states = [cell.change, locked?.has(key) && "locked", isAway(marked) && "away"];
                  return (
                    <td
                      key={date}
                      class={states.filter(Boolean).join(" ")}
                      title={marked.map(markText).join("; ") || undefined}
                    >
                      {onLock ? (
                        <button
                          type="button"
                          tabIndex={index + column === 0 ? 0 : -1}
                          aria-pressed={locked?.has(key)}
                          aria-label={t("cell.lock", {
                            person: row.name,
                            date: formatDate(date),
                            shift: shift?.name ?? t("blank"),
                            wish: [...marked.map(markText), wish && wishText(wish, known)]
                              .filter(Boolean)
                              .join("; "),
                          })}
                          onClick={() => onLock(key)}
                        >
                          <Drawn cell={cell} shift={shift} />
                        </button>
                      ) : (
                        <Drawn cell={cell} shift={shift} />
                      )}
                      {marked[0] && (
                        <>
                          <span class="cell-mark" aria-hidden="true">
                            {markLetter(marked[0])}
                          </span>
                          {!onLock && <span class="only-heard">{marked.map(markText).join("; ")}</span>}
                        </>
                      )}
                      {wish && (
                        <span class={`cell-wish${isMet(wish, shift) ? " met" : ""}`} aria-hidden="true" />
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {rows.length > MOST_DRAWN && <p class="note">{t("more_people", { n: rows.length - MOST_DRAWN })}</p>}
    </>
  );
}

function Drawn({ cell, shift }: { cell: DrawnCell; shift: Shift | undefined }) {
  if (cell.change === "cleared") return <span title={t("cell.cleared")}>×</span>;
  if (cell.shiftId === null) return null;
  const isNew = cell.change !== "none";
  return <span class={isNew && shift ? `drawn ${shiftClass(shift)}` : "drawn"}>{shift?.code ?? "?"}</span>;
}
