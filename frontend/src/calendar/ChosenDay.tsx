import type { ComponentType } from "preact";
import { useState } from "preact/hooks";
import { cachedSince } from "../api/offlineCache";
import { me } from "../api/session";
import type { PlainDate } from "../lib/dates";
import { lazyDialog } from "../lib/lazy";
import { addressOf } from "../lib/router";
import { formatDate, formatRelativeDay } from "../lib/time";
import { endLeave } from "../requests/useRequests";
import { t as ofRequests } from "../requests/words";
import { formatPeriods } from "../shifts/periods";
import type { Shift } from "../shifts/useShifts";
import { Button } from "../ui/Button";
import { ShiftBadge } from "../ui/ShiftBadge";
import { Colleagues } from "./Colleagues";
import { DayReminders } from "./DayReminders";
import type { CalendarDay } from "./month";
import { isAway, noteText } from "./notes";
import { t } from "./words";

type RequestDialog = ComponentType<{ date?: PlainDate; onClose: () => void; onDone: () => Promise<void> }>;

const DIALOGS: Record<"leave" | "swap", RequestDialog> = {
  leave: lazyDialog(() => import("../requests/LeaveDialog").then((it) => it.LeaveDialog)),
  swap: lazyDialog(() => import("../requests/SwapDialog").then((it) => it.SwapDialog)),
};

interface ChosenDayProps {
  date: PlainDate;
  today: PlainDate;
  day: CalendarDay | undefined;
  shifts: ReadonlyMap<number, Shift>;
  onChanged: () => Promise<void>;
}

/** One day: the shift, its punch points, why one is away, who else works, and what one may ask for. */
export function ChosenDay({ date, today, day, shifts, onChanged }: ChosenDayProps) {
  const [opened, setOpened] = useState<keyof typeof DIALOGS | null>(null);
  const Opened = opened && DIALOGS[opened];
  const shift = day?.shift;
  const isOffline = cachedSince.value !== null;
  return (
    <section class="chosen-day" aria-live="polite">
      <h2>
        {formatDate(date).includes(formatRelativeDay(date, today))
          ? ""
          : `${formatRelativeDay(date, today)} `}
        <span class="soft">{formatDate(date)}</span>
      </h2>
      {day?.holiday && (
        <p class="soft">{day.kind === "makeup_workday" ? t("makeup", { name: day.holiday }) : day.holiday}</p>
      )}
      {shift ? (
        <>
          <p class={`lead${isAway(day) ? " away" : ""}`}>
            <ShiftBadge shift={shift} name={shift.name} />
          </p>
          <p class="figures">{shift.is_rest ? t("shift.rest") : formatPeriods(shift.periods)}</p>
        </>
      ) : (
        <p class="soft">{t("nothing")}</p>
      )}
      {day?.notes.map((note) => (
        <p class="undo" key={`${note.kind} ${note.id}`}>
          <span>{noteText(note)}</span>
          {note.kind === "swap" ? (
            <a href={addressOf("requests")}>{t("see_swap")}</a>
          ) : (
            !isOffline && (
              <Button look="quiet" onClick={() => void endLeave(note, onChanged)}>
                {ofRequests(note.kind === "skip" ? "skip.cancel" : "leave.cancel")}
              </Button>
            )
          )}
        </p>
      ))}
      {shift && !shift.is_rest && !isOffline && <DayReminders date={date} userId={me.value?.id ?? 0} />}
      {!isOffline && <Colleagues date={date} shifts={shifts} />}
      {!isOffline && (
        <p class="form-foot">
          <Button onClick={() => setOpened("leave")}>{ofRequests("take_leave")}</Button>
          {date >= today && me.value?.team_id != null && (
            <Button onClick={() => setOpened("swap")}>{ofRequests("ask_swap")}</Button>
          )}
        </p>
      )}
      {Opened && <Opened date={date} onClose={() => setOpened(null)} onDone={onChanged} />}
    </section>
  );
}
