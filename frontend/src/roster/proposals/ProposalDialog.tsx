import { useEffect, useMemo, useState } from "preact/hooks";
import { api } from "../../api/client";
import { useGet, useList } from "../../api/get";
import type { components } from "../../api/schema";
import { me } from "../../api/session";
import type { PlainDate } from "../../lib/dates";
import { formatMonthDay } from "../../lib/time";
import { byId, type Shift, useShifts } from "../../shifts/useShifts";
import { attempt } from "../../ui/attempt";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Loaded } from "../../ui/EmptyState";
import { Segments, SelectField, TextField } from "../../ui/Field";
import { showToast } from "../../ui/Toast";
import { wishText } from "../../wishes/wish";
import { todaysActions } from "../actions";
import { byCell, cellKey } from "../cells";
import { useEditorState } from "../editorState";
import { undoAction } from "../plan/applyPlan";
import { daysIn } from "../plan/cycle";
import type { LinkingDialogProps } from "../plan/dialog";
import { PeopleGrid } from "../plan/PeopleGrid";
import { previewRows } from "../plan/preview";
import { t as plan } from "../plan/words";
import {
  beforeAfter,
  byReason,
  type KeptCell,
  keptCells,
  type Outcome,
  type Proposal,
  withRow,
} from "./proposal";
import { lookup, t } from "./words";
import "../plan/plan.css";
import "../plan/report.css";
import "./proposal.css";

type Body = components["schemas"]["ProposalBody"];
type Weights = NonNullable<Body["weights"]>;
type Importance = Weights["fairness"];

const WEIGHTS = ["wishes", "fairness", "free_days", "weekends", "steadiness", "contract_hours"] as const;
const MEASURES = ["nights", "weekends", "holidays", "hours"] as const;
const MOST_DAYS = 62;
const ASK_EVERY_MS = 3000;

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
                    latest={found.find((one) => isOpen(one) && one.created_by === me.value?.id)}
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
  /** What was asked for before the dialog was last closed. */
  latest: Proposal | undefined;
}

function Asking({ scope, onClose, onOpen, teamId, shifts, latest }: AskingProps) {
  const [id, setId] = useState(latest?.id ?? null);
  const [from, setFrom] = useState(latest?.first_date ?? scope.from);
  const [to, setTo] = useState(latest?.last_date ?? scope.to);
  const [keep, setKeep] = useState<NonNullable<Body["keep"]>>("planned");
  const [rest, setRest] = useState<NonNullable<Body["short_rest"]>>("never");
  const [seconds, setSeconds] = useState(20);
  const [weights, setWeights] = useState<Weights>({
    wishes: "normal",
    fairness: "normal",
    free_days: "normal",
    weekends: "normal",
    steadiness: "normal",
    contract_hours: "normal",
  });
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
      <p class="note">
        {t("about")}{" "}
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
      <details>
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
      <p>
        <Button look="main" type="submit" isBusy={isBusy} disabled={days < 1 || days > MOST_DAYS}>
          {t("start")}
        </Button>
      </p>
    </form>
  );
}

interface AnswerProps {
  id: number;
  shifts: Shift[];
  isBusy: boolean;
  /** Cells that stay when the rest is proposed again, by `cellKey`. */
  locked: ReadonlySet<string>;
  onLocked: (locked: ReadonlySet<string>) => void;
  onAgain: (kept: KeptCell[]) => Promise<void>;
  onDiscard: () => Promise<void>;
  onClose: () => void;
}

