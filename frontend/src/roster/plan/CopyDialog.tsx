import { useMemo, useState } from "preact/hooks";
import { api } from "../../api/client";
import { sayProblem } from "../../api/problem";
import { useResource } from "../../api/resource";
import type { components } from "../../api/schema";
import { t } from "../../i18n";
import { addMonths, monthOf } from "../../lib/dates";
import { sayDates, sayMonth } from "../../lib/time";
import { byId, useShifts } from "../../shifts/useShifts";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { CheckField, NumberField, Segments, SelectField } from "../../ui/Field";
import { type Block, blocksAround, spanOf, targetOf } from "./blocks";
import { lay, sayCounts, useSettled } from "./laying";
import { PeopleGrid } from "./PeopleGrid";
import type { PlanDialogProps } from "./PlanMenu";
import { previewRows } from "./preview";
import { word } from "./words";
import "./plan.css";

type CopyBody = components["schemas"]["CopyBody"];

const MOST_TIMES = 12;

/** A week or a month once more, somewhere else. */
export function CopyDialog({ scope, onClose }: PlanDialogProps) {
  const { teamId } = scope;
  const [block, setBlock] = useState<Block>("month");
  const [source, setSource] = useState(monthOf(scope.from));
  const [target, setTarget] = useState(addMonths(monthOf(scope.from), 1));
  const [times, setTimes] = useState<number | null>(1);
  const [byWeekday, setByWeekday] = useState(true);
  const [overwrite, setOverwrite] = useState(false);
  const [left, setLeft] = useState<ReadonlySet<number> | null>(null);
  const [isBusy, setBusy] = useState(false);
  const shifts = useShifts();
  const known = useMemo(() => byId(shifts.value), [shifts.value]);

  const change = (next: Block) => {
    const [here = "", after = ""] = blocksAround(next, scope.from, 0, 1);
    setBlock(next);
    setSource(here);
    setTarget(after);
  };
  const name = (start: string) => (block === "month" ? sayMonth(start) : sayDates(...spanOf("week", start)));
  const choices = blocksAround(block, scope.from, block === "week" ? 8 : 6, block === "week" ? 12 : 12).map(
    (start) => ({ value: start, label: name(start) }),
  );

  const [from, to] = spanOf(block, source);
  const [onto, until] = targetOf(block, target, Math.min(MOST_TIMES, Math.max(1, times ?? 1)));
  const roster = useResource(
    `copy ${teamId} ${onto} ${until}`,
    () =>
      api.get("/api/v1/roster", { query: { from: onto, to: until, ...(teamId ? { team_id: teamId } : {}) } }),
    ["roster"],
  );
  const everybody = roster.value?.users.map((user) => user.id) ?? [];
  const chosen = left ?? new Set(everybody);
  const userIds = everybody.filter((id) => chosen.has(id));
  const body: CopyBody | null =
    userIds.length > 0
      ? {
          user_ids: userIds,
          from,
          to,
          onto,
          until,
          by_weekday: block === "month" && byWeekday,
          overwrite,
          dry_run: true,
        }
      : null;
  const asked = useSettled(JSON.stringify(body));
  const preview = useResource(asked, async () => {
    const settled = JSON.parse(asked) as CopyBody | null;
    return settled && { of: asked, answer: await api.post("/api/v1/roster/copy", { body: settled }) };
  }, ["roster"]);
  const shown = preview.value;
  const isSettled = shown !== null && shown.of === JSON.stringify(body) && preview.error === null;

  async function apply() {
    if (!body || !shown) return;
    setBusy(true);
    const revision = shown.answer.revision;
    const isLaid = await lay(() =>
      api.post("/api/v1/roster/copy", { body: { ...body, dry_run: false, revision } }),
    );
    setBusy(false);
    if (isLaid) onClose();
    else await Promise.all([roster.reload(), preview.reload()]);
  }

  return (
    <Dialog title={word("copy.title")} onClose={onClose}>
      <form
        class="form compact plan-dialog"
        onSubmit={(event) => {
          event.preventDefault();
          void apply();
        }}
      >
        <div class="form-row">
          <Segments
            label={word("copy.what")}
            value={block}
            choices={[
              { value: "week", label: word("copy.week") },
              { value: "month", label: word("copy.month") },
            ]}
            onValue={change}
          />
          <SelectField label={word("copy.from")} value={source} choices={choices} onValue={setSource} />
          <SelectField label={word("copy.onto")} value={target} choices={choices} onValue={setTarget} />
          <NumberField label={word("copy.times")} min={1} max={MOST_TIMES} value={times} onValue={setTimes} />
        </div>
        <div class="plan-options">
          <Segments
            label={word("onto")}
            value={overwrite ? "all" : "blank"}
            choices={[
              { value: "blank", label: word("onto.blank") },
              { value: "all", label: word("onto.all") },
            ]}
            onValue={(value) => setOverwrite(value === "all")}
          />
          {block === "month" && (
            <CheckField
              label={word("copy.weekday")}
              hint={word("copy.weekday_hint")}
              checked={byWeekday}
              onValue={setByWeekday}
            />
          )}
        </div>
        {roster.error !== null && <p class="form-problem">{sayProblem(roster.error)}</p>}
        {roster.value && (
          <PeopleGrid
            rows={previewRows(roster.value, shown && body ? shown.answer.cells : [])}
            dates={roster.value.dates}
            days={roster.value.days}
            known={known}
            chosen={chosen}
            onChosen={setLeft}
          />
        )}
        <p role="status" class={preview.error ? "form-problem" : "soft"}>
          {preview.error
            ? sayProblem(preview.error)
            : !body
              ? word("need.people")
              : isSettled && shown
                ? sayCounts(shown.answer.cells, shown.answer.kept)
                : word("counting")}
        </p>
        <footer class="form-foot">
          <Button
            type="submit"
            look="main"
            isBusy={isBusy}
            disabled={!body || !isSettled || shown?.answer.cells.length === 0}
          >
            {word("lay")}
          </Button>
          <Button look="quiet" onClick={onClose}>
            {t("action.cancel")}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
