import { useState } from "preact/hooks";
import { useGet } from "../../api/get";
import { peopleChoices } from "../../api/people";
import { addMonths } from "../../lib/dates";
import { formatMonth } from "../../lib/time";
import { useShifts } from "../../shifts/useShifts";
import { attempt } from "../../ui/attempt";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { QuietLine } from "../../ui/EmptyState";
import { CheckField, Field, Segments, SelectField } from "../../ui/Field";
import { downloadTemplate, type PlanDialogProps } from "./dialog";
import { ImportFindings, ImportNotes, ImportProblems } from "./ImportFindings";
import { PeopleTable, ShiftTable } from "./ImportTables";
import { missingIn, placeOfWord } from "./importing";
import { type CellPlace, placed } from "./importPreview";
import { importView } from "./importState";
import { MonthPreview } from "./MonthPreview";
import { useImport } from "./useImport";
import { t } from "./words";
import "./plan.css";
import "./import.css";

/** From a file to the roster: what is in it, what its words mean, and then all of it or nothing. */
export function ImportDialog({ scope, onClose }: PlanDialogProps) {
  const { teamId } = scope;
  const { state, dispatch, choose, run, addMissing, cancel, forget, isResumed, close } = useImport(
    teamId,
    onClose,
  );
  const [place, setPlace] = useState<CellPlace | null>(null);
  const { file, options, meanings, unknown, savedMappings, job, isSending, problem } = state;
  const { isRunning, isBusy, outcome, changes, reused, canWrite } = importView(state);
  const missing = outcome && missingIn(outcome, meanings);
  const shifts = useShifts();
  const people = useGet("/api/v1/roster", { query: { from: scope.from, to: scope.from } });
  const choices = peopleChoices(people.value?.users ?? null);
  const here = scope.month;
  const next = addMonths(here, 1);
  const months = ["", ...Array.from({ length: 15 }, (_, index) => addMonths(here, index - 6))];
  const mapping = {
    meanings,
    savedMappings,
    onMeanings: (next: typeof meanings) => dispatch({ type: "meanings", meanings: next }),
    onForget: (saved: (typeof savedMappings)[number]) => void forget([saved]),
    onPlace: (word: string) => (outcome ? placed(placeOfWord(outcome, word), setPlace) : null),
  };

  return (
    <Dialog title={t("import.title")} onClose={close}>
      <div class="plan-dialog form compact">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut; the field below does the same */}
        <div
          class="import-drop"
          onDragOver={(event) => event.preventDefault()}
          onDrop={(event) => {
            event.preventDefault();
            const [given] = event.dataTransfer?.files ?? [];
            if (given && !isBusy) choose(given);
          }}
        >
          <Field label={t("import.file")} hint={t("import.file_hint")} error={problem}>
            {(wiring) => (
              <input
                {...wiring}
                type="file"
                class="input"
                accept=".xlsx,.xls,.ods,.csv,.tsv,.txt,.json"
                disabled={isBusy}
                onChange={(event) => choose(event.currentTarget.files?.[0] ?? null)}
              />
            )}
          </Field>
          <Button look="quiet" onClick={() => void attempt(() => downloadTemplate(next, teamId))}>
            {t("export.template", { month: formatMonth(next) })}
          </Button>
        </div>
        {isResumed && file && <QuietLine>{t("import.resumed", { file: file.name })}</QuietLine>}
        <div class="plan-options">
          <SelectField
            label={t("import.month")}
            hint={t("import.month_hint")}
            value={options.month}
            choices={months.map((each) => ({
              value: each,
              label: each ? formatMonth(each) : t("import.month_in_file"),
            }))}
            onValue={(month) => dispatch({ type: "option", change: { month } })}
          />
          <Segments
            label={t("import.blanks")}
            value={options.clearsBlanks ? "clear" : "keep"}
            choices={[
              { value: "keep", label: t("import.blanks_keep") },
              { value: "clear", label: t("import.blanks_clear") },
            ]}
            onValue={(value) => dispatch({ type: "option", change: { clearsBlanks: value === "clear" } })}
          />
          {outcome?.layout === "older_json" && (
            <SelectField
              label={t("import.owner")}
              value={options.owner}
              choices={[{ value: 0, label: t("import.owner_choose") }, ...choices]}
              onValue={(owner) => dispatch({ type: "option", change: { owner } })}
            />
          )}
        </div>
        <div role="status">
          {isSending && !isRunning && <p>{t("import.sending")}</p>}
          {isRunning && job && (
            <div class="import-progress">
              <label>
                {t(job.is_dry_run ? "import.reading" : "import.writing", { percent: job.percent })}
                <progress max={100} value={job.percent} />
              </label>
              <Button onClick={() => void cancel()}>{t("import.cancel")}</Button>
            </div>
          )}
          {outcome && <ImportFindings outcome={outcome} />}
        </div>
        {outcome && !outcome.failure && (
          <>
            {reused > 0 && (
              <QuietLine
                action={
                  <Button isBusy={isBusy} onClick={() => void forget(savedMappings)}>
                    {t("import.forget_all")}
                  </Button>
                }
              >
                {t("import.reused", { n: reused })}
              </QuietLine>
            )}
            {missing && missing.people.length + missing.shifts.length > 0 && (
              <QuietLine
                action={
                  <Button isBusy={isBusy} onClick={() => void addMissing()}>
                    {t("import.add_missing")}
                  </Button>
                }
              >
                {t("import.missing", { people: missing.people.length, shifts: missing.shifts.length })}
              </QuietLine>
            )}
            {outcome.drawn && (
              <MonthPreview
                drawn={outcome.drawn}
                problems={[...(outcome.problems ?? []), ...(outcome.notes ?? [])]}
                known={new Map((shifts.value ?? []).map((shift) => [shift.id, shift]))}
                place={place}
                onPlace={setPlace}
              />
            )}
            {unknown.people.length > 0 && (
              <PeopleTable unknown={unknown.people} choices={choices} {...mapping} />
            )}
            {unknown.shifts.length > 0 && (
              <ShiftTable
                unknown={unknown.shifts}
                choices={(shifts.value ?? [])
                  .filter((shift) => !shift.team_id || !teamId || shift.team_id === teamId)
                  .map((shift) => ({ value: shift.id, label: `${shift.code} ${shift.name}` }))}
                {...mapping}
              />
            )}
            <ImportProblems
              outcome={outcome}
              onShow={setPlace}
              meanings={meanings}
              onMeanings={mapping.onMeanings}
            />
            <ImportNotes outcome={outcome} onShow={setPlace} />
            {(outcome.problem_count ?? 0) > 0 && (
              <CheckField
                label={t("import.skip_invalid")}
                hint={t("import.skip_invalid_hint")}
                value={options.skipsInvalidRows}
                onValue={(skipsInvalidRows) => dispatch({ type: "option", change: { skipsInvalidRows } })}
              />
            )}
          </>
        )}
        <footer class="form-foot">
          {file && (
            <>
              <Button
                look={canWrite ? "main" : "plain"}
                disabled={!canWrite || isBusy}
                onClick={() => run(false)}
              >
                {t("import.write", { n: changes })}
              </Button>
              <Button look={canWrite ? "plain" : "main"} disabled={isBusy} onClick={() => run(true)}>
                {t("import.check")}
              </Button>
            </>
          )}
          <Button look="quiet" onClick={close}>
            {t("action.cancel")}
          </Button>
        </footer>
      </div>
    </Dialog>
  );
}
