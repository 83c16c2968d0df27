import { api } from "../api/client";
import { cachedSince } from "../api/offlineCache";
import type { components } from "../api/schema";
import { t } from "../i18n";
import { currentDate, now } from "../lib/now";
import { formatDate, formatRelativeDay, formatTime } from "../lib/time";
import { formatPeriods } from "../shifts/periods";
import { attempt, useRunning } from "../ui/attempt";
import { Button } from "../ui/Button";
import { ShiftBadge } from "../ui/ShiftBadge";
import { DayLine } from "./DayLine";
import { canAct, dayLineOf, isOpen, momentOf, type Reminder } from "./moment";

const SNOOZE_MINUTES = 10;

export type MyDay = components["schemas"]["MyDay"];

interface MineProps {
  mine: MyDay;
  onChanged: () => Promise<void>;
}

type Act = "ack" | "snooze" | "skip" | "skip_work_date" | "undo";

/** My own minute: the clock, one sentence, the day, and one big button. */
export function Mine({ mine, onChanged }: MineProps) {
  const { reminders, shift, next_shift: next } = mine;
  const [busy, run] = useRunning<Act>();
  const moment = momentOf(reminders, shift, now.value);
  const line = dayLineOf(reminders, mine.periods);
  const today = currentDate.value;
  const { act, undo } = moment;
  const isActNow = act !== null && canAct(act, now.value);
  const isOffline = cachedSince.value !== null;
  // From the calendar alone the shift is known, not its punch points.
  const isOnlyPlanned = isOffline && reminders.length === 0 && shift !== null && !shift.is_rest;

  function tell(what: Act, reminder: Reminder) {
    const path = { reminder_id: reminder.id };
    const send = {
      ack: () => api.post("/api/v1/reminders/{reminder_id}/ack", { path }),
      skip: () => api.post("/api/v1/reminders/{reminder_id}/skip", { path }),
      skip_work_date: () =>
        api.post("/api/v1/reminders/{reminder_id}/skip", { path, body: { scope: "work_date" } }),
      undo: () => api.post("/api/v1/reminders/{reminder_id}/undo", { path }),
      snooze: () =>
        api.post("/api/v1/reminders/{reminder_id}/snooze", { path, body: { minutes: SNOOZE_MINUTES } }),
    }[what];
    void run(what, async () => {
      await attempt(send);
      await onChanged();
    });
  }

  return (
    <section class="mine" aria-label={t("today.mine")}>
      <div class="mine-head">
        <p class="mine-date">{formatDate(today)}</p>
        {shift && <ShiftBadge shift={shift} name={shift.name} />}
      </div>
      <p class={`clock${moment.tone === "now" ? " now" : ""}`}>
        <time>{formatTime(now.value)}</time>
      </p>
      <p class={`sentence ${moment.tone}`} aria-live="polite">
        {isOnlyPlanned
          ? t("today.known_shift", { shift: shift.name, times: formatPeriods(shift.periods) })
          : moment.sentence}
      </p>
      {line && <DayLine line={line} now={now.value} />}
      <div class="thumb">
        {isActNow && isOffline && <p class="soft">{t("today.needs_network")}</p>}
        {isActNow && !isOffline && (
          <>
            <Button
              look={moment.tone === "now" ? "act" : "main"}
              class="big"
              isBusy={busy === "ack"}
              onClick={() => tell("ack", act)}
            >
              {t(act.kind === "clock_in" ? "today.ack_in" : "today.ack_out")}
            </Button>
            {isOpen(act) && (
              <div class="thumb-row">
                <Button look="quiet" isBusy={busy === "snooze"} onClick={() => tell("snooze", act)}>
                  {t("today.snooze", { n: SNOOZE_MINUTES })}
                </Button>
                <Button look="quiet" isBusy={busy === "skip"} onClick={() => tell("skip", act)}>
                  {t("today.skip")}
                </Button>
                <Button
                  look="quiet"
                  isBusy={busy === "skip_work_date"}
                  onClick={() => tell("skip_work_date", act)}
                >
                  {t("today.skip_work_date")}
                </Button>
              </div>
            )}
          </>
        )}
        {undo && !isOffline && (
          <p class="undo">
            <span>
              {t(undo.status === "skipped" ? "today.just_skipped" : "today.just_acked", {
                time: formatTime(undo.ended_at ?? now.value),
              })}
            </span>
            <Button look="quiet" isBusy={busy === "undo"} onClick={() => tell("undo", undo)}>
              {t("action.undo")}
            </Button>
          </p>
        )}
      </div>
      {next && (
        <p class="next-shift">
          <span class="soft">{t("today.next")}</span> {formatRelativeDay(next.work_date, today)}{" "}
          {next.shift.name} <span class="figures">{formatPeriods(next.shift.periods)}</span>
        </p>
      )}
    </section>
  );
}
