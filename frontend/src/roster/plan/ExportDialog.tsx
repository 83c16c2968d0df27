import { useState } from "preact/hooks";
import { send } from "../../api/client";
import { plans } from "../../api/session";
import { addMonths, datesOfMonth, monthOf } from "../../lib/dates";
import { downloadResponse } from "../../lib/download";
import { formatMonth } from "../../lib/time";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Choices, TextField } from "../../ui/Field";
import { FormProblem } from "../../ui/FormProblem";
import { daysIn } from "./cycle";
import type { PlanDialogProps } from "./dialog";
import { t } from "./words";
import "./plan.css";

const FORMATS = ["xlsx wide", "xlsx long", "csv wide", "csv long", "json wide"] as const;
type Format = (typeof FORMATS)[number];

/** The roster as a file, and an empty one to fill in. */
export function ExportDialog({ scope, onClose }: PlanDialogProps) {
  const month = datesOfMonth(monthOf(scope.from));
  const [from, setFrom] = useState(month[0] ?? scope.from);
  const [to, setTo] = useState(month.at(-1) ?? scope.to);
  const [format, setFormat] = useState<Format>("xlsx wide");
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const days = daysIn(from, to);
  const next = addMonths(monthOf(scope.from), 1);

  async function fetchFile(
    path: string,
    query: Record<string, string | number | undefined>,
    otherwise: string,
  ) {
    setBusy(true);
    setProblem(null);
    try {
      const given = Object.entries(query).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)]],
      );
      await downloadResponse(await send(`/api/v1/roster/${path}?${new URLSearchParams(given)}`), otherwise);
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  }

  return (
    <Dialog title={t("export.title")} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          const [kind = "xlsx", layout = "wide"] = format.split(" ");
          void fetchFile(
            "export",
            { from, to, format: kind, layout, team_id: scope.teamId },
            `roster-${from}-${to}.${kind}`,
          );
        }}
      >
        <div class="form-row">
          <TextField label={t("span.from")} type="date" value={from} onValue={setFrom} />
          <TextField label={t("span.to")} type="date" value={to} onValue={setTo} />
        </div>
        <Choices
          label={t("export.format")}
          value={format}
          choices={FORMATS.map((each) => ({
            value: each,
            label: t(`export.${each}`),
            hint: t(`export.${each}_hint`),
          }))}
          onValue={setFormat}
        />
        <FormProblem problem={problem} />
        <footer class="form-foot">
          <Button type="submit" look="main" isBusy={isBusy} disabled={days === 0 || days > 400}>
            {t("export.save")}
          </Button>
          {plans.value && (
            <Button
              look="quiet"
              disabled={isBusy}
              onClick={() =>
                void fetchFile(
                  "import/template",
                  { month: next, team_id: scope.teamId },
                  `roster-template-${next}.xlsx`,
                )
              }
            >
              {t("export.template", { month: formatMonth(next) })}
            </Button>
          )}
        </footer>
      </form>
    </Dialog>
  );
}
