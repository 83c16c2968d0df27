import { useState } from "preact/hooks";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import { me, plans } from "../api/session";
import { daysBetween, type PlainDate } from "../lib/dates";
import { now } from "../lib/now";
import { dateOf } from "../lib/time";
import { Dialog } from "../ui/Dialog";
import { Segments, SelectField, TextField } from "../ui/Field";
import { FormFoot } from "../ui/FormFoot";
import { showToast } from "../ui/Toast";
import { formatLeaveDays, requestProblemText } from "./format";
import { endLeave } from "./useRequests";
import { t } from "./words";

type Half = "whole" | "clock_in" | "clock_out";
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
  const [userId, setUserId] = useState(myId);
  const [from, setFrom] = useState(date ?? today);
  const [to, setTo] = useState(date ?? today);
  const [half, setHalf] = useState<Half>("whole");
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const people = useResource("people to enter leave for", async () =>
    plans.value ? (await api.get("/api/v1/roster", { query: { from: today, to: today } })).users : [],
  );
  const others = (people.value ?? []).filter((person) => person.id !== myId);
  const days = from && to ? daysBetween(from, to) + 1 : 0;
  const badSpan = days < 1 ? t("leave.bad_span") : days > LONGEST_DAYS ? t("leave.too_long") : null;

  async function send(event: Event) {
    event.preventDefault();
    if (badSpan) return;
    setBusy(true);
    setProblem(null);
    try {
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
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }

  return (
    <Dialog title={t(plans.value ? "leave.title_for" : "leave.title")} onClose={onClose}>
      <form class="form" onSubmit={send}>
        {others.length > 0 && (
          <SelectField
            label={t("leave.who")}
            value={userId}
            choices={[
              { value: myId, label: t("leave.me") },
              ...others.map((person) => ({ value: person.id, label: person.display_name })),
            ]}
            onValue={setUserId}
          />
        )}
        <div class="form-row">
          <TextField
            label={t("leave.from")}
            type="date"
            required
            value={from}
            onValue={(value) => {
              setFrom(value);
              if (value > to) setTo(value);
            }}
          />
          <TextField
            label={t("leave.to")}
            type="date"
            required
            value={to}
            error={from && to ? badSpan : null}
            onValue={setTo}
          />
        </div>
        <Segments<Half>
          label={t("leave.half")}
          value={half}
          choices={[
            { value: "whole", label: t("half.whole") },
            { value: "clock_in", label: t("half.clock_in") },
            { value: "clock_out", label: t("half.clock_out") },
          ]}
          onValue={setHalf}
        />
        <TextField
          label={t("leave.reason")}
          hint={t("leave.reason_hint")}
          maxLength={200}
          value={reason}
          onValue={setReason}
        />
        <p class="form-problem" role="alert">
          {problem !== null && requestProblemText(problem)}
        </p>
        <FormFoot
          action={t(userId === myId ? "leave.send" : "leave.send_for")}
          isBusy={isBusy}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
