import { useState } from "preact/hooks";
import { listed } from "../../i18n";
import type { Shift } from "../../shifts/useShifts";
import { type DayCoverage, shortfall } from "../coverage";
import { shortText } from "../findings";
import { t } from "../words";
import type { RosterGridProps } from "./props";

type CoverageRowsProps = Pick<
  RosterGridProps,
  "dates" | "shifts" | "totals" | "totalsLabel" | "covered" | "open"
> & {
  firstIndex: number;
  /** Beside each row stands a total. */
  hasTotal: boolean;
};

/** The footer: how many people work each day and how many are missing; expanded, shift by shift. */
export function CoverageRows({
  dates,
  shifts,
  totals,
  totalsLabel,
  covered,
  open,
  firstIndex,
  hasTotal,
}: CoverageRowsProps) {
  const [isOpen, setOpen] = useState(false);
  const known = [...covered].flatMap(([id, days]) => {
    const shift = shifts.get(id);
    return shift ? [{ shift, days }] : [];
  });
  return (
    <tfoot>
      {isOpen &&
        known.map(({ shift, days }, index) => (
          <tr key={shift.id} aria-rowindex={firstIndex + index}>
            <th scope="row">{shift.name}</th>
            {days.map((day, column) => (
              <CoverageCell key={dates[column]} shift={shift} day={day} />
            ))}
            {hasTotal && <td class="row-total">{days.reduce((sum, day) => sum + day.planned, 0)}</td>}
          </tr>
        ))}
      <tr aria-rowindex={firstIndex + known.length}>
        <th scope="row">
          {known.length > 0 ? (
            <button
              type="button"
              class="coverage-toggle"
              aria-expanded={isOpen}
              aria-label={`${totalsLabel}, ${t("coverage")}`}
              onClick={() => setOpen(!isOpen)}
            >
              {totalsLabel}
            </button>
          ) : (
            totalsLabel
          )}
        </th>
        {totals.map((total, column) => {
          const lacking = known.flatMap(({ shift, days }) => {
            const day = days[column];
            return day && shortfall(day) > 0 ? [{ shift, day }] : [];
          });
          const n = lacking.reduce((sum, { day }) => sum + shortfall(day), 0);
          const offered = open.get(dates[column] ?? "") ?? [];
          const openText = t("open_shifts", {
            n: offered.length,
            shifts: listed(offered.map((each) => shifts.get(each.shift_id)?.name ?? "")),
          });
          return (
            <td key={dates[column]} class={total === 0 && n === 0 ? "none" : ""}>
              {total}
              <span class="day-lacks">
                {n > 0 && (
                  <span
                    class="short"
                    title={lacking.map(({ shift, day }) => shortText(shift.name, day)).join("\n")}
                  >
                    <span aria-hidden="true">▼{n}</span>
                    <span class="only-heard">{t("short", { n })}</span>
                  </span>
                )}
                {offered.length > 0 && (
                  <span class="open-shifts" title={openText}>
                    <span aria-hidden="true">{offered.length > 1 && offered.length}</span>
                    <span class="only-heard">{openText}</span>
                  </span>
                )}
              </span>
            </td>
          );
        })}
        {hasTotal && <td class="row-total">{totals.reduce((sum, total) => sum + total, 0)}</td>}
      </tr>
    </tfoot>
  );
}

function CoverageCell({ shift, day }: { shift: Shift; day: DayCoverage }) {
  if (day.needed === null) return <td class="none">{day.planned}</td>;
  const n = shortfall(day);
  return (
    <td class={n > 0 ? "lacking" : ""}>
      <span class="planned-of" aria-hidden="true">
        <span>
          {n > 0 ? "▼" : ""}
          {day.planned}
        </span>
        <span>/{day.needed}</span>
      </span>
      <span class="only-heard">
        {t("covered", { shift: shift.name, planned: day.planned, needed: day.needed })}
      </span>
    </td>
  );
}
