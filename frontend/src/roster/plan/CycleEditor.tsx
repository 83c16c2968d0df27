import type { Shift } from "../../shifts/useShifts";
import { Button } from "../../ui/Button";
import { shiftClass } from "../../ui/ShiftBadge";
import { type CycleDraft, drop, put, shortRests } from "./cycle";
import { t } from "./words";

interface CycleEditorProps {
  cycle: CycleDraft;
  onCycle: (cycle: CycleDraft) => void;
  shifts: readonly Shift[];
  known: ReadonlyMap<number, Shift>;
}

/** The cycle as a row of chips, and the shifts it is made of below. */
export function CycleEditor({ cycle, onCycle, shifts, known }: CycleEditorProps) {
  return (
    <fieldset class="cycle">
      <legend class="field-label">{t("cycle", { n: cycle.slots.length })}</legend>
      <ol
        class="cycle-slots"
        onKeyDown={(event) => {
          if (event.key !== "Delete" && event.key !== "Backspace") return;
          event.preventDefault();
          onCycle(drop(cycle));
        }}
      >
        {cycle.slots.map((slot, index) => {
          const shift = slot === null ? undefined : known.get(slot);
          return (
            <li key={index}>
              <button
                type="button"
                aria-pressed={cycle.at === index}
                aria-label={t("cycle.slot", {
                  n: index + 1,
                  shift: shift?.name ?? t("blank"),
                })}
                class={`code ${shift ? shiftClass(shift) : "hue-none rest"}`}
                onClick={() => onCycle({ ...cycle, at: cycle.at === index ? null : index })}
              >
                {shift?.code ?? "·"}
              </button>
            </li>
          );
        })}
      </ol>
      {shortRests(cycle.slots, known).map(({ before, after, hours }) => (
        <p key={`${before.id} ${after.id}`} class="form-problem">
          {t(hours < 0 ? "cycle.overlap" : "cycle.short_rest", {
            before: before.name,
            after: after.name,
            hours: Math.abs(hours),
          })}
        </p>
      ))}
      <div class="cycle-shifts">
        <span class="soft small">
          {cycle.at === null ? t("cycle.append") : t("cycle.replace", { n: cycle.at + 1 })}
        </span>
        {shifts.map((shift) => (
          <button key={shift.id} type="button" class="brush" onClick={() => onCycle(put(cycle, shift.id))}>
            <span class={`code ${shiftClass(shift)}`} aria-hidden="true">
              {shift.code}
            </span>
            {shift.name}
          </button>
        ))}
        <button type="button" class="brush" onClick={() => onCycle(put(cycle, null))}>
          <span class="code hue-none rest" aria-hidden="true">
            ·
          </span>
          {t("blank")}
        </button>
        <Button look="quiet" disabled={cycle.slots.length === 0} onClick={() => onCycle(drop(cycle))}>
          {t("cycle.drop")}
        </Button>
      </div>
    </fieldset>
  );
}