function Answer({ id, ...rest }: AnswerProps) {
  const { onDiscard } = rest;
  const path = { proposal_id: id };
  const proposal = useGet("/api/v1/roster/proposals/{proposal_id}", { path }, ["proposal"]);
  const isRunning = proposal.value?.status === "running";
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => void proposal.reload(), ASK_EVERY_MS); // where no events get through
    return () => clearInterval(timer);
  }, [isRunning, proposal.reload]);
  return (
    <Loaded from={proposal}>
      {(found) => {
        const nameOf = (userId: number) =>
          found.outcome?.shares.find((share) => share.user_id === userId)?.display_name ?? `#${userId}`;
        if (found.status === "running")
          return (
            <div class="form">
              <p role="status">
                {found.progress
                  ? t("computing", {
                      seconds: Math.round(found.progress.seconds),
                      n: found.progress.missing,
                    })
                  : t("beginning")}
              </p>
              <p>
                <Button
                  onClick={() =>
                    void attempt(() => api.post("/api/v1/roster/proposals/{proposal_id}/stop", { path }))
                  }
                >
                  {t("stop")}
                </Button>{" "}
                <Button look="quiet" onClick={() => void onDiscard()}>
                  {t("discard")}
                </Button>
              </p>
            </div>
          );
        if (found.status !== "ready" || !found.outcome)
          return (
            <div class="form">
              <p class="form-problem">
                {found.outcome?.no_row_for
                  ? t("failed", { person: nameOf(found.outcome.no_row_for) })
                  : t("interrupted")}
              </p>
              <p>
                <Button onClick={() => void onDiscard()}>{t("new")}</Button>
              </p>
            </div>
          );
        return <Preview proposal={found} outcome={found.outcome} {...rest} />;
      }}
    </Loaded>
  );
}

interface PreviewProps extends Omit<AnswerProps, "id"> {
  proposal: Proposal;
  outcome: Outcome;
}

function Preview({
  proposal,
  outcome,
  shifts,
  isBusy,
  locked,
  onLocked,
  onAgain,
  onDiscard,
  onClose,
}: PreviewProps) {
  const known = byId(shifts);
  const { draft } = useEditorState(me.value?.id ?? 0);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(
    () => new Set(outcome.shares.map((share) => share.user_id)),
  );
  const [isApplying, setApplying] = useState(false);
  const roster = useGet("/api/v1/roster", {
    query: { from: proposal.first_date, to: proposal.last_date, team_id: proposal.team_id, drafts: true },
  });
  const cells = outcome.cells.filter((cell) => chosen.has(cell.user_id));
  const names = new Map(outcome.shares.map((share) => [share.user_id, share.display_name]));

  const wishes = useMemo(() => byCell(outcome.wishes), [outcome]);
  const lock = (key: string) => {
    const next = new Set(locked);
    if (!next.delete(key)) next.add(key);
    onLocked(next);
  };
  const apply = async () => {
    setApplying(true);
    const isDone = await attempt(async () => {
      const body = { cells: cells.map(({ user_id, date }) => ({ user_id, date })) };
      const path = { proposal_id: proposal.id };
      const saved = await api.post("/api/v1/roster/proposals/{proposal_id}/apply", { path, body });
      const newest = (await todaysActions())[0];
      showToast(t("applied", { n: saved.changed }), {
        staysMs: 20_000,
        action: newest?.kind === "proposed" ? undoAction(draft, newest.id) : undefined,
      });
    });
    setApplying(false);
    if (isDone) onClose();
  };

  return (
    <Loaded from={roster}>
      {(now) => {
        const drawn = previewRows(
          { dates: now.dates, users: now.users.filter((user) => names.has(user.id)) },
          outcome.cells,
        );
        return (
          <div class="form compact">
            <Unmet outcome={outcome} names={names} known={known} />
            <PeopleGrid
              rows={drawn}
              dates={now.dates}
              days={now.days}
              known={known}
              chosen={chosen}
              onChosen={setChosen}
              locked={locked}
              onLock={lock}
              wishes={wishes}
            />
            <p class="note">{t("lock_hint")}</p>
            <p>
              <Button
                look="main"
                isBusy={isApplying}
                disabled={cells.length === 0}
                onClick={() => void apply()}
              >
                {cells.length > 0 ? t("apply", { n: cells.length }) : t("nothing")}
              </Button>{" "}
              <Button isBusy={isBusy} onClick={() => void onAgain(keptCells(drawn, now.dates, locked))}>
                {locked.size > 0 ? t("again", { n: locked.size }) : t("again_all")}
              </Button>{" "}
              <Button look="quiet" onClick={() => void onDiscard()}>
                {t("new")}
              </Button>
            </p>
            <Wished outcome={outcome} names={names} known={known} />
            <Shares
              outcome={outcome}
              dates={now.dates}
              locked={locked}
              onRow={(id) => onLocked(withRow(locked, id, now.dates))}
            />
            <h3>{t("score")}</h3>
            <ul class="proposal-score">
              {outcome.score
                .filter(({ points }) => Math.round(points) !== 0)
                .map(({ rule, points }) => (
                  <li key={rule}>
                    {lookup(`rule.${rule}`) ?? rule} <b>{t("points", { n: Math.round(points) })}</b>
                  </li>
                ))}
            </ul>
          </div>
        );
      }}
    </Loaded>
  );
}

