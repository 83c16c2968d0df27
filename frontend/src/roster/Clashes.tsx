import { sayMonthDay } from "../lib/time";
import type { Shift } from "../shifts/useShifts";
import { Button } from "../ui/Button";
import type { Clash } from "./draft";
import { word } from "./words";

interface ClashesProps {
  clashes: Clash[];
  shifts: Map<number, Shift>;
  nameOf: (userId: number) => string | undefined;
  onMine: (clashes: Clash[]) => void;
  onTheirs: (clashes: Clash[]) => void;
}

const SHOWN = 20;

/** Cells that two planners changed at once. Theirs is saved; mine is one press away. */
export function Clashes({ clashes, shifts, nameOf, onMine, onTheirs }: ClashesProps) {
  const shiftName = (id: number | null) => (id === null ? word("empty") : (shifts.get(id)?.name ?? `#${id}`));
  return (
    <section class="clashes" aria-label={word("clashes", { n: clashes.length })}>
      <div class="clash-head">
        <p role="alert">{word("clashes", { n: clashes.length })}</p>
        {clashes.length > 1 && (
          <span class="clash-answers">
            <Button onClick={() => onMine(clashes)}>{word("all_mine")}</Button>
            <Button look="quiet" onClick={() => onTheirs(clashes)}>
              {word("all_theirs")}
            </Button>
          </span>
        )}
      </div>
      <ul>
        {clashes.slice(0, SHOWN).map((clash) => (
          <li key={`${clash.user_id} ${clash.date}`}>
            <p>
              {word("clash", {
                person: nameOf(clash.user_id) ?? `#${clash.user_id}`,
                day: sayMonthDay(clash.date),
                who: (clash.changed_by !== null && nameOf(clash.changed_by)) || word("somebody"),
                theirs: shiftName(clash.theirs),
                mine: shiftName(clash.mine),
              })}
            </p>
            <span class="clash-answers">
              <Button onClick={() => onMine([clash])}>{word("mine")}</Button>
              <Button look="quiet" onClick={() => onTheirs([clash])}>
                {word("theirs")}
              </Button>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
