import { api } from "../api/client";
import { useGet } from "../api/get";
import { peopleChoices } from "../api/people";
import { isPlanner, me } from "../api/session";
import { useTeams } from "../api/teams";
import { betweenSentences, listed } from "../i18n";
import { daysBetween, type PlainDate } from "../lib/dates";
import { currentDate } from "../lib/now";
import { Segments, SelectField, TextField } from "../ui/Field";
import { FormDialog, useForm } from "../ui/Form";
import { showToast } from "../ui/Toast";
import { formatLeaveDays, type Leave, requestProblemText } from "./format";
import { leaveTypeChoices } from "./leaveTypes";
import { endLeave, toastOf } from "./useRequests";
import { t } from "./words";

const HALVES = ["whole", "clock_in", "clock_out"] as const;
type Half = (typeof HALVES)[number];
const LONGEST_DAYS = 400;

interface LeaveDialogProps {
  /** The first and the last day to begin with. */
  date?: PlainDate;
  until?: PlainDate;
  /** Whose leave it is, where that has been chosen already. */
  people?: readonly { id: number; name: string }[];
  onClose: () => void;
  onDone: () => Promise<void>;
}

/** Leave of one's own; planners enter it for the people they plan. */
export function LeaveDialog({ date, until, people: chosen, onClose, onDone }: LeaveDialogProps) {
  const today = currentDate.value;
  const myId = me.value?.id ?? 0;
  const people = useGet("/api/v1/roster", isPlanner.value ? { query: { from: today, to: today } } : null);
  const teams = useTeams();
  const others = (people.value?.users ?? []).filter((person) => person.id !== myId);
  const initial = {
    userId: chosen?.[0]?.id ?? myId,
    from: date ?? today,
    to: until ?? date ?? today,
    half: "whole" as Half,
    type: "",
    reason: "",
  };
  const form = useForm(initial, async ({ userId, from, to, half, type, reason }) => {
    if (badSpan) return;
    const enter = (user_id: number) =>
      api.post("/api/v1/leaves", {
        body: {
          user_id: user_id === myId ? null : user_id,
          from,
          to,
          punch_kind: half === "whole" ? null : half,
          leave_type: type || null,
          reason: reason.trim(),
        },
      });
    if (chosen && chosen.length > 1) {
      await enterForAll(chosen, enter, onDone);
      onClose();
      await onDone();
      return;
    }
    const leave = await enter(userId);
    const who = userId === myId ? t("me") : leave.display_name;
    const when = formatLeaveDays(leave);
    // Taking it back would not bring back the half day whose place it took.
    if (leave.superseded) showToast(t("leave.noted_instead", { who, when }));
    else
      showToast(t("leave.noted", { who, when }), {
        id: toastOf(leave),
        action: { label: t("action.undo"), run: () => void endLeave(leave, onDone) },
      });
    onClose();
    await onDone();
  });
  const { userId, from, to } = form.values;
  const days = from && to ? daysBetween(from, to) + 1 : 0;
  const teamIds = new Set(
    (people.value?.users ?? [])
      .filter(({ id }) => (chosen ? chosen.some((person) => person.id === id) : id === userId))
      .map((person) => person.team_id),
  );
  if (!people.value) teamIds.add(me.value?.team_id ?? null);
  const ownTypes = (teams.value ?? [])
    .filter((team) => teamIds.has(team.id))
    .flatMap((team) => team.leave_types);
  const isMine = !chosen && userId === myId;
  const badSpan = days < 1 ? t("leave.bad_span") : days > LONGEST_DAYS ? t("leave.too_long") : null;

  return (
    <FormDialog
      title={t(isPlanner.value ? "enter_leave" : "take_leave")}
      of={form}
      action={t(isMine ? "take_leave" : "leave.send_for")}
      explain={requestProblemText}
      onClose={onClose}
    >
      {chosen && <p>{listed(chosen.map((person) => person.name))}</p>}
      {!chosen && others.length > 0 && (
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
      <SelectField
        label={t("leave.type")}
        hint={t(isMine ? "leave.reason_hint" : "leave.reason_hint_for")}
        choices={[{ value: "", label: t("leave.no_type") }, ...leaveTypeChoices([...new Set(ownTypes)])]}
        {...form.bind("type")}
      />
      <Segments
        label={t("leave.half")}
        choices={HALVES.map((each) => ({ value: each, label: t(`half.${each}`) }))}
        {...form.bind("half")}
      />
      <TextField label={t("leave.reason")} maxLength={200} {...form.bind("reason")} />
    </FormDialog>
  );
}

/** Enters leave for one person after the other; says for whom it was not entered, and why. */
async function enterForAll(
  people: readonly { id: number; name: string }[],
  enter: (userId: number) => Promise<Leave>,
  onDone: () => Promise<void>,
) {
  const entered: Leave[] = [];
  const refused: string[] = [];
  for (const { id, name } of people)
    try {
      entered.push(await enter(id));
    } catch (error) {
      refused.push(`${name}：${requestProblemText(error)}`);
    }
  if (refused.length > 0)
    showToast(t("leave.some_refused", { n: entered.length, refused: refused.join(betweenSentences()) }), {
      isProblem: true,
    });
  else
    showToast(t("leave.all_noted", { n: entered.length }), {
      action: {
        label: t("action.undo"),
        run: () => void Promise.all(entered.map((leave) => endLeave(leave))).then(onDone),
      },
    });
}
