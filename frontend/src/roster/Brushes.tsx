import { t } from "../i18n";
import type { Shift } from "../shifts/useShifts";
import { Icon } from "../ui/Icon";
import { shiftClass } from "../ui/ShiftBadge";

/** What pressing a cell does: select it, paint a shift, or clear it. */
export type Brush = { kind: "none" } | { kind: "shift"; id: number } | { kind: "wipe" };

interface BrushesProps {
  shifts: Shift[];
  brush: Brush;
  onBrush: (brush: Brush) => void;
}

/** The shifts as brushes: at the bottom on phones, on the left on wide screens. A second press deactivates the brush. */
export function Brushes({ shifts, brush, onBrush }: BrushesProps) {
  return (
    <fieldset class="brushes">
      <legend class="only-heard">{t("roster.brushes")}</legend>
      {shifts.map((shift, index) => {
        const isActive = brush.kind === "shift" && brush.id === shift.id;
        return (
          <button
            key={shift.id}
            type="button"
            class="brush"
            aria-pressed={isActive}
            onClick={() => onBrush(isActive ? { kind: "none" } : { kind: "shift", id: shift.id })}
          >
            <span class={`code ${shiftClass(shift)}`} aria-hidden="true">
              {shift.code}
            </span>
            <span class="brush-name">{shift.name}</span>
            {index < 9 && (
              <span class="brush-key" aria-hidden="true">
                {index + 1}
              </span>
            )}
          </button>
        );
      })}
      <button
        type="button"
        class="brush"
        aria-pressed={brush.kind === "wipe"}
        onClick={() => onBrush(brush.kind === "wipe" ? { kind: "none" } : { kind: "wipe" })}
      >
        <span class="code hue-none">
          <Icon name="eraser" size={16} />
        </span>
        <span class="brush-name">{t("roster.wipe")}</span>
      </button>
    </fieldset>
  );
}
