import { problemText } from "../api/problem";
import { isPlanner } from "../api/session";
import { listed } from "../i18n";
import type { Shift } from "../shifts/useShifts";
import { Button } from "../ui/Button";
import { QuietLine } from "../ui/EmptyState";
import { Conflicts } from "./Conflicts";
import type { Conflict } from "./draft";
import type { EditorState } from "./editorState";
import { newAction, record } from "./history";
import { t } from "./words";

interface NoticesProps {
  editor: EditorState;
  teamId: number | null;
  /** Years whose holidays are not official yet. */
  provisionalYears: number[];
  shifts: Map<number, Shift>;
  nameOf: (userId: number) => string | undefined;
  /** Opens the calendar year, to set its holidays. */
  onOpenCalendar: () => void;
}

/** Above the grid: a provisional calendar, changes that wait to be saved, and conflicts with other planners. */
export function Notices({ editor, teamId, provisionalYears, shifts, nameOf, onOpenCalendar }: NoticesProps) {
  const { draft, history } = editor;
  const saveDelay = draft.saveDelay.value;
  const waiting = saveDelay ? draft.overlay.value.size : 0;
  const conflicts = [...draft.conflicts.value.values()];

  function keepMine(mine: Conflict[]) {
    const edits = mine.map((conflict) => ({
      user_id: conflict.user_id,
      date: conflict.date,
      before: conflict.theirs,
      after: conflict.mine,
    }));
    const action = newAction();
    history.value = record(history.peek(), { teamId, action, edits });
    void draft.keepMine(mine, action);
  }

  return (
    <>
      {provisionalYears.length > 0 && (
        <QuietLine action={isPlanner.value && <Button onClick={onOpenCalendar}>{t("action.fix")}</Button>}>
          {t("calendar.provisional", { year: listed(provisionalYears.map(String)) })}
        </QuietLine>
      )}
      {saveDelay && waiting > 0 && (
        <QuietLine isUrgent action={<Button onClick={() => void draft.retry()}>{t("retry")}</Button>}>
          <span role="status">{t("waiting", { n: waiting, reason: problemText(saveDelay.error) })}</span>
        </QuietLine>
      )}
      {[false, true].map((isOfUndo) => (
        <Conflicts
          key={isOfUndo}
          isOfUndo={isOfUndo}
          conflicts={conflicts.filter((conflict) => (conflict.isOfUndo ?? false) === isOfUndo)}
          shifts={shifts}
          nameOf={nameOf}
          onMine={keepMine}
          onTheirs={(theirs) => draft.keepTheirs(theirs)}
        />
      ))}
    </>
  );
}