interface UnmetProps {
  outcome: Outcome;
  names: ReadonlyMap<number, string>;
  known: ReadonlyMap<number, Shift>;
}

/** Each unmet need, and what stops whom. */
function Unmet({ outcome, names, known }: UnmetProps) {
  if (outcome.unmet.length === 0) return <p>{t("all_met")}</p>;
  const shiftName = (id: number | null) => known.get(id ?? -1)?.name ?? "?";
  const missing = outcome.unmet.reduce((sum, need) => sum + need.missing, 0);
  return (
    <>
      <h3>{t("unmet", { n: missing })}</h3>
      <ul class="proposal-unmet">
        {outcome.unmet.map((need) => (
          <li key={`${need.date} ${need.shift_id}`}>
            <b>
              {t("unmet_of", {
                date: formatMonthDay(need.date),
                shift: shiftName(need.shift_id),
                n: need.missing,
              })}
            </b>
            <br />
            <span class="soft">
              {byReason(need.obstacles)
                .map(({ code, shiftId, userIds }) =>
                  t("obstacle", {
                    reason: lookup(`why.${code}`, { shift: shiftName(shiftId) }) ?? code,
                    people: userIds.map((id) => names.get(id) ?? `#${id}`).join(t("and")),
                  }),
                )
                .join(t("between_reasons"))}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** How many wishes hold, and which do not. */
function Wished({ outcome, names, known }: UnmetProps) {
  const { wishes } = outcome;
  if (wishes.length === 0) return null;
  const missed = wishes.filter((wish) => !wish.is_met);
  return (
    <>
      <h3>{t("wishes_met", { n: wishes.length - missed.length, all: wishes.length })}</h3>
      {missed.length > 0 && (
        <ul class="proposal-unmet">
          {missed.map((wish) => (
            <li key={`${wish.user_id} ${wish.date}`}>
              {t("wish_missed", {
                person: names.get(wish.user_id) ?? `#${wish.user_id}`,
                date: formatMonthDay(wish.date),
                wish: wishText(wish, known),
              })}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

interface SharesProps {
  outcome: Outcome;
  dates: readonly PlainDate[];
  locked: ReadonlySet<string>;
  onRow: (userId: number) => void;
}

/** What each person has now and would have, and in the weeks before; a person's whole row can be kept. */
function Shares({ outcome, dates, locked, onRow }: SharesProps) {
  return (
    <>
      <h3>{t("shares")}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="plan-scroll" tabIndex={0} aria-label={t("shares")}>
        <table class="shares">
          <thead>
            <tr>
              <th scope="col">{t("person")}</th>
              {MEASURES.map((each) => (
                <th key={each} scope="col">
                  {t(`share.${each}`)} <span class="soft">({t("weeks_before")})</span>
                </th>
              ))}
              <th scope="col">{t("keep_row")}</th>
            </tr>
          </thead>
          <tbody>
            {outcome.shares.map((share) => (
              <tr key={share.user_id}>
                <th scope="row">{share.display_name}</th>
                {MEASURES.map((each) => (
                  <td key={each}>
                    {beforeAfter(share.before[each], share.after[each])}{" "}
                    <span class="soft">({share.weeks_before[each]})</span>
                  </td>
                ))}
                <td>
                  <input
                    type="checkbox"
                    aria-label={t("keep_row_of", { person: share.display_name })}
                    checked={dates.every((date) => locked.has(cellKey(share.user_id, date)))}
                    onChange={() => onRow(share.user_id)}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}
