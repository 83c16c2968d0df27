import { useState } from "preact/hooks";
import { apiAddress, send } from "../../api/client";
import { problemText } from "../../api/problem";
import { useResource } from "../../api/resource";
import { monthOf } from "../../lib/dates";
import { stay } from "../../lib/router";
import { formatMonthDay } from "../../lib/time";
import type { Shift } from "../../shifts/useShifts";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { QuietLine } from "../../ui/EmptyState";
import { Segments } from "../../ui/Field";
import { showToast } from "../../ui/Toast";
import { toText } from "../clipboard";
import type { EditorState } from "../editorState";
import { newAction, record } from "../history";
import { namedTable, type PasteShape, type PasteTarget } from "../pasteShape";
import { type Import, inWords } from "./importing";
import { type CellPlace, importRows, pastedEdits, placed } from "./importPreview";
import { MonthPreview } from "./MonthPreview";
import { ownTranslation, t } from "./words";
import "./plan.css";
import "./import.css";

export interface Pasted {
  /** People down, days across. */
  lines: string[][];
  shape: PasteShape;
  /** As it was copied. */
  copied: string[][];
}

interface PasteDialogProps extends Pasted {
  target: PasteTarget;
  teamId: number | null;
  known: ReadonlyMap<number, Shift>;
  /** Words of the team's own files that are no codes. */
  learned: ReadonlyMap<string, number>;
  editor: EditorState;
  /** Pastes at the active cell instead. */
  onHere: () => void;
  onClose: () => void;
}

const MOST_PROBLEMS = 20;

/** What of a pasted table goes where. The server reads it as it reads a file. */
export function PasteDialog(props: PasteDialogProps) {
  const { lines, shape, target, teamId, known, learned, editor, onHere, onClose } = props;
  const [blanks, setBlanks] = useState<"clear" | "keep">("clear");
  const [place, setPlace] = useState<CellPlace | null>(null);
  const read = useResource(blanks, async () => {
    const { revision } = editor.draft.base.peek();
    const table = namedTable(lines, shape, target);
    const body = new FormData();
    body.append("file", new File([toText(table.lines)], "paste.tsv"));
    const shifts = Object.fromEntries([...learned].filter(([, id]) => known.has(id)));
    body.append("mapping", JSON.stringify({ people: table.people, shifts }));
    const day = target.dates[target.column] ?? target.dates[0];
    const query = {
      dry_run: true,
      blanks,
      month: table.needsMonth && day ? monthOf(day) : undefined,
      team_id: teamId ?? undefined,
    };
    const answer = await send(apiAddress("/api/v1/roster/import", query), { method: "POST", body });
    return { revision, ...((await answer.json()) as Import) };
  });
  const outcome = read.value?.outcome ?? null;
  const problems = outcome?.problems ?? [];
  const isWhole =
    read.value?.status !== "running" &&
    !outcome?.drawn?.more_people &&
    !outcome?.drawn?.more_days &&
    (outcome?.problem_count ?? 0) <= problems.length;
  // What is not drawn would not be pasted either.
  const drawn = isWhole ? (outcome?.drawn ?? null) : null;
  const edits = drawn ? pastedEdits(drawn, importRows(drawn, problems)) : [];
  const failure =
    (read.error ? problemText(read.error) : null) ??
    (outcome?.failure ? (ownTranslation(`failure.${outcome.failure}`) ?? outcome.failure_detail) : null) ??
    (isWhole ? null : t("paste.too_large"));

  function apply() {
    const action = newAction();
    editor.history.value = record(editor.history.peek(), { teamId, action, edits });
    void editor.draft.change(
      edits.map(({ user_id, date, before, after }) => ({
        user_id,
        date,
        shift_id: after,
        action,
        seen: before,
      })),
      read.value?.revision,
    );
    showToast(t("paste.done", { n: edits.length }), { staysMs: 4_000 });
    const [first] = edits;
    if (first && !target.dates.includes(first.date)) stay({ day: first.date, team: teamId });
    onClose();
  }

  return (
    <Dialog title={t("paste.title")} onClose={onClose}>
      <div class="plan-dialog form compact">
        {read.isLoading && <p role="status">{t("paste.reading")}</p>}
        {failure && <QuietLine isUrgent>{failure}</QuietLine>}
        {drawn && (
          <>
            <Segments
              label={t("paste.blanks")}
              value={blanks}
              choices={[
                { value: "clear", label: t("import.blanks_clear") },
                { value: "keep", label: t("import.blanks_keep") },
              ]}
              onValue={setBlanks}
            />
            <MonthPreview drawn={drawn} problems={problems} known={known} place={place} onPlace={setPlace} />
          </>
        )}
        {problems.length > 0 && (
          <section>
            <h3>{t("paste.problems", { n: outcome?.problem_count ?? problems.length })}</h3>
            <ul class="import-problems">
              {problems.slice(0, MOST_PROBLEMS).map((each) => {
                const onShow = placed(each, setPlace);
                return (
                  <li key={`${each.row} ${each.column} ${each.code} ${each.value}`}>
                    {onShow ? (
                      <button type="button" class="import-place small" onClick={onShow}>
                        <b>{inWords(each).about}</b>
                      </button>
                    ) : (
                      <b>{inWords(each).about}</b>
                    )}
                    {each.date && <span class="soft">{formatMonthDay(each.date)}</span>}
                    <span>{inWords(each).wrong}</span>
                  </li>
                );
              })}
            </ul>
            {problems.length > MOST_PROBLEMS && (
              <p class="note">{t("report.more", { n: problems.length - MOST_PROBLEMS })}</p>
            )}
          </section>
        )}
        <footer class="form-foot">
          <Button look="main" disabled={edits.length === 0} onClick={apply}>
            {t("paste.apply", { n: edits.length })}
          </Button>
          <Button onClick={onHere}>{t("paste.here")}</Button>
          <Button look="quiet" onClick={onClose}>
            {t("action.cancel")}
          </Button>
        </footer>
      </div>
    </Dialog>
  );
}
