import { api } from "../api/client";
import { useGet } from "../api/get";
import { peopleChoices } from "../api/people";
import { isPlanner, me } from "../api/session";
import { daysBetween, type PlainDate } from "../lib/dates";
import { now } from "../lib/now";
import { dateOf } from "../lib/time";
import { Segments, SelectField, TextField } from "../ui/Field";
import { FormDialog, useForm } from "../ui/Form";
import { showToast } from "../ui/Toast";
import { formatLeaveDays, requestProblemText } from "./format";
import { endLeave } from "./useRequests";
import { t } from "./words";

const HALVES = ["whole", "clock_in", "clock_out"] as const;
type Half = (typeof HALVES)[number];
const LONGEST_DAYS = 400;

interface LeaveDialogProps {
  /** The day it begins with. */
  date?: PlainDate;
  onClose: () => void;
  onDone: () => Promise<void>;
}

/** Leave of one's own; planners enter it for the people they plan. */
export function LeaveDialog({ date, onClose, onDone }: LeaveDialogProps) {
  const today = dateOf(now.value);
  const myId = me.value?.id ?? 0;
  const people = useGet("/api/v1/roster", isPlanner.value ? { query: { from: today, to: today } } : null);
  const others = (people.value?.users ?? []).filter((person) => person.id !== myId);
  const initial = { userId: myId, from: date ?? today, to: date ?? today, half: "whole" as Half, reason: "" };
  const form = useForm(initial, async ({ userId, from, to, half, reason }) => {
    if (badSpan) return;
    const leave = await api.post("/api/v1/leaves", {
      body: {
        user_id: userId === myId ? null : userId,
        from,
        to,
        punch_kind: half === "whole" ? null : half,
        reason: reason.trim(),
      },
    });
    const who = userId === myId ? t("me") : leave.display_name;
    const when = formatLeaveDays(leave);
    // Taking it back would not bring back the half day whose place it took.
    if (leave.superseded) showToast(t("leave.noted_instead", { who, when }));
    else
      showToast(t("leave.noted", { who, when }), {
        action: { label: t("action.undo"), run: () => void endLeave(leave, onDone) },
      });
    onClose();
    await onDone();
  });
  const { userId, from, to } = form.values;
  const days = from && to ? daysBetween(from, to) + 1 : 0;
  const badSpan = days < 1 ? t("leave.bad_span") : days > LONGEST_DAYS ? t("leave.too_long") : null;

  return (
    <FormDialog
      title={t(isPlanner.value ? "enter_leave" : "take_leave")}
      of={form}
      action={t(userId === myId ? "take_leave" : "leave.send_for")}
      explain={requestProblemText}
      onClose={onClose}
    >
      {others.length > 0 && (
        <SelectField
          label={t("leave.who")}
          choices={[{ value: myId, label: t("leave.me") }, ...peopleChoices(others)]}
          {...form.bind("userId")}
        />
      )}
      <div class="form-row">
        <TextField
          label={t("leave.from")}
          type="date"
          required
          value={from}
          onValue={(value) => form.set({ from: value, to: value > to ? value : to })}
        />
        <TextField
          label={t("leave.to")}
          type="date"
          required
          {...form.bind("to")}
          error={from && to ? badSpan : null}
        />
      </div>
      <Segments
        label={t("leave.half")}
        choices={HALVES.map((each) => ({ value: each, label: t(`half.${each}`) }))}
        {...form.bind("half")}
      />
      <TextField
        label={t("leave.reason")}
        hint={t("leave.reason_hint")}
        maxLength={200}
        {...form.bind("reason")}
      />
    </FormDialog>
  );
}
