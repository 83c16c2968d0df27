import { formatMonthDay } from "../lib/time";
import type { Shift } from "../shifts/useShifts";
import { Button } from "../ui/Button";
import type { Conflict } from "./draft";
import { t } from "./words";

interface ConflictsProps {
  conflicts: Conflict[];
  shifts: Map<number, Shift>;
  nameOf: (userId: number) => string | undefined;
  onMine: (conflicts: Conflict[]) => void;
  onTheirs: (conflicts: Conflict[]) => void;
}

const SHOWN = 20;

/** Cells that two planners changed at the same time. Theirs is saved; one press saves mine instead. */
export function Conflicts({ conflicts, shifts, nameOf, onMine, onTheirs }: ConflictsProps) {
  const shiftName = (id: number | null) => (id === null ? t("empty") : (shifts.get(id)?.name ?? `#${id}`));
  return (
    <section class="conflicts" aria-label={t("conflicts", { n: conflicts.length })}>
      <div class="conflict-head">
        <p role="alert">{t("conflicts", { n: conflicts.length })}</p>
        {conflicts.length > 1 && (
          <span class="conflict-answers">
            <Button onClick={() => onMine(conflicts)}>{t("all_mine")}</Button>
            <Button look="quiet" onClick={() => onTheirs(conflicts)}>
              {t("all_theirs")}
            </Button>
          </span>
        )}
      </div>
      <ul>
        {conflicts.slice(0, SHOWN).map((conflict) => (
          <li key={`${conflict.user_id} ${conflict.date}`}>
            <p>
              {t("conflict", {
                person: nameOf(conflict.user_id) ?? `#${conflict.user_id}`,
                day: formatMonthDay(conflict.date),
                who: (conflict.changed_by !== null && nameOf(conflict.changed_by)) || t("somebody"),
                theirs: shiftName(conflict.theirs),
                mine: shiftName(conflict.mine),
              })}
            </p>
            <span class="conflict-answers">
              <Button onClick={() => onMine([conflict])}>{t("mine")}</Button>
              <Button look="quiet" onClick={() => onTheirs([conflict])}>
                {t("theirs")}
              </Button>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
