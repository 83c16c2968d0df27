import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { formatPeriods } from "../shifts/periods";
import type { Shift } from "../shifts/useShifts";
import { shiftClass } from "../ui/ShiftBadge";

export interface PickerAction {
  label: string;
  run: () => void;
}

interface ShiftPickerProps {
  label: string;
  /** Marks and warnings of the cell. */
  notes: string[];
  shifts: Shift[];
  current: number | null;
  /** Further things to do with the selected cells. */
  actions: readonly PickerAction[];
  /** The cell beside which it opens. */
  anchor: HTMLElement;
  onPick: (shiftId: number | null) => void;
  onClose: () => void;
}

/** A listbox of shifts beside a cell; on phones at the bottom of the screen. */
export function ShiftPicker({
  label,
  notes,
  shifts,
  current,
  actions,
  anchor,
  onPick,
  onClose,
}: ShiftPickerProps) {
  const box = useRef<HTMLDivElement>(null);
  const options: (Shift | PickerAction | null)[] = [...shifts, null, ...actions];
  const pick = (option: (typeof options)[number] | undefined) => {
    if (option && "run" in option) option.run();
    else onPick(option?.id ?? null);
  };
  // For an empty cell the first shift is preselected.
  const [chosen, setChosen] = useState(() =>
    Math.max(
      0,
      shifts.findIndex((shift) => shift.id === current),
    ),
  );

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    if (innerWidth >= 600) {
      const cell = anchor.getBoundingClientRect();
      const size = element.getBoundingClientRect();
      const isBelow = cell.bottom + size.height + 8 < innerHeight;
      element.style.insetBlockStart = `${Math.max(8, isBelow ? cell.bottom + 2 : cell.top - size.height - 2)}px`;
      element.style.insetInlineStart = `${Math.max(8, Math.min(cell.left, innerWidth - size.width - 8))}px`;
    }
    element.focus();
  }, [anchor]);

  useEffect(() => {
    const away = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) onClose();
    };
    addEventListener("pointerdown", away, true);
    return () => removeEventListener("pointerdown", away, true);
  }, [onClose]);

  function onKeyDown(event: KeyboardEvent) {
    const last = options.length - 1;
    if (event.key === "ArrowDown") setChosen(Math.min(last, chosen + 1));
    else if (event.key === "ArrowUp") setChosen(Math.max(0, chosen - 1));
    else if (event.key === "Home") setChosen(0);
    else if (event.key === "End") setChosen(last);
    else if (event.key === "Enter" || event.key === " ") pick(options[chosen]);
    else if (event.key === "Escape" || event.key === "Tab") onClose();
    else if (event.key.length === 1) {
      const found = shifts.findIndex((shift) => shift.code.toLowerCase().startsWith(event.key.toLowerCase()));
      if (found >= 0) setChosen(found);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div
      ref={box}
      class="shift-picker"
      role="listbox"
      tabIndex={0}
      aria-label={[label, ...notes].join(", ")}
      aria-activedescendant={`pick-${chosen}`}
      onKeyDown={onKeyDown}
    >
      <p class="shift-picker-label" aria-hidden="true">
        {label}
      </p>
      {notes.map((note) => (
        <p key={note} class="shift-picker-note" aria-hidden="true">
          {note}
        </p>
      ))}
      {options.map((option, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the listbox holds the focus and names its option.
        // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox listens to the keys.
        <div
          key={option === null ? 0 : "run" in option ? option.label : option.id}
          id={`pick-${index}`}
          role="option"
          class={index === chosen ? "option chosen" : "option"}
          aria-selected={option === null ? current === null : "id" in option && option.id === current}
          onClick={() => pick(option)}
        >
          {option && "run" in option ? (
            <>
              <span class="code hue-none" />
              <span>{option.label}</span>
            </>
          ) : option ? (
            <>
              <span class={`code ${shiftClass(option)}`}>{option.code}</span>
              <span>{option.name}</span>
              <span class="soft small">{formatPeriods(option.periods)}</span>
            </>
          ) : (
            <>
              <span class="code hue-none" />
              <span>{t("roster.clear")}</span>
            </>
          )}
        </div>
      ))}
    </div>
  );
}
