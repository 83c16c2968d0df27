import { useMemo, useState } from "preact/hooks";
import { api } from "../../api/client";
import { useGet } from "../../api/get";
import { me } from "../../api/session";
import { listed } from "../../i18n";
import { byId, type Shift } from "../../shifts/useShifts";
import { attempt } from "../../ui/attempt";
import { Button } from "../../ui/Button";
import { Loaded } from "../../ui/EmptyState";
import { todaysActions } from "../actions";
import { byCell } from "../cells";
import { useEditorState } from "../editorState";
import { showDone } from "../plan/applyPlan";
import { PeopleGrid } from "../plan/PeopleGrid";
import { previewRows } from "../plan/preview";
import { Shares, ShortHours, Unmet, Wished } from "./OutcomeTables";
import { type KeptCell, keptCells, type Outcome, type Proposal, withheldBy, withRow } from "./proposal";
import { lookup, t } from "./words";

export interface PreviewActions {
  shifts: Shift[];
  isBusy: boolean;
  /** Cells that stay when the rest is proposed again, by `cellKey`. */
  locked: ReadonlySet<string>;
  onLocked: (locked: ReadonlySet<string>) => void;
  onAgain: (kept: KeptCell[]) => Promise<void>;
  onDiscard: () => Promise<void>;
  onClose: () => void;
}

interface PreviewProps extends PreviewActions {
  proposal: Proposal;
  outcome: Outcome;
}

/** The roster as it would be, cell by cell, with what stays unmet, before it is applied. */
export function Preview({
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
  const withheld = withheldBy(outcome, chosen, (id) => !known.get(id)?.is_rest);
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
      showDone(t("applied", { n: saved.changed }), draft, newest?.kind === "proposed" ? newest.id : null);
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
        const leftOut = now.users.filter((user) => !names.has(user.id)).map((user) => user.display_name);
        return (
          <div class="form compact">
            <Unmet outcome={outcome} names={names} known={known} />
            {withheld.people.length > 0 && (
              <p role="status" class="form-problem">
                {t("withheld", {
                  people: listed(withheld.people.map((id) => names.get(id) ?? `#${id}`)),
                  n: withheld.shifts,
                })}
              </p>
            )}
            <ShortHours outcome={outcome} />
            {leftOut.length > 0 && <p>{t("left_out", { names: listed(leftOut) })}</p>}
            <PeopleGrid
              rows={drawn}
              dates={now.dates}
              roster={now}
              known={known}
              chosen={chosen}
              onChosen={setChosen}
              locked={locked}
              onLock={lock}
              wishes={wishes}
            />
            <p class="note">{t("lock_hint")}</p>
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
            <footer class="form-foot">
              <Button
                look="main"
                isBusy={isApplying}
                disabled={cells.length === 0}
                onClick={() => void apply()}
              >
                {cells.length > 0 ? t("apply", { n: cells.length }) : t("nothing")}
              </Button>
              <Button isBusy={isBusy} onClick={() => void onAgain(keptCells(drawn, now.dates, locked))}>
                {locked.size > 0 ? t("again", { n: locked.size }) : t("again_all")}
              </Button>
              <Button look="quiet" onClick={() => void onDiscard()}>
                {t("new")}
              </Button>
            </footer>
          </div>
        );
      }}
    </Loaded>
  );
}
