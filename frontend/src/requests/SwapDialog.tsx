import { api } from "../api/client";
import { useGet } from "../api/get";
import { me } from "../api/session";
import { addDays, type PlainDate } from "../lib/dates";
import { currentDate } from "../lib/now";
import { formatDate } from "../lib/time";
import { formatPeriods } from "../shifts/periods";
import { byId, type Shift, useShifts } from "../shifts/useShifts";
import { CheckField, SelectField, TextField } from "../ui/Field";
import { FormDialog, useForm } from "../ui/Form";
import { Icon } from "../ui/Icon";
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
function useTeamDay(date: PlainDate): Rows | null {
  const team_id = me.value?.team_id;
  const request = date && team_id ? { query: { from: date, to: date, team_id } } : null;
  const { value } = useGet("/api/v1/roster", request, ["roster"]);
  return value?.users ?? (request ? null : []);
}

type Rows = { id: number; display_name: string; shift_ids: (number | null)[] }[];
const shiftOn = (rows: Rows | null, userId: number) =>
  rows?.find((row) => row.id === userId)?.shift_ids[0] ?? null;

/** Ask a colleague to trade: the day, the person, and both shifts side by side before it is sent. */
export function SwapDialog({ date, onClose, onDone }: SwapDialogProps) {
  const today = currentDate.value;
  const myId = me.value?.id ?? 0;
  const tomorrow = addDays(today, 1);
  const first = date && date > today ? date : tomorrow;
  const initial = { day: first, withId: 0, hasReturn: false, returnDay: addDays(first, 1), reason: "" };
  const form = useForm(initial, async ({ reason }) => {
    if (!other) return;
    const return_date = hasReturn ? returnDay : null;
    const body = { with_user_id: withId, date: day, return_date, reason: reason.trim() };
    const swap = await api.post("/api/v1/swaps", { body });
    showToast(t("swap.sent", { name: swap.with_display_name }));
    onClose();
    await onDone();
  });
  const { day, withId, hasReturn, returnDay } = form.values;
  const shifts = byId(useShifts().value);
  const rows = useTeamDay(day);
  const returnRows = useTeamDay(hasReturn ? returnDay : day);
  const colleagues = (rows ?? []).filter((row) => row.id !== myId);
  const other = colleagues.find((row) => row.id === withId);
  const isSame =
    other !== undefined &&
    shiftOn(rows, myId) === shiftOn(rows, withId) &&
    (!hasReturn || shiftOn(returnRows, myId) === shiftOn(returnRows, withId));
  const trade = (of: PlainDate, ofAll: Rows | null) =>
    other &&
    shifts.size > 0 && (
      <Trade date={of} rows={ofAll} otherName={other.display_name} otherId={withId} shifts={shifts} />
    );

  return (
    <FormDialog
      title={t("ask_swap")}
      of={form}
      action={other ? t("swap.send", { name: other.display_name }) : t("swap.send_nobody")}
      isDisabled={!other || isSame}
      explain={requestProblemText}
      hint={isSame && t("swap.same")}
      onClose={onClose}
    >
      <p class="soft small">{t("swap.steps")}</p>
      <TextField
        label={t("swap.day")}
        hint={rows ? t("swap.mine_is", { shift: shiftName(shifts, shiftOn(rows, myId)) }) : undefined}
        type="date"
        required
        {...form.bind("day")}
      />
      {rows !== null && colleagues.length === 0 ? (
        <p class="soft">{t("swap.nobody")}</p>
      ) : (
        <SelectField
          label={t("swap.with")}
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
          {...form.bind("withId")}
        />
      )}
      {trade(day, rows)}
      <CheckField label={t("swap.with_return")} {...form.bind("hasReturn")} />
      {hasReturn && (
        <TextField label={t("swap.return_day")} type="date" required {...form.bind("returnDay")} />
      )}
      {hasReturn && trade(returnDay, returnRows)}
      <TextField
        label={t("swap.reason")}
        hint={t("swap.reason_hint")}
        maxLength={200}
        {...form.bind("reason")}
      />
    </FormDialog>
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
      <Icon name="requests" size={16} />
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
