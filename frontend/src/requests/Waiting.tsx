import { useList } from "../api/get";
import { cachedSince } from "../api/offlineCache";
import { problemText } from "../api/problem";
import { isPlanner, me } from "../api/session";
import { currentDate, now } from "../lib/now";
import { addressOf } from "../lib/router";
import { byId, useShifts } from "../shifts/useShifts";
import { Button } from "../ui/Button";
import { QuietLine } from "../ui/EmptyState";
import "./requests.css";
import { type Leave, type OpenShift, waitsForMe } from "./format";
import { OpenShiftRow } from "./OpenShiftRow";
import { SwapRow } from "./SwapRow";
import { endLeave, useOpenShifts, useOpenSwaps, useSteps } from "./useRequests";
import { t } from "./words";

const SHOWN = 5;
const UNDO_MS = 5 * 60_000;

/** On Today: swaps and open shifts that wait for one's word, one's own that wait for others, and why today is quiet. */
export function Waiting({ onChanged }: { onChanged: () => Promise<void> }) {
  const swaps = useOpenSwaps();
  const open = useOpenShifts();
  const shifts = useShifts();
  const myId = me.value?.id ?? 0;
  const today = currentDate.value;
  const query = { from: today, to: today, user_id: myId };
  const away = useList("/api/v1/leaves", { query }, ["roster", "reminder"]);
  const { take, isBusy, takeOpen, isOpenBusy } = useSteps(async () => {
    await Promise.all([swaps.reload(), open.reload()]);
    await onChanged();
  });
  const all = swaps.value ?? [];
  const forMe = all.filter(waitsForMe);
  const forOthers = all.filter(
    (swap) => (swap.user_id === myId || swap.with_user_id === myId) && !waitsForMe(swap),
  );
  const openForMe = (open.value ?? []).filter(waitsForMe);
  const openForOthers = (open.value ?? []).filter((each) => each.taken_by === myId && !waitsForMe(each));
  const problem = cachedSince.value === null ? (swaps.error ?? open.error ?? away.error) : null;
  if (problem !== null) return <QuietLine>{problemText(problem)}</QuietLine>;
  // A skip of this minute has its own line, with the undo of the reminder.
  const quiet = (away.value ?? []).filter(
    (leave) => leave.kind === "leave" || now.value - Date.parse(leave.created_at) > UNDO_MS,
  );
  const isNothing = all.length + openForMe.length + openForOthers.length + quiet.length === 0;
  if (isNothing && !isPlanner.value) return null;
  const rows = (list: typeof all, shiftList: OpenShift[]) => (
    <ul class="rows">
      {shiftList.slice(0, SHOWN).map((each) => (
        <OpenShiftRow
          key={`open ${each.id}`}
          openShift={each}
          shifts={byId(shifts.value)}
          isBusy={isOpenBusy}
          onStep={takeOpen}
        />
      ))}
      {list.slice(0, SHOWN).map((swap) => (
        <SwapRow key={swap.id} swap={swap} shifts={byId(shifts.value)} isBusy={isBusy} onStep={take} />
      ))}
    </ul>
  );
  return (
    <section class="requests-today" aria-label={t("to_all")}>
      {quiet.map((leave) => (
        <p class="undo" key={leave.id}>
          <span>{absenceLabel(leave)}</span>
          {leave.can_delete && (
            <Button
              look="quiet"
              onClick={() =>
                void endLeave(leave, async () => {
                  await away.reload();
                  await onChanged();
                })
              }
            >
              {t(leave.kind === "skip" ? "skip.cancel" : "leave.cancel")}
            </Button>
          )}
        </p>
      ))}
      {forMe.length + openForMe.length > 0 && (
        <>
          <h2>{t("waiting")}</h2>
          {rows(forMe, openForMe)}
        </>
      )}
      {forOthers.length + openForOthers.length > 0 && (
        <>
          <h2>{t("mine_waiting")}</h2>
          {rows(forOthers, openForOthers)}
        </>
      )}
      <p>
        <a href={addressOf("requests")}>{t("to_all")}</a>
      </p>
    </section>
  );
}

const AWAY = {
  leave: { whole: "today.leave", clock_in: "today.leave_in", clock_out: "today.leave_out" },
  skip: { whole: "today.skip", clock_in: "today.skip_in", clock_out: "today.skip_out" },
} as const;

const absenceLabel = (leave: Leave) => t(AWAY[leave.kind][leave.punch_kind ?? "whole"]);
