import { useRef, useState } from "preact/hooks";
import { api, send } from "../../api/client";
import { Problem, problemText } from "../../api/problem";
import { type Resource, useResource } from "../../api/resource";
import type { components } from "../../api/schema";
import { isAdmin } from "../../api/session";
import { monthOf, type PlainDate, weeksOfMonth } from "../../lib/dates";
import {
  formatDateRange,
  formatFullDate,
  formatMonth,
  formatMonthDay,
  formatWeekdayNarrow,
} from "../../lib/time";
import { Button, IconButton } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Loaded, QuietLine } from "../../ui/EmptyState";
import { Field, Segments, TextField } from "../../ui/Field";
import { showToast } from "../../ui/Toast";
import { dayMark } from "../days";
import type { PlanDialogProps } from "./dialog";
import { t } from "./words";
import { type CalendarYear, type DayKind, dateBeside, holidaysOf, makeUpDaysOf } from "./year";
import "./plan.css";
import "./year.css";

type Imported = components["schemas"]["CalendarImported"];

const KINDS: readonly DayKind[] = ["workday", "weekend", "holiday", "makeup_workday"];
const FIRST_YEAR = 2000;
const LAST_YEAR = 2100;
const MOST_BYTES = 2_000_000;
const REFUSALS = [
  "calendar_not_json",
  "calendar_unknown_format",
  "calendar_empty",
  "calendar_too_long",
  "calendar_bad_day",
] as const;

function refusalText(error: unknown): string {
  const code = error instanceof Problem ? error.errors[0]?.code || error.code : "";
  const known = REFUSALS.find((each) => each === code || (error instanceof Problem && each === error.code));
  return known ? t(`days.refused.${known}`) : problemText(error);
}

/** A year of holidays and make-up days: looked at, set by hand, or brought in by a file. */
export function DaysDialog({ scope, onClose }: PlanDialogProps) {
  const [year, setYear] = useState(Number(scope.from.slice(0, 4)));
  const [chosen, setChosen] = useState<PlainDate | null>(null);
  const calendar = useResource(
    `calendar ${year}`,
    () => api.get("/api/v1/calendar/{year}", { path: { year } }),
    ["roster"],
  );
  const turn = (to: number) => {
    setYear(to);
    setChosen(null);
  };
  return (
    <Dialog title={t("days.title")} onClose={onClose}>
      <div class="plan-dialog form compact">
        <div class="plan-month">
          <IconButton
            icon="back"
            label={t("days.year_before")}
            disabled={year <= FIRST_YEAR}
            onClick={() => turn(year - 1)}
          />
          <p aria-live="polite">{t("days.year", { year })}</p>
          <IconButton
            icon="forward"
            label={t("days.year_after")}
            disabled={year >= LAST_YEAR}
            onClick={() => turn(year + 1)}
          />
        </div>
        <Loaded from={calendar}>
          {(found) => (
            <>
              {found.provisional && (
                <QuietLine>
                  {t("calendar.provisional", { year: found.year })}{" "}
                  {t(isAdmin.value ? "days.provisional_step" : "days.provisional_ask")}
                </QuietLine>
              )}
              <Summary calendar={found} />
              <div class="year-and-day">
                <Year calendar={found} chosen={chosen} onChoose={setChosen} />
                {chosen && found.days[chosen] && (
                  <DayForm key={chosen} date={chosen} calendar={found} from={calendar} />
                )}
              </div>
              {isAdmin.value ? (
                <FileForm calendar={calendar} onYear={turn} />
              ) : (
                <p class="note">{t("days.admins")}</p>
              )}
            </>
          )}
        </Loaded>
      </div>
    </Dialog>
  );
}

function Summary({ calendar }: { calendar: CalendarYear }) {
  const holidays = holidaysOf(calendar);
  const makeUp = makeUpDaysOf(calendar);
  return (
    <div class="year-summary">
      <p>
        <b>{t("days.off", { n: holidays.reduce((sum, each) => sum + each.days, 0) })}</b>
        {holidays.map((each) => ` ${each.name} ${formatDateRange(each.from, each.to)}`).join(t("list.comma"))}
      </p>
      <p>
        <b>{t("days.makeup", { n: makeUp.length })}</b>
        {makeUp.map((date) => ` ${formatMonthDay(date)}`).join(t("list.comma"))}
      </p>
    </div>
  );
}

interface YearProps {
  calendar: CalendarYear;
  chosen: PlainDate | null;
  onChoose: (date: PlainDate) => void;
}

