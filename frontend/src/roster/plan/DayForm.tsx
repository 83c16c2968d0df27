import { useState } from "preact/hooks";
import { api } from "../../api/client";
import type { Resource } from "../../api/resource";
import { isAdmin } from "../../api/session";
import type { PlainDate } from "../../lib/dates";
import { holidayName } from "../../lib/holidays";
import { formatFullDate, formatMonthDay } from "../../lib/time";
import { attempt } from "../../ui/attempt";
import { Button } from "../../ui/Button";
import { Segments, TextField } from "../../ui/Field";
import { t } from "./words";
import type { CalendarYear, DayKind } from "./year";

const KINDS: readonly DayKind[] = ["workday", "weekend", "holiday", "makeup_workday"];

/** What one day is; administrators set it. */
export function DayForm(props: { date: PlainDate; calendar: CalendarYear; from: Resource<CalendarYear> }) {
  const { date, calendar, from } = props;
  const day = calendar.days[date];
  const [kind, setKind] = useState<DayKind>(day?.kind ?? "workday");
  const [name, setName] = useState(day?.name ?? "");
  if (!day) return null;

  async function save(to: { kind: DayKind; name: string } | null) {
    const body = { days: { [date]: to } };
    await attempt(
      async () => from.set(await api.put("/api/v1/calendar/{year}", { path: { year: calendar.year }, body })),
      t(to ? "days.set" : "days.unset", { day: formatMonthDay(date) }),
    );
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
        {t(`kind.${day.kind}`)} {holidayName(day.name)} · {t(`said.${day.source}`)}
      </p>
      {isAdmin.value && (
        <>
          <Segments
            label={t("days.kind")}
            value={kind}
            choices={KINDS.map((each) => ({ value: each, label: t(`kind.${each}`) }))}
            onValue={setKind}
          />
          <TextField label={t("field.name")} maxLength={40} value={name} onValue={setName} />
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
