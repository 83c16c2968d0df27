import { useState } from "preact/hooks";
import { api } from "../api/client";
import { useGet, useList } from "../api/get";
import { problemText } from "../api/problem";
import { me } from "../api/session";
import { t as all, betweenSentences } from "../i18n";
import type { PlainDate } from "../lib/dates";
import { formatDate, formatDateRange, formatFullDate } from "../lib/time";
import { WeekdayHead } from "../parts/WeekdayHead";
import { dayMark } from "../roster/days";
import { byId, type Shift, useShifts } from "../shifts/useShifts";
import { attempt } from "../ui/attempt";
import { EmptyState, Loaded } from "../ui/EmptyState";
import { Segments } from "../ui/Field";
import { Page } from "../ui/Page";
import { shiftClass } from "../ui/ShiftBadge";
import { type Wish, type WishCall, weeksOf, wishText } from "./wish";
import { t } from "./words";
import "../calendar/calendar.css";
import "./wishes.css";

/** What one would like for the days that a planner asks about. */
export function Wishes() {
  const found = useGet("/api/v1/wish-call", {});
  const shifts = useShifts();
  return (
    <Page title={all("page.wishes")} class="calendar-page">
      <Loaded from={found}>
        {({ call }) =>
          call ? (
            <Loaded from={shifts}>
              {(known) => (
                <Answers
                  call={call}
                  shifts={known.filter(
                    (each) => !each.is_rest && (each.team_id === null || each.team_id === call.team_id),
                  )}
                />
              )}
            </Loaded>
          ) : (
            <EmptyState title={t("none")} text={t("none_text")} />
          )
        }
      </Loaded>
    </Page>
  );
}

function Answers({ call, shifts }: { call: WishCall; shifts: Shift[] }) {
  const span = { from: call.first_date, to: call.last_date };
  const wishes = useList("/api/v1/wishes", { query: span });
  const roster = useGet("/api/v1/roster", { query: { ...span, user_id: me.value?.id ?? 0 } });
  const [chosen, setChosen] = useState<PlainDate | null>(null);
  const known = byId(shifts);
  const words = formatDateRange(call.first_date, call.last_date);
  return (
    <Loaded from={wishes}>
      {(made) => {
        const of = new Map(made.map((wish) => [wish.date, wish]));
        return (
          <>
            <p>{t("about", { span: words })}</p>
            <p role="status">
              {t(call.is_open ? "until" : "closed", { date: formatDate(call.closes_on) })}
              {betweenSentences()}
              {t("count", { n: made.length, most: call.most })}
            </p>
            <div class="calendar-split wish-month">
              <table class="month">
                <caption class="only-heard">{t("month", { span: words })}</caption>
                <WeekdayHead week={weeksOf(call.first_date, call.first_date)[0]} />
                <tbody>
                  {weeksOf(call.first_date, call.last_date).map((week) => (
                    <tr key={week[0]}>
                      {week.map((date) =>
                        date < call.first_date || date > call.last_date ? (
                          <td key={date} />
                        ) : (
                          <Day
                            key={date}
                            date={date}
                            kind={roster.value?.days[date]?.kind ?? ""}
                            wish={of.get(date)}
                            shifts={known}
                            isChosen={date === chosen}
                            onChoose={() => setChosen(date)}
                          />
                        ),
                      )}
                    </tr>
                  ))}
                </tbody>
              </table>
              {chosen && call.is_open && (
                <OneWish
                  key={chosen}
                  date={chosen}
                  wish={of.get(chosen)}
                  shifts={shifts}
                  isFull={made.length >= call.most && !of.has(chosen)}
                  most={call.most}
                  onDone={wishes.reload}
                />
              )}
            </div>
          </>
        );
      }}
    </Loaded>
  );
}

interface DayProps {
  date: PlainDate;
  kind: string;
  wish: Wish | undefined;
  shifts: ReadonlyMap<number, Shift>;
  isChosen: boolean;
  onChoose: () => void;
}

function Day({ date, kind, wish, shifts, isChosen, onChoose }: DayProps) {
  const mark = dayMark(kind);
  const shift = shifts.get(wish?.shift_id ?? -1);
  return (
    <td class={kind === "weekend" || kind === "holiday" ? "off" : ""}>
      <button type="button" aria-pressed={isChosen} onClick={onChoose}>
        <span class="only-heard">
          {[formatFullDate(date), wish ? wishText(wish, shifts) : t("kind.none")].join(t("list.comma"))}
        </span>
        <span class="month-date" aria-hidden="true">
          <span class="dom">{Number(date.slice(8))}</span>
          {mark && (
            <span class={`day-mark ${mark}`}>{all(mark === "off" ? "daykind.off" : "daykind.on")}</span>
          )}
        </span>
        {wish && (
          <span
            class={`month-shift ${shift && wish.kind === "wanted" ? shiftClass(shift) : "wish-plain"}`}
            aria-hidden="true"
          >
            {t(`short.${wish.kind}`, { code: shift?.code ?? "?" })}
          </span>
        )}
      </button>
    </td>
  );
}

const KINDS = ["none", "free", "wanted", "unwanted"] as const;
type Kind = (typeof KINDS)[number];

interface OneWishProps {
  date: PlainDate;
  wish: Wish | undefined;
  shifts: Shift[];
  isFull: boolean;
  most: number;
  onDone: () => Promise<void>;
}

/** The wish for one day; saved as soon as it is chosen. */
function OneWish({ date, wish, shifts, isFull, most, onDone }: OneWishProps) {
  const [kind, setKind] = useState<Kind>(wish?.kind ?? "none");
  const save = async (next: Kind, shift_id: number | null) => {
    setKind(next);
    const path = { date };
    const isSaved = await attempt(
      () =>
        next === "none"
          ? api.delete("/api/v1/wishes/{date}", { path })
          : api.put("/api/v1/wishes/{date}", { path, body: { kind: next, shift_id } }),
      undefined,
      problemText,
    );
    if (!isSaved) setKind(wish?.kind ?? "none");
    await onDone();
  };
  const shiftId = wish?.shift_id ?? shifts[0]?.id ?? 0;
  if (isFull) return <p class="soft">{t("all_used", { most })}</p>;
  return (
    <section class="chosen-day" aria-live="polite">
      <Segments<Kind>
        label={formatDate(date)}
        value={kind}
        choices={KINDS.filter((each) => shifts.length > 0 || each === "none" || each === "free").map(
          (value) => ({ value, label: t(`kind.${value}`) }),
        )}
        onValue={(next) => void save(next, next === "wanted" || next === "unwanted" ? shiftId : null)}
      />
      {(kind === "wanted" || kind === "unwanted") && (
        <Segments
          label={t("which")}
          value={shiftId}
          choices={shifts.map((shift) => ({ value: shift.id, label: shift.name }))}
          onValue={(id) => void save(kind, id)}
        />
      )}
    </section>
  );
}
