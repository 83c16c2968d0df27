import type { ComponentChildren } from "preact";
import { listed } from "../../i18n";
import type { PlainDate } from "../../lib/dates";
import { formatMonthDay } from "../../lib/time";
import type { Shift } from "../../shifts/useShifts";
import { wishText } from "../../wishes/wish";
import { cellKey } from "../cells";
import { beforeAfter, byReason, type Outcome, shortOfHours } from "./proposal";
import { lookup, t } from "./words";

const MEASURES = ["nights", "weekends", "holidays", "hours"] as const;

interface UnmetProps {
  outcome: Outcome;
  names: ReadonlyMap<number, string>;
  known: ReadonlyMap<number, Shift>;
}

/** Each unmet need, and what stops whom. */
export function Unmet({ outcome, names, known }: UnmetProps) {
  if (outcome.unmet.length === 0) return <p>{t("all_met")}</p>;
  const shiftName = (id: number | null) => known.get(id ?? -1)?.name ?? "?";
  const missing = outcome.unmet.reduce((sum, need) => sum + need.missing, 0);
  return (
    <>
      <h3>{t("unmet", { n: missing })}</h3>
      <Scrolling label={t("unmet", { n: missing })}>
        {outcome.unmet.map((need) => (
          <li key={`${need.date} ${need.shift_id}`}>
            <b>
              {t("unmet_of", {
                date: formatMonthDay(need.date),
                shift: shiftName(need.shift_id),
                n: need.missing,
              })}
            </b>
            <br />
            <span class="soft">
              {byReason(need.obstacles)
                .map(({ code, shiftId, userIds }) =>
                  t("obstacle", {
                    reason: lookup(`why.${code}`, { shift: shiftName(shiftId) }) ?? code,
                    people: listed(userIds.map((id) => names.get(id) ?? `#${id}`)),
                  }),
                )
                .join(t("between_reasons"))}
            </span>
          </li>
        ))}
      </Scrolling>
    </>
  );
}

/** Whose contract asks for more hours. */
export function ShortHours({ outcome }: { outcome: Outcome }) {
  const short = shortOfHours(outcome);
  if (short.length === 0) return null;
  const people = short.map(({ display_name, after, least_hours }) =>
    t("short_of", { person: display_name, hours: after.hours, least: least_hours }),
  );
  return <p>{t("short_hours", { people: listed(people) })}</p>;
}

/** A long list in a part of its own that scrolls. */
const Scrolling = ({ label, children }: { label: string; children: ComponentChildren }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
  <section class="plan-scroll proposal-list" tabIndex={0} aria-label={label}>
    <ul>{children}</ul>
  </section>
);

/** How many wishes hold, and which do not. */
export function Wished({ outcome, names, known }: UnmetProps) {
  const { wishes } = outcome;
  if (wishes.length === 0) return null;
  const missed = wishes.filter((wish) => !wish.is_met);
  return (
    <>
      <h3>{t("wishes_met", { n: wishes.length - missed.length, all: wishes.length })}</h3>
      {missed.length > 0 && (
        <Scrolling label={t("wishes_met", { n: wishes.length - missed.length, all: wishes.length })}>
          {missed.map((wish) => (
            <li key={`${wish.user_id} ${wish.date}`}>
              {t("wish_missed", {
                person: names.get(wish.user_id) ?? `#${wish.user_id}`,
                date: formatMonthDay(wish.date),
                wish: wishText(wish, known),
              })}
            </li>
          ))}
        </Scrolling>
      )}
    </>
  );
}

interface SharesProps {
  outcome: Outcome;
  dates: readonly PlainDate[];
  locked: ReadonlySet<string>;
  onRow: (userId: number) => void;
}

/** What each person has now and would have, and in the weeks before; a person's whole row can be kept. */
export function Shares({ outcome, dates, locked, onRow }: SharesProps) {
  return (
    <>
      <h3>{t("shares")}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="plan-scroll" tabIndex={0} aria-label={t("shares")}>
        <table class="shares">
          <thead>
            <tr>
              <th scope="col">{t("person")}</th>
              {MEASURES.map((each) => (
                <th key={each} scope="col">
                  {t(`share.${each}`)} <span class="soft">({t("weeks_before")})</span>
                </th>
              ))}
              <th scope="col">{t("keep_row")}</th>
            </tr>
          </thead>
          <tbody>
            {outcome.shares.map((share) => (
              <tr key={share.user_id}>
                <th scope="row">{share.display_name}</th>
                {MEASURES.map((each) => (
                  <td key={each}>
                    {beforeAfter(share.before[each], share.after[each])}{" "}
                    <span class="soft">({share.weeks_before[each]})</span>
                  </td>
                ))}
                <td>
                  <input
                    type="checkbox"
                    aria-label={t("keep_row_of", { person: share.display_name })}
                    checked={dates.every((date) => locked.has(cellKey(share.user_id, date)))}
                    onChange={() => onRow(share.user_id)}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}
