import { useState } from "preact/hooks";
import { api } from "../api/client";
import { usePages } from "../api/pages";
import { useResource } from "../api/resource";
import { isPlanner, me } from "../api/session";
import type { PlainDate } from "../lib/dates";
import { currentDate } from "../lib/now";
import { ReadMore } from "../parts/ReadMore";
import { byId, useShifts } from "../shifts/useShifts";
import { Button } from "../ui/Button";
import { EmptyState, Loaded } from "../ui/EmptyState";
import { Page } from "../ui/Page";
import { WishesLine } from "../wishes/WishesLine";
import { LeaveDialog } from "./LeaveDialog";
import { LeaveRow } from "./LeaveRow";
import "./requests.css";
import { type Leave, type OpenShift, waitsForMe } from "./format";
import { OpenShiftRow } from "./OpenShiftRow";
import { SwapDialog } from "./SwapDialog";
import { SwapRow } from "./SwapRow";
import { useOpenShifts, useOpenSwaps, useSteps } from "./useRequests";
import { t } from "./words";

const AT_ONCE = 50;
const PAGE = 500;
const MOST_LEAVES = 2000;

/** Leave that is not over, by its first day: a team's is short, a company's comes in several pages. */
async function leavesFrom(today: PlainDate): Promise<Leave[]> {
  const found: Leave[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await api.get("/api/v1/leaves", {
      query: { from: today, limit: PAGE, cursor },
    });
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor && found.length < MOST_LEAVES);
  return found.sort((one, other) => one.first_date.localeCompare(other.first_date) || one.id - other.id);
}

/** Leave and swaps: one's own, and those of the people one isPlanner, with what is to be decided on top. */
export function Requests() {
  const today = currentDate.value;
  const [isEarlier, setEarlier] = useState(false);
  const [open, setOpen] = useState<"leave" | "swap" | null>(null);
  const swaps = useOpenSwaps();
  const openShifts = useOpenShifts();
  const shifts = byId(useShifts().value);
  const leaves = useResource(`leaves ${today}`, () => leavesFrom(today), ["roster", "reminder"]);
  const reload = async () => {
    await Promise.all([swaps.reload(), openShifts.reload(), leaves.reload()]);
  };
  const { take, isBusy, takeOpen, isOpenBusy } = useSteps(reload);
  const row = (swap: NonNullable<typeof swaps.value>[number]) => (
    <SwapRow key={swap.id} swap={swap} shifts={shifts} isBusy={isBusy} onStep={take} />
  );
  const openRow = (each: OpenShift) => (
    <OpenShiftRow key={each.id} openShift={each} shifts={shifts} isBusy={isOpenBusy} onStep={takeOpen} />
  );
  const canSwap = me.value?.team_id !== null;
  const actions = (
    <>
      <Button look="main" onClick={() => setOpen("leave")}>
        {t(isPlanner.value ? "enter_leave" : "take_leave")}
      </Button>
      {canSwap && <Button onClick={() => setOpen("swap")}>{t("ask_swap")}</Button>}
    </>
  );

  return (
    <Page title={t("page.requests")} actions={actions}>
      <WishesLine />
      <Loaded from={{ ...swaps, reload }}>
        {(all) => {
          const forMe = all.filter(waitsForMe);
          const forOthers = all.filter((swap) => !waitsForMe(swap));
          return (
            <>
              {forMe.length > 0 && (
                <section>
                  <h2 class="section-head">{t("waiting")}</h2>
                  <ul class="rows">{forMe.map(row)}</ul>
                </section>
              )}
              {forOthers.length > 0 && (
                <section>
                  <h2 class="section-head">{t("mine_waiting")}</h2>
                  <ul class="rows">{forOthers.map(row)}</ul>
                </section>
              )}
              {openShifts.value && openShifts.value.length > 0 && (
                <section>
                  <h2 class="section-head">{t("open.head")}</h2>
                  <ul class="rows">{openShifts.value.map(openRow)}</ul>
                </section>
              )}
              {all.length + (openShifts.value?.length ?? 0) === 0 &&
                leaves.value?.length === 0 &&
                !isEarlier && <EmptyState title={t("no_requests")} text={t("no_requests_text")} />}
            </>
          );
        }}
      </Loaded>
      {(swaps.value ?? leaves.value) !== null && (
        <Loaded from={leaves}>
          {(all) =>
            (all.length > 0 || isEarlier) && (
              <section>
                <h2 class="section-head">{t("leaves")}</h2>
                {all.length === 0 && (
                  <p class="soft">{t(isPlanner.value ? "no_leaves" : "no_leaves_mine")}</p>
                )}
                <ul class="rows">
                  {all.map((leave) => (
                    <LeaveRow key={leave.id} leave={leave} onDone={leaves.reload} />
                  ))}
                </ul>
              </section>
            )
          }
        </Loaded>
      )}
      {isEarlier && <Earlier />}
      <p class="form-foot">
        <Button look="quiet" aria-expanded={isEarlier} onClick={() => setEarlier(!isEarlier)}>
          {t(isEarlier ? "from_today" : "earlier")}
        </Button>
      </p>
      {open === "leave" && <LeaveDialog onClose={() => setOpen(null)} onDone={reload} />}
      {open === "swap" && <SwapDialog onClose={() => setOpen(null)} onDone={reload} />}
    </Page>
  );
}

/** Swaps that are decided, and leave of any time, newest first. */
function Earlier() {
  const shifts = byId(useShifts().value);
  const swaps = usePages("ended swaps", (cursor) =>
    api.get("/api/v1/swaps", { query: { is_open: false, limit: AT_ONCE, cursor } }),
  );
  const ended = usePages("ended open shifts", (cursor) =>
    api.get("/api/v1/open-shifts", { query: { is_open: false, limit: AT_ONCE, cursor } }),
  );
  const leaves = usePages("all leaves", (cursor) =>
    api.get("/api/v1/leaves", { query: { limit: AT_ONCE, cursor } }),
  );
  const today = currentDate.value;
  const over = leaves.items.filter((leave) => leave.last_date < today);
  return (
    <section>
      <h2 class="section-head">{t("earlier")}</h2>
      <h3>{t("swaps")}</h3>
      <Loaded from={swaps.first}>
        {() => (
          <ul class="rows">
            {swaps.items.map((swap) => (
              <SwapRow
                key={swap.id}
                swap={swap}
                shifts={shifts}
                isBusy={() => false}
                onStep={() => undefined}
              />
            ))}
          </ul>
        )}
      </Loaded>
      {swaps.first.value && swaps.items.length === 0 && <p class="soft">{t("no_swaps")}</p>}
      <ReadMore pages={swaps} />
      {ended.items.length > 0 && (
        <>
          <h3 class="section-head">{t("open.head")}</h3>
          <ul class="rows">
            {ended.items.map((each) => (
              <OpenShiftRow
                key={each.id}
                openShift={each}
                shifts={shifts}
                isBusy={() => false}
                onStep={() => undefined}
              />
            ))}
          </ul>
          <ReadMore pages={ended} />
        </>
      )}
      <h3 class="section-head">{t("leaves")}</h3>
      <Loaded from={leaves.first}>
        {() => (
          <ul class="rows">
            {over.map((leave) => (
              <LeaveRow key={leave.id} leave={leave} onDone={leaves.first.reload} />
            ))}
          </ul>
        )}
      </Loaded>
      <ReadMore pages={leaves} />
    </section>
  );
}
