import { hueClassOf } from "../shifts/colour";

export interface ShiftLook {
  code: string;
  color?: string | null;
  is_rest?: boolean;
  is_night?: boolean;
}

/** The classes that give anything the look of a shift: its hue as the ground, a fine diagonal by night. */
export function shiftClass(shift: ShiftLook): string {
  const hue = shift.is_rest ? "hue-none" : hueClassOf(shift.color);
  return `${hue}${shift.is_night ? " night" : ""}${shift.is_rest ? " rest" : ""}`;
}

/** The code of a shift on its colour, and the name beside it if there is one. */
export function ShiftBadge({ shift, name }: { shift: ShiftLook; name?: string }) {
  return (
    <span class="shift-badge">
      <span class={`code ${shiftClass(shift)}`}>{shift.code}</span>
      {name && <span>{name}</span>}
    </span>
  );
}
