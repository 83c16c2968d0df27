import { useState } from "preact/hooks";
import { api } from "../../api/client";
import { useList } from "../../api/get";
import type { components } from "../../api/schema";
import { me } from "../../api/session";
import { type Shift, useShifts } from "../../shifts/useShifts";
import { attempt } from "../../ui/attempt";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Loaded } from "../../ui/EmptyState";
import { Segments, SelectField, TextField } from "../../ui/Field";
import { FormFoot } from "../../ui/FormFoot";
import { daysIn } from "../plan/cycle";
import type { LinkingDialogProps } from "../plan/dialog";
import { t as plan } from "../plan/words";
import { Answer } from "./Answer";
import type { KeptCell, Proposal } from "./proposal";
import { t } from "./words";
import "../plan/plan.css";
import "../plan/report.css";
import "./proposal.css";

type Body = components["schemas"]["ProposalBody"];
type Weights = NonNullable<Body["weights"]>;
type Importance = Weights["fairness"];

const WEIGHTS = ["wishes", "fairness", "free_days", "weekends", "steadiness", "contract_hours"] as const;
const MOST_DAYS = 62;

/** Has shifts proposed for a team's days, shows what would change and why a need stays unmet, and applies it. */
export function ProposalDialog({ scope, onClose, onOpen }: LinkingDialogProps) {
  const { teamId } = scope;
  const shifts = useShifts(teamId);
  const latest = useList("/api/v1/roster/proposals", teamId ? { query: { team_id: teamId } } : null);
  return (
    <Dialog title={t("title")} onClose={onClose}>
      <div class="plan-dialog">
        {teamId ? (
          <Loaded from={shifts}>
            {(known) => (
              <Loaded from={latest}>
                {(found) => (
                  <Asking
                    scope={scope}
                    onClose={onClose}
                    onOpen={onOpen}
                    teamId={teamId}
                    shifts={known}
                    last={found.find((one) => one.created_by === me.value?.id)}
                  />
                )}
              </Loaded>
            )}
          </Loaded>
        ) : (
          <p>{t("need_team")}</p>
        )}
      </div>
    </Dialog>
  );
}

/** Still computed, or waiting to be applied. */
const isOpen = ({ status }: Proposal) => status === "running" || status === "ready";

interface AskingProps extends LinkingDialogProps {
  teamId: number;
  shifts: Shift[];
  /** What was asked for last: it may be open still, and begins with its settings in any case. */
  last: Proposal | undefined;
}

function Asking({ scope, onClose, onOpen, teamId, shifts, last }: AskingProps) {
  const open = last && isOpen(last) ? last : undefined;
  const [id, setId] = useState(open?.id ?? null);
  const [from, setFrom] = useState(open?.first_date ?? scope.from);
  const [to, setTo] = useState(open?.last_date ?? scope.to);
  const [keep, setKeep] = useState(last?.asked.keep ?? "planned");
  const [rest, setRest] = useState(last?.asked.short_rest ?? "never");
  const [seconds, setSeconds] = useState(last?.asked.seconds ?? 20);
  const [weights, setWeights] = useState<Weights>(
    last?.asked.weights ?? {
      wishes: "normal",
      fairness: "normal",
      free_days: "normal",
      weekends: "normal",
      steadiness: "normal",
      contract_hours: "normal",
    },
  );
  const [isBusy, setBusy] = useState(false);
  const [locked, setLocked] = useState<ReadonlySet<string>>(new Set());
  const days = daysIn(from, to);

  const ask = async (kept: KeptCell[] = []) => {
    setBusy(true);
    const body: Body = { team_id: teamId, from, to, keep, kept, short_rest: rest, seconds, weights };
    await attempt(async () => setId((await api.post("/api/v1/roster/proposals", { body })).id));
    setBusy(false);
  };
  const discard = async () => {
    if (id !== null)
      await attempt(() =>
        api.delete("/api/v1/roster/proposals/{proposal_id}", { path: { proposal_id: id } }),
      );
    setId(null);
  };

  if (id !== null)
    return (
      <Answer
        key={id}
        id={id}
        shifts={shifts}
        isBusy={isBusy}
        locked={locked}
        onLocked={setLocked}
        onAgain={async (kept) => {
          await discard();
          await ask(kept);
        }}
        onDiscard={async () => {
          setLocked(new Set());
          await discard();
        }}
        onClose={onClose}
      />
    );
  return (
    <form
      class="form compact"
      onSubmit={(event) => {
        event.preventDefault();
        void ask();
      }}
    >
      <p class="note">{t("about")}</p>
      <p class="form-foot">
        <Button look="quiet" onClick={() => onOpen("needs")}>
          {t("to_needs")}
        </Button>
      </p>
      <div class="form-row">
        <TextField label={plan("span.from")} type="date" value={from} onValue={setFrom} />
        <TextField label={plan("span.to")} type="date" value={to} onValue={setTo} />
        <SelectField
          label={t("time")}
          value={seconds}
          choices={[10, 20, 60].map((value) => ({ value, label: t("seconds", { n: value }) }))}
          onValue={setSeconds}
        />
      </div>
      <Segments
        label={t("keep")}
        value={keep}
        choices={(["planned", "nothing"] as const).map((value) => ({ value, label: t(`keep.${value}`) }))}
        onValue={setKeep}
      />
      <Segments
        label={t("rest")}
        value={rest}
        choices={(["never", "if_needed"] as const).map((value) => ({ value, label: t(`rest.${value}`) }))}
        onValue={setRest}
      />
      <details class="advanced">
        <summary>{t("rules")}</summary>
        {WEIGHTS.map((each) => (
          <Segments
            key={each}
            label={t(`weight.${each}`)}
            value={weights[each]}
            choices={(["off", "normal", "important"] as Importance[]).map((value) => ({
              value,
              label: t(value),
            }))}
            onValue={(value) => setWeights({ ...weights, [each]: value })}
          />
        ))}
      </details>
      <p role="status" class="form-problem">
        {days < 1 ? plan("need.days") : days > MOST_DAYS ? t("too_long", { n: days, most: MOST_DAYS }) : ""}
      </p>
      <FormFoot
        action={t("start")}
        isBusy={isBusy}
        isDisabled={days < 1 || days > MOST_DAYS}
        onClose={onClose}
      />
    </form>
  );
}
