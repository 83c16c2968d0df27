import { apiAddress } from "../../api/client";
import { isPlanner } from "../../api/session";
import { usesDraftsIn, useTeams } from "../../api/teams";
import { addMonths, datesOfMonth } from "../../lib/dates";
import { formatMonth } from "../../lib/time";
import { download } from "../../parts/download";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Choices, TextField } from "../../ui/Field";
import { FormProblem, useForm } from "../../ui/Form";
import { daysIn } from "./cycle";
import { downloadTemplate, type PlanDialogProps } from "./dialog";
import { DraftsField } from "./PlanParts";
import { t } from "./words";
import "./plan.css";

const FORMATS = ["xlsx wide", "xlsx long", "csv wide", "csv long", "json wide"] as const;
type Format = (typeof FORMATS)[number];

/** The roster as a file, and an empty one to fill in. */
export function ExportDialog({ scope, onClose }: PlanDialogProps) {
  const month = datesOfMonth(scope.month);
  const initial = {
    from: month[0] ?? scope.from,
    to: month.at(-1) ?? scope.to,
    format: FORMATS[0] as Format,
    drafts: false,
  };
  const usesDrafts = usesDraftsIn(useTeams().value, scope.teamId);
  const form = useForm(initial, async ({ from, to, format, drafts }) => {
    const [kind = "xlsx", layout = "wide"] = format.split(" ");
    const query = { from, to, format: kind, layout, team_id: scope.teamId, drafts };
    await download(
      apiAddress("/api/v1/roster/export", query),
      `roster-${drafts ? "draft-" : ""}${from}-${to}.${kind}`,
    );
  });
  const { from, to } = form.values;
  const days = daysIn(from, to);
  const next = addMonths(scope.month, 1);

  return (
    <Dialog title={t("export.title")} onClose={onClose}>
      <form class="form" onSubmit={form.onSubmit}>
        <div class="form-row">
          <TextField label={t("span.from")} type="date" {...form.bind("from")} />
          <TextField label={t("span.to")} type="date" {...form.bind("to")} />
        </div>
        <Choices
          label={t("export.format")}
          choices={FORMATS.map((each) => ({
            value: each,
            label: t(`export.${each}`),
            hint: t(`export.${each}_hint`),
          }))}
          {...form.bind("format")}
        />
        {usesDrafts && <DraftsField drafts={form.values.drafts} onValue={(drafts) => form.set({ drafts })} />}
        <FormProblem of={form} />
        <footer class="form-foot">
          <Button type="submit" look="main" isBusy={form.isBusy} disabled={days === 0 || days > 400}>
            {t("export.save")}
          </Button>
          {isPlanner.value && (
            <Button
              look="quiet"
              disabled={form.isBusy}
              onClick={() => void form.attempt(() => downloadTemplate(next, scope.teamId))}
            >
              {t("export.template", { month: formatMonth(next) })}
            </Button>
          )}
        </footer>
      </form>
    </Dialog>
  );
}
