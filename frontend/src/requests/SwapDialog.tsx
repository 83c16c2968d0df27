import { useState } from "preact/hooks";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import { me } from "../api/session";
import { addDays, type PlainDate } from "../lib/dates";
import { now } from "../lib/now";
import { dateOf, formatDate } from "../lib/time";
import { formatPeriods } from "../shifts/periods";
import { byId, type Shift, useShifts } from "../shifts/useShifts";
import { Dialog } from "../ui/Dialog";
import { CheckField, SelectField, TextField } from "../ui/Field";
import { FormFoot } from "../ui/FormFoot";
import { ShiftBadge } from "../ui/ShiftBadge";
import { showToast } from "../ui/Toast";
import "./requests.css";
import { requestProblemText, shiftName } from "./format";
import { t } from "./words";

interface SwapDialogProps {
  date?: PlainDate;
  onClose: () => void;
  onDone: () => Promise<void>;
}

/** Everybody's shift of one day in one's own team. */
function useTeamDay(date: PlainDate) {
  const teamId = me.value?.team_id ?? undefined;
  return useResource(
    `team day ${date} ${teamId}`,
    async () =>
      date && teamId
        ? (await api.get("/api/v1/roster", { query: { from: date, to: date, team_id: teamId } })).users
        : [],
    ["roster"],
  );
}

type Rows = { id: number; display_name: string; shift_ids: (number | null)[] }[];
const shiftOn = (rows: Rows | null, userId: number) =>
  rows?.find((row) => row.id === userId)?.shift_ids[0] ?? null;

/** Ask a colleague to trade: the day, the person, and both shifts side by side before it is sent. */
export function SwapDialog({ date, onClose, onDone }: SwapDialogProps) {
  const today = dateOf(now.value);
  const myId = me.value?.id ?? 0;
  const [day, setDay] = useState(date && date > today ? date : addDays(today, 1));
  const [withId, setWithId] = useState(0);
  const [hasReturn, setHasReturn] = useState(false);
  const [returnDay, setReturnDay] = useState(addDays(day, 1));
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const shifts = byId(useShifts().value);
  const rows = useTeamDay(day);
  const returnRows = useTeamDay(hasReturn ? returnDay : day);
  const colleagues = (rows.value ?? []).filter((row) => row.id !== myId);
  const other = colleagues.find((row) => row.id === withId);
  const isSame =
    other !== undefined &&
    shiftOn(rows.value, myId) === shiftOn(rows.value, withId) &&
    (!hasReturn || shiftOn(returnRows.value, myId) === shiftOn(returnRows.value, withId));

  async function send(event: Event) {
    event.preventDefault();
    if (!other) return;
    setBusy(true);
    setProblem(null);
    try {
      const swap = await api.post("/api/v1/swaps", {
        body: {
          with_user_id: withId,
          date: day,
          return_date: hasReturn ? returnDay : null,
          reason: reason.trim(),
        },
      });
      showToast(t("swap.sent", { name: swap.with_display_name }));
      onClose();
      await onDone();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }

  return (
    <Dialog title={t("swap.title")} onClose={onClose}>
      <form class="form" onSubmit={send}>
        <p class="soft small">{t("swap.steps")}</p>
        <TextField
          label={t("swap.day")}
          hint={t("swap.mine_is", { shift: shiftName(shifts, shiftOn(rows.value, myId)) })}
          type="date"
          required
          value={day}
          onValue={setDay}
        />
        {rows.value !== null && colleagues.length === 0 ? (
          <p class="soft">{t("swap.nobody")}</p>
        ) : (
          <SelectField
            label={t("swap.with")}
            value={withId}
            choices={[
              { value: 0, label: t("swap.choose") },
              ...colleagues.map((row) => ({
                value: row.id,
                label: t("swap.colleague", {
                  name: row.display_name,
                  shift: shiftName(shifts, row.shift_ids[0]),
                }),
              })),
            ]}
            onValue={setWithId}
          />
        )}
        {other && (
          <Trade
            date={day}
            rows={rows.value}
            otherName={other.display_name}
            otherId={withId}
            shifts={shifts}
          />
        )}
        <CheckField label={t("swap.with_return")} value={hasReturn} onValue={setHasReturn} />
        {hasReturn && (
          <TextField
            label={t("swap.return_day")}
            type="date"
            required
            value={returnDay}
            onValue={setReturnDay}
          />
        )}
        {hasReturn && other && (
          <Trade
            date={returnDay}
            rows={returnRows.value}
            otherName={other.display_name}
            otherId={withId}
            shifts={shifts}
          />
        )}
        <TextField
          label={t("swap.reason")}
          hint={t("swap.reason_hint")}
          maxLength={200}
          value={reason}
          onValue={setReason}
        />
        <p class="form-problem" role="alert">
          {problem !== null ? requestProblemText(problem) : isSame && t("swap.same")}
        </p>
        <FormFoot
          action={other ? t("swap.send", { name: other.display_name }) : t("swap.send_nobody")}
          isBusy={isBusy}
          isDisabled={!other || isSame}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}

interface TradeProps {
  date: PlainDate;
  rows: Rows | null;
  otherName: string;
  otherId: number;
  shifts: ReadonlyMap<number, Shift>;
}

/** Both shifts of one day, side by side. */
function Trade({ date, rows, otherName, otherId, shifts }: TradeProps) {
  return (
    <div class="trade">
      <OneSide name={t("swap.mine")} date={date} shift={shifts.get(shiftOn(rows, me.value?.id ?? 0) ?? 0)} />
      <span aria-hidden="true">⇄</span>
      <OneSide name={otherName} date={date} shift={shifts.get(shiftOn(rows, otherId) ?? 0)} />
    </div>
  );
}

function OneSide({ name, date, shift }: { name: string; date: PlainDate; shift: Shift | undefined }) {
  return (
    <div>
      <span class="soft small">
        {name} · {formatDate(date)}
      </span>
      {shift ? <ShiftBadge shift={shift} name={shift.name} /> : <span>{t("no_shift")}</span>}
      {shift && !shift.is_rest && <span class="figures small">{formatPeriods(shift.periods)}</span>}
    </div>
  );
}
