import { useState } from "preact/hooks";
import { cachedSince } from "../api/offlineCache";
import { useResource } from "../api/resource";
import { listed } from "../i18n";
import { addMonths, dateIn, monthOf, type PlainDate } from "../lib/dates";
import { lazyDialog } from "../lib/lazy";
import { currentDate } from "../lib/now";
import { place, stay } from "../lib/router";
import { formatMonth } from "../lib/time";
import { byId, useShifts } from "../shifts/useShifts";
import { Button, IconButton } from "../ui/Button";
import { Loaded, Loading, QuietLine } from "../ui/EmptyState";
import { Segments } from "../ui/Field";
import { Page } from "../ui/Page";
import { ChosenDay } from "./ChosenDay";
import { Days } from "./Days";
import { Month } from "./Month";
import { daysFrom, fetchMonth } from "./month";
import "./calendar.css";
import { t } from "./words";

type View = "month" | "list";

const PhoneCalendar = lazyDialog(() => import("./PhoneCalendar").then((it) => it.PhoneCalendar));

/** My own shifts, as a month or as a list, and one day of them closely. */
export function Calendar() {
  const today = currentDate.value;
  const query = place.value.query;
  const chosen = dateIn(query.get("day")) ?? today;
  const view: View = query.get("view") === "list" ? "list" : "month";
  const month = monthOf(chosen);
  const allShifts = useShifts();
  const shifts = byId(allShifts.value);
  const roster = useResource(month, () => fetchMonth(month), ["roster", "reminder"]);
  const [isAddingToPhone, setAddingToPhone] = useState(false);

  const show = (day: PlainDate, as: View) =>
    stay({ day: day === today ? null : day, view: as === "list" ? "list" : null });
  const choose = (day: PlainDate) => show(day, view);
  const turn = (months: number) => {
    const next = addMonths(month, months);
    choose(monthOf(today) === next ? today : `${next}-01`);
  };

  return (
    <Page
      title={formatMonth(month)}
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
          label={t("view")}
          isLabelHidden
          value={view}
          choices={[
            { value: "month", label: t("month") },
            { value: "list", label: t("list") },
          ]}
          onValue={(next) => show(chosen, next)}
        />
        {cachedSince.value === null && (
          <Button look="quiet" onClick={() => setAddingToPhone(true)}>
            {t("phone")}
          </Button>
        )}
      </div>
      <Loaded from={roster}>
        {(answer) => {
          if (allShifts.isLoading) return <Loading />;
          const days = daysFrom(answer, shifts);
          const shown = { month, days, today, chosen, onChoose: choose };
          return (
            <>
              {answer.provisional_years.length > 0 && (
                <QuietLine>
                  {t("calendar.provisional", { year: listed(answer.provisional_years.map(String)) })}
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
      {isAddingToPhone && <PhoneCalendar onClose={() => setAddingToPhone(false)} />}
    </Page>
  );
}