/** Twelve months side by side; one stop for Tab, arrows inside. */
function Year({ calendar, chosen, onChoose }: YearProps) {
  const grid = useRef<HTMLDivElement>(null);
  const stop = chosen ?? `${calendar.year}-01-01`;
  const move = (event: KeyboardEvent, date: PlainDate) => {
    const next = dateBeside(date, event.key, calendar.year);
    if (!next) return;
    event.preventDefault();
    onChoose(next);
    grid.current?.querySelector<HTMLElement>(`[data-date="${next}"]`)?.focus();
  };
  const months = Array.from(
    { length: 12 },
    (_, index) => `${calendar.year}-${String(index + 1).padStart(2, "0")}`,
  );
  return (
    <div ref={grid} class="year">
      {months.map((month) => {
        const weeks = weeksOfMonth(month);
        return (
          <table key={month}>
            <caption>{formatMonth(month)}</caption>
            <thead>
              <tr>
                {weeks[0]?.map((date) => (
                  <th key={date} scope="col">
                    {formatWeekdayNarrow(date)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {weeks.map((week) => (
                <tr key={week[0]}>
                  {week.map((date) => {
                    const day = calendar.days[date];
                    if (monthOf(date) !== month || !day) return <td key={date} />;
                    const mark = dayMark(day.kind);
                    return (
                      <td key={date}>
                        <button
                          type="button"
                          data-date={date}
                          class={`${day.kind} ${day.source === "override" ? "by-hand" : ""}`}
                          tabIndex={date === stop ? 0 : -1}
                          aria-pressed={date === chosen}
                          onClick={() => onChoose(date)}
                          onKeyDown={(event) => move(event, date)}
                        >
                          <span class="only-heard">
                            {[formatFullDate(date), t(`kind.${day.kind}`), day.name]
                              .filter(Boolean)
                              .join(t("list.comma"))}
                          </span>
                          <span aria-hidden="true">
                            {Number(date.slice(8))}
                            {mark && <small>{t(`mark.${mark}`)}</small>}
                          </span>
                        </button>
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        );
      })}
    </div>
  );
}

function DayForm(props: { date: PlainDate; calendar: CalendarYear; from: Resource<CalendarYear> }) {
  const { date, calendar, from } = props;
  const day = calendar.days[date];
  const [kind, setKind] = useState<DayKind>(day?.kind ?? "workday");
  const [name, setName] = useState(day?.name ?? "");
  if (!day) return null;

  async function save(to: { kind: DayKind; name: string } | null) {
    try {
      const path = { year: calendar.year };
      from.set(await api.put("/api/v1/calendar/{year}", { path, body: { days: { [date]: to } } }));
      showToast(t(to ? "days.set" : "days.unset", { day: formatMonthDay(date) }));
    } catch (error) {
      showToast(problemText(error), { isProblem: true });
    }
  }

  return (
    <form
      class="form year-day"
      onSubmit={(event) => {
        event.preventDefault();
        void save({ kind, name: name.trim() });
      }}
    >
      <h3>{formatFullDate(date)}</h3>
      <p class="soft">
        {t(`kind.${day.kind}`)} {day.name} · {t(`said.${day.source}`)}
      </p>
      {isAdmin.value && (
        <>
          <Segments
            label={t("days.kind")}
            value={kind}
            choices={KINDS.map((each) => ({ value: each, label: t(`kind.${each}`) }))}
            onValue={setKind}
          />
          <TextField label={t("days.name")} maxLength={40} value={name} onValue={setName} />
          <div class="form-foot">
            <Button type="submit" look="main">
              {t("days.save")}
            </Button>
            {day.source === "override" && (
              <Button look="quiet" onClick={() => void save(null)}>
                {t("days.back")}
              </Button>
            )}
          </div>
        </>
      )}
    </form>
  );
}

/** A file is read twice: to say what it changes, and to change it. */
function FileForm({
  calendar,
  onYear,
}: {
  calendar: Resource<CalendarYear>;
  onYear: (year: number) => void;
}) {
  const [file, setFile] = useState<File | null>(null);
  const [found, setFound] = useState<Imported | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function read(given: File, isDryRun: boolean) {
    setBusy(true);
    setProblem(null);
    try {
      if (given.size > MOST_BYTES) throw new Problem(413, { code: "body_too_large" });
      const body = new FormData();
      body.append("file", given);
      const answer = await send(`/api/v1/calendar/import?dry_run=${isDryRun}`, { method: "POST", body });
      const said = (await answer.json()) as Imported;
      if (isDryRun) setFound(said);
      else {
        setFound(null);
        setFile(null);
        showToast(t("days.imported", { n: said.changed.length }));
        if (said.years[0]) onYear(said.years[0]);
        await calendar.reload();
      }
    } catch (error) {
      setFound(null);
      setProblem(refusalText(error));
    }
    setBusy(false);
  }

  return (
    <section class="form year-file">
      <Field label={t("days.file")} hint={t("days.file_hint")} error={problem}>
        {(wiring) => (
          <input
            {...wiring}
            type="file"
            accept=".json,application/json"
            class="input"
            onChange={(event) => {
              const [given] = event.currentTarget.files ?? [];
              setFile(given ?? null);
              setFound(null);
              if (given) void read(given, true);
            }}
          />
        )}
      </Field>
      <div role="status">
        {found && file && (
          <>
            <p>
              {t("days.would", {
                years: found.years.join(", "),
                days: found.days,
                n: found.changed.length,
              })}
              {found.kept.length > 0 && ` ${t("days.kept", { n: found.kept.length })}`}
            </p>
            <ul class="year-changes">
              {found.changed.map((each) => (
                <li key={each.date}>
                  {formatMonthDay(each.date)}: {t(`kind.${each.before.kind}`)} →{" "}
                  <b>{t(`kind.${each.after.kind}`)}</b> {each.after.name}
                </li>
              ))}
            </ul>
            <Button look="main" isBusy={isBusy} onClick={() => void read(file, false)}>
              {t("days.import")}
            </Button>
          </>
        )}
      </div>
    </section>
  );
}
