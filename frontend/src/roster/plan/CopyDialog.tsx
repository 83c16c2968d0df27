import { useMemo, useState } from "preact/hooks";
import { api } from "../../api/client";
import { useGet } from "../../api/get";
import type { components } from "../../api/schema";
import { addMonths } from "../../lib/dates";
import { formatDateRange, formatMonth } from "../../lib/time";
import { byId, useShifts } from "../../shifts/useShifts";
import { Dialog } from "../../ui/Dialog";
import { Loaded } from "../../ui/EmptyState";
import { CheckField, NumberField, Segments, SelectField } from "../../ui/Field";
import { useApplyPlan } from "./applyPlan";
import { type Block, blocksAround, spanOf, targetOf } from "./blocks";
import type { PlanDialogProps } from "./dialog";
import { PeopleGrid } from "./PeopleGrid";
import { chosenIn, OverwriteField, PlanFoot, whoIsMissing } from "./PlanParts";
import { previewRows } from "./preview";
import { t } from "./words";
import "./plan.css";

type CopyBody = Omit<components["schemas"]["CopyBody"], "dry_run">;

const MOST_TIMES = 12;

/** A week or a month once more, somewhere else. */
export function CopyDialog({ scope, onClose }: PlanDialogProps) {
  const [block, setBlock] = useState<Block>("month");
  const [source, setSource] = useState(scope.month);
  const [target, setTarget] = useState(addMonths(scope.month, 1));
  const [times, setTimes] = useState<number | null>(1);
  const [byWeekday, setByWeekday] = useState(true);
  const [keepsCycle, setKeepsCycle] = useState(true);
  const [overwrite, setOverwrite] = useState(false);
  const [left, setLeft] = useState<ReadonlySet<number> | null>(null);
  const shifts = useShifts(scope.teamId);
  const known = useMemo(() => byId(shifts.value), [shifts.value]);

  const startOf = (of: Block) => (of === "month" ? `${scope.month}-01` : scope.from);
  const change = (next: Block) => {
    const [here = "", after = ""] = blocksAround(next, startOf(next), 0, 1);
    setBlock(next);
    setSource(here);
    setTarget(after);
  };
  const name = (start: string) =>
    block === "month" ? formatMonth(start) : formatDateRange(...spanOf("week", start));
  const choices = blocksAround(block, startOf(block), block === "week" ? 8 : 6, 12).map((start) => ({
    value: start,
    label: name(start),
  }));

  const [from, to] = spanOf(block, source);
  const [onto, until] = targetOf(block, target, Math.min(MOST_TIMES, Math.max(1, times ?? 1)));
  const query = { from: onto, to: until, team_id: scope.teamId, drafts: true };
  const roster = useGet("/api/v1/roster", { query }, ["roster", "draft"]);
  const { chosen, userIds } = chosenIn(roster.value?.users, left);
  const by_weekday = block === "month" && byWeekday;
  const keep_cycle = block === "month" && keepsCycle;
  const body: CopyBody | null =
    userIds.length > 0
      ? { user_ids: userIds, from, to, onto, until, by_weekday, keep_cycle, overwrite }
      : null;
  const plan = useApplyPlan(body, (wanted) => api.post("/api/v1/roster/copy", { body: wanted }), {
    roster,
    onApplied: onClose,
  });

  return (
    <Dialog title={t("copy.title")} onClose={onClose}>
      <form
        class="form compact plan-dialog"
        onSubmit={(event) => {
          event.preventDefault();
          void plan.apply();
        }}
      >
        <div class="form-row">
          <Segments
            label={t("copy.what")}
            value={block}
            choices={[
              { value: "week", label: t("copy.week") },
              { value: "month", label: t("copy.month") },
            ]}
            onValue={change}
          />
          <SelectField label={t("copy.from")} value={source} choices={choices} onValue={setSource} />
          <SelectField label={t("copy.onto")} value={target} choices={choices} onValue={setTarget} />
          <NumberField label={t("copy.times")} min={1} max={MOST_TIMES} value={times} onValue={setTimes} />
        </div>
        <div class="plan-options">
          <OverwriteField overwrite={overwrite} onValue={setOverwrite} />
          {block === "month" && (
            <CheckField
              label={t("copy.weekday")}
              hint={t("copy.weekday_hint")}
              value={byWeekday}
              onValue={setByWeekday}
            />
          )}
          {block === "month" && (
            <CheckField
              label={t("copy.cycle")}
              hint={t("copy.cycle_hint")}
              value={keepsCycle}
              onValue={setKeepsCycle}
            />
          )}
        </div>
        <Loaded from={roster}>
          {(found) => (
            <PeopleGrid
              rows={previewRows(found, body ? (plan.answer?.cells ?? []) : [])}
              dates={found.dates}
              roster={found}
              known={known}
              chosen={chosen}
              onChosen={setLeft}
            />
          )}
        </Loaded>
        <PlanFoot plan={plan} missing={body ? null : whoIsMissing(roster.value)} onClose={onClose} />
      </form>
    </Dialog>
  );
}
