import { formatMonthDay } from "../lib/time";
import type { Shift } from "../shifts/useShifts";
import { Button } from "../ui/Button";
import type { Conflict } from "./draft";
import { t } from "./words";

interface ConflictsProps {
  conflicts: Conflict[];
  /** They were found while undoing, not while saving. */
  isOfUndo: boolean;
  shifts: Map<number, Shift>;
  nameOf: (userId: number) => string | undefined;
  onMine: (conflicts: Conflict[]) => void;
  onTheirs: (conflicts: Conflict[]) => void;
}

const SHOWN = 20;

const AT_ONCE = ["conflicts", "conflict", "mine", "theirs", "all_mine", "all_theirs"] as const;
const SINCE = [
  "changed_since",
  "changed_since_cell",
  "set_back",
  "keep",
  "all_set_back",
  "all_keep",
] as const;

/** Cells that two planners changed at the same time, or that were changed since. Theirs is saved; one press saves mine instead. */
export function Conflicts({ conflicts, isOfUndo, shifts, nameOf, onMine, onTheirs }: ConflictsProps) {
  const shiftName = (id: number | null) => (id === null ? t("empty") : (shifts.get(id)?.name ?? `#${id}`));
  const [heading, one, mine, theirs, allMine, allTheirs] = isOfUndo ? SINCE : AT_ONCE;
  if (conflicts.length === 0) return null;
  return (
    <section class="conflicts" aria-label={t(heading, { n: conflicts.length })}>
      <div class="conflict-head">
        <p role="alert">{t(heading, { n: conflicts.length })}</p>
        {conflicts.length > 1 && (
          <span class="conflict-answers">
            <Button onClick={() => onMine(conflicts)}>{t(allMine)}</Button>
            <Button look="quiet" onClick={() => onTheirs(conflicts)}>
              {t(allTheirs)}
            </Button>
          </span>
        )}
      </div>
      <ul>
        {conflicts.slice(0, SHOWN).map((conflict) => (
          <li key={`${conflict.user_id} ${conflict.date}`}>
            <p>
              {t(one, {
                person: nameOf(conflict.user_id) ?? `#${conflict.user_id}`,
                day: formatMonthDay(conflict.date),
                who: (conflict.changed_by !== null && nameOf(conflict.changed_by)) || t("somebody"),
                theirs: shiftName(conflict.theirs),
                mine: shiftName(conflict.mine),
              })}
            </p>
            <span class="conflict-answers">
              <Button onClick={() => onMine([conflict])}>{t(mine)}</Button>
              <Button look="quiet" onClick={() => onTheirs([conflict])}>
                {t(theirs)}
              </Button>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
