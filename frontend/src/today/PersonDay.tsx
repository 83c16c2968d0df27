import { api } from "../api/client";
import { t } from "../i18n";
import { addressOf } from "../lib/router";
import { formatTime } from "../lib/time";
import { attempt, useRunning } from "../ui/attempt";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { StateMark } from "../ui/StateMark";
import type { ShiftGroupPerson } from "./shiftGroups";

interface PersonDayProps {
  person: ShiftGroupPerson;
  workDate: string;
  onClose: () => void;
  onChanged: () => Promise<void>;
}

/** One person's punch points today; a planner can record a punch that the system does not know of. */
export function PersonDay({ person, workDate, onClose, onChanged }: PersonDayProps) {
  const [running, run] = useRunning<number>();
  async function note(id: number) {
    await attempt(() => api.post("/api/v1/reminders/{reminder_id}/ack", { path: { reminder_id: id } }));
    await onChanged();
  }
  const punches = [...person.reminders].sort((one, other) => one.point_at.localeCompare(other.point_at));
  return (
    <Dialog title={person.display_name} onClose={onClose}>
      <ul class="rows punch-points">
        {punches.map((punch) => (
          <li key={punch.id}>
            <time class="figures">{formatTime(punch.point_at)}</time>
            <span class="nowrap">{t(punch.kind === "clock_in" ? "punch.clock_in" : "punch.clock_out")}</span>
            <span class="punch-state">
              <StateMark of={punch} />
              {(punch.status === "scheduled" || punch.status === "nagging") && (
                <Button
                  look="quiet"
                  isBusy={running === punch.id}
                  onClick={() => void run(punch.id, () => note(punch.id))}
                >
                  {t("today.note_punch")}
                </Button>
              )}
            </span>
          </li>
        ))}
      </ul>
      <p class="form-foot">
        {punches[0] && (
          <a class="button quiet" href={addressOf("why", { person: person.user_id, date: workDate })}>
            {t("why.ask")}
          </a>
        )}
        <a class="button quiet" href={addressOf("log", { person: person.user_id })}>
          {t("today.see_log")}
        </a>
      </p>
    </Dialog>
  );
}
