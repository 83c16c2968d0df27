import { api } from "../api/client";
import { useGet, useList } from "../api/get";
import { listed } from "../i18n";
import { addDays, addMonths, datesOfMonth, monthOf } from "../lib/dates";
import { currentDate } from "../lib/now";
import { formatMonthDay } from "../lib/time";
import type { PlanDialogProps } from "../roster/plan/dialog";
import { byId, type Shift, useShifts } from "../shifts/useShifts";
import { attempt } from "../ui/attempt";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Loaded } from "../ui/EmptyState";
import { NumberField, TextField } from "../ui/Field";
import { DialogForm, useForm } from "../ui/Form";
import { showToast } from "../ui/Toast";
import { type Wish, type WishCall, wishText } from "./wish";
import { t } from "./words";
import "./wishes.css";

const MOST_DAYS = 62;
const DEFAULT_MOST = 5;
const DAYS_TO_ANSWER = 7;

/** Asks a team's people for wishes, and shows who has made which. */
export function WishCallDialog({ scope, onClose }: PlanDialogProps) {
  const { teamId } = scope;
  const query = { team_id: teamId ?? 0 };
  const found = useGet("/api/v1/wish-call", teamId ? { query } : null);
  return (
    <Dialog title={t("ask_title")} onClose={onClose}>
      <div class="plan-dialog form compact">
        <p class="note">{t("ask_about")}</p>
        {teamId ? (
          <Loaded from={found}>
            {({ call }) => <CallForm teamId={teamId} call={call} onClose={onClose} />}
          </Loaded>
        ) : (
          <p>{t("need_team")}</p>
        )}
      </div>
    </Dialog>
  );
}

function CallForm({ teamId, call, onClose }: { teamId: number; call: WishCall | null; onClose: () => void }) {
  const today = currentDate.value;
  const next = addMonths(monthOf(today), 1);
  const days = datesOfMonth(next);
  const query = { team_id: teamId };
  const form = useForm(
    {
      from: call?.first_date ?? `${next}-01`,
      to: call?.last_date ?? days.at(-1) ?? today,
      closes: call?.closes_on ?? addDays(today, DAYS_TO_ANSWER),
      most: (call?.most ?? DEFAULT_MOST) as number | null,
    },
    async ({ from, to, closes, most }) => {
      await api.put("/api/v1/wish-call", {
        query,
        // An empty one is refused.
        body: { from, to, closes_on: closes, most: most ?? 0 },
      });
      showToast(t("asked"));
      onClose();
    },
  );
  const { from, to } = form.values;
  const shifts = useShifts(teamId);
  const wishes = useList(
    "/api/v1/wishes",
    from && to && from <= to ? { query: { from, to, team_id: teamId } } : null,
  );
  const roster = useGet("/api/v1/roster", { query: { from: today, to: today, team_id: teamId } });
  const stop = async () => {
    if (await attempt(() => api.delete("/api/v1/wish-call", { query }), t("stopped"))) onClose();
  };
  return (
    <DialogForm
      of={form}
      action={t(call ? "change" : "ask")}
      more={
        call && (
          <Button look="quiet" class="apart" onClick={() => void stop()}>
            {t("stop")}
          </Button>
        )
      }
      onClose={onClose}
    >
      <div class="form-row">
        <TextField label={t("from")} type="date" required {...form.bind("from")} />
        <TextField label={t("to")} type="date" required {...form.bind("to")} />
      </div>
      <div class="form-row">
        <TextField label={t("closes_on")} type="date" required {...form.bind("closes")} />
        <NumberField label={t("most")} required min={1} max={MOST_DAYS} {...form.field("most")} />
      </div>
      {(call || (wishes.value?.length ?? 0) > 0) && (
        <section>
          <h3>{t("answers")}</h3>
          <Loaded from={wishes}>
            {(made) => <Made made={made} names={roster.value?.users ?? []} shifts={byId(shifts.value)} />}
          </Loaded>
        </section>
      )}
    </DialogForm>
  );
}

interface MadeProps {
  made: readonly Wish[];
  names: readonly { id: number; display_name: string }[];
  shifts: ReadonlyMap<number, Shift>;
}

function Made({ made, names, shifts }: MadeProps) {
  if (made.length === 0) return <p class="soft">{t("nobody")}</p>;
  return (
    <ul class="wish-answers">
      {names
        .filter(({ id }) => made.some((wish) => wish.user_id === id))
        .map(({ id, display_name }) => (
          <li key={id}>
            <b>{display_name}</b>{" "}
            <span class="soft">
              {listed(
                made
                  .filter((wish) => wish.user_id === id)
                  .map((wish) =>
                    t("wish_on", { date: formatMonthDay(wish.date), wish: wishText(wish, shifts) }),
                  ),
              )}
            </span>
          </li>
        ))}
    </ul>
  );
}
