import type { ComponentType } from "preact";
import { useState } from "preact/hooks";
import { shownFrom } from "../api/known";
import { sayProblem } from "../api/problem";
import { useResource } from "../api/resource";
import { t } from "../i18n";
import { addMonths, monthOf, type PlainDate } from "../lib/dates";
import { now } from "../lib/now";
import { place, stay } from "../lib/router";
import { dateOf, sayMonth } from "../lib/time";
import { byId, useShifts } from "../shifts/useShifts";
import { Button, IconButton } from "../ui/Button";
import { Loaded, QuietLine } from "../ui/EmptyState";
import { Segments } from "../ui/Field";
import { Page } from "../ui/Page";
import { say } from "../ui/Toast";
import { ChosenDay } from "./ChosenDay";
import { Days } from "./Days";
import { Month } from "./Month";
import { askMonth, daysFrom } from "./month";
import "./calendar.css";
import { word } from "./words";

type View = "month" | "list";

/** My own shifts, as a month or as a list, and one day of them closely. */
export function Calendar() {
  const today = dateOf(now.value);
  const query = place.value.query;
  const chosen = query.get("day") ?? today;
  const view: View = query.get("view") === "list" ? "list" : "month";
  const month = monthOf(chosen);
  const shifts = byId(useShifts().value);
  const roster = useResource(month, () => askMonth(month), ["roster", "reminder"]);
  const [opened, setOpened] = useState<{ Dialog: ComponentType<{ onClose: () => void }> } | null>(null);

  const show = (day: PlainDate, as: View) =>
    stay({ day: day === today ? null : day, view: as === "list" ? "list" : null });
  const choose = (day: PlainDate) => show(day, view);
  const turn = (months: number) => {
    const next = addMonths(month, months);
    choose(monthOf(today) === next ? today : `${next}-01`);
  };
  const addToPhone = () =>
    import("./PhoneCalendar").then(
      (it) => setOpened({ Dialog: it.PhoneCalendar }),
      (error) => say(sayProblem(error), { isProblem: true }),
    );

  return (
    <Page
      title={sayMonth(month)}
      class="calendar-page"
      actions={
        <>
          {month !== monthOf(today) && (
            <button type="button" class="button quiet" onClick={() => choose(today)}>
              {t("day.today")}
            </button>
          )}
          <IconButton icon="back" label={t("nav.month_before")} onClick={() => turn(-1)} />
          <IconButton icon="forward" label={t("nav.month_after")} onClick={() => turn(1)} />
        </>
      }
    >
      <div class="calendar-tools">
        <Segments<View>
          label={word("view")}
          value={view}
          choices={[
            { value: "month", label: word("month") },
            { value: "list", label: word("list") },
          ]}
          onValue={(next) => show(chosen, next)}
        />
        {shownFrom.value === null && (
          <Button look="quiet" onClick={() => void addToPhone()}>
            {word("phone")}
          </Button>
        )}
      </div>
      <Loaded from={roster}>
        {(answer) => {
          const days = daysFrom(answer, shifts);
          const shown = { month, days, today, chosen, onChoose: choose };
          return (
            <>
              {answer.provisional_years.length > 0 && (
                <QuietLine>
                  {t("calendar.provisional", { year: answer.provisional_years.join(", ") })}
                </QuietLine>
              )}
              <div class="calendar-split">
                {view === "list" ? <Days {...shown} /> : <Month {...shown} />}
                <ChosenDay
                  date={chosen}
                  today={today}
                  day={days.get(chosen)}
                  shifts={shifts}
                  onChanged={roster.reload}
                />
              </div>
            </>
          );
        }}
      </Loaded>
      {opened && <opened.Dialog onClose={() => setOpened(null)} />}
    </Page>
  );
}
