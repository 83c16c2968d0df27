import { useState } from "preact/hooks";
import { api } from "../../api/client";
import { useList } from "../../api/get";
import type { PlainDate } from "../../lib/dates";
import { formatDate } from "../../lib/time";
import type { Shift } from "../../shifts/useShifts";
import { attempt } from "../../ui/attempt";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Loaded } from "../../ui/EmptyState";
import { SelectField } from "../../ui/Field";
import { warningText } from "../notes";
import { t } from "./words";

interface CandidatesDialogProps {
  /** The dates to choose from. */
  dates: readonly PlainDate[];
  date: PlainDate;
  shiftId: number | undefined;
  shifts: readonly Shift[];
  teamId: number | null;
  onTake: (userId: number, date: PlainDate, shiftId: number) => void;
  onClose: () => void;
}

/** Who can take a shift on a day, best first, and one click that plans them. */
export function CandidatesDialog(props: CandidatesDialogProps) {
  const { dates, teamId, onTake, onClose } = props;
  const work = props.shifts.filter((shift) => !shift.is_rest);
  const [date, setDate] = useState(props.date);
  const [shiftId, setShiftId] = useState(
    work.find((shift) => shift.id === props.shiftId)?.id ?? work[0]?.id ?? 0,
  );
  const isAsked = shiftId !== 0 && dates.includes(date);
  const candidates = useList(
    "/api/v1/roster/candidates",
    isAsked ? { query: { date, shift_id: shiftId, team_id: teamId } } : null,
    ["roster", "draft"],
  );
  const [isOffering, setOffering] = useState(false);
  async function offer(team_id: number) {
    setOffering(true);
    const send = () =>
      api.post("/api/v1/open-shifts", { body: { team_id, date, shift_id: shiftId, people: 1, reason: "" } });
    const isDone = await attempt(send, t("who.offered"));
    setOffering(false);
    if (isDone) onClose();
  }
  const nameOf = (id: number | null) => props.shifts.find((shift) => shift.id === id)?.name ?? "";
  return (
    <Dialog title={t("who.title")} onClose={onClose}>
      <div class="form compact">
        <div class="form-row">
          <SelectField
            label={t("who.day")}
            choices={dates.map((each) => ({ value: each, label: formatDate(each) }))}
            value={date}
            onValue={setDate}
          />
          <SelectField
            label={t("who.shift")}
            choices={work.map(({ id, name }) => ({ value: id, label: name }))}
            value={shiftId}
            onValue={setShiftId}
          />
        </div>
        {isAsked && (
          <Loaded from={candidates}>
            {(found) => (
              <ul class="rows candidates">
                {found.length === 0 && <li class="soft">{t("who.nobody")}</li>}
                {found.map((one) => (
                  <li key={one.user_id}>
                    <div>
                      <b>{one.display_name}</b>{" "}
                      <span class={one.fit === "free" ? "" : "soft"}>
                        {t(`who.${one.fit}`, { shift: nameOf(one.shift_id) })}
                      </span>
                      <p class="soft small">
                        {t("who.month", { nights: one.nights, days: one.work_days, hours: one.hours })}
                      </p>
                      {one.warnings.map((warning) => (
                        <p class="small" key={`${warning.date} ${warning.code}`}>
                          {warningText(warning)}
                        </p>
                      ))}
                    </div>
                    {(one.fit === "free" || one.fit === "warned") && (
                      <Button
                        aria-label={t("who.take_named", { who: one.display_name })}
                        onClick={() => onTake(one.user_id, date, shiftId)}
                      >
                        {t("who.take")}
                      </Button>
                    )}
                  </li>
                ))}
              </ul>
            )}
          </Loaded>
        )}
        {isAsked && teamId !== null && (
          <footer class="form-foot">
            <Button isBusy={isOffering} onClick={() => void offer(teamId)}>
              {t("who.offer")}
            </Button>
            <span class="soft small">{t("who.offer_hint")}</span>
          </footer>
        )}
      </div>
    </Dialog>
  );
}
