import { normalized } from "../clipboard";

interface Coded {
  id: number;
  code: string;
}

/**
 * The shift that the typed letters mean: the one with exactly this code, or the only one whose code starts with them. A digit
 * that starts no code is a position in the list, because 早 and 夜 need an input method. `isFinal`: no further letter could
 * mean another shift.
 */
export function matchCode<T extends Coded>(
  shifts: readonly T[],
  typed: string,
): { shift: T | null; isFinal: boolean } {
  const wanted = typed.toLowerCase();
  const starting = shifts.filter((shift) => shift.code.toLowerCase().startsWith(wanted));
  const atPosition = /^[1-9]$/.test(typed) && starting.length === 0 ? shifts[Number(typed) - 1] : undefined;
  if (atPosition) return { shift: atPosition, isFinal: true };
  const exact = starting.find((shift) => shift.code.toLowerCase() === wanted) ?? null;
  return {
    shift: exact ?? (starting.length === 1 ? (starting[0] ?? null) : null),
    isFinal: starting.length <= 1,
  };
}

export interface TypedCode<T> {
  shift: T | null;
  /** The letter belongs to the code that was begun before: both are one step of undo. */
  continues: boolean;
  /** What the next letter is added to; empty when the code is complete. */
  pending: string;
}

/** One more letter after the `pending` ones. If together they mean nothing, the letter begins a new code. */
export function typeLetter<T extends Coded>(
  shifts: readonly T[],
  pending: string,
  letter: string,
): TypedCode<T> {
  const longer = matchCode(shifts, pending + letter);
  const isPossible = longer.shift !== null || !longer.isFinal;
  const continues = pending !== "" && isPossible;
  const { shift, isFinal } = isPossible ? longer : matchCode(shifts, letter);
  return { shift, continues, pending: isFinal ? "" : continues ? pending + letter : letter };
}

/** The shift meant by text from an input method or a soft keyboard: a code or a name, at any letter width. */
export function matchText<T extends Coded & { name: string }>(shifts: readonly T[], text: string): T | null {
  const wanted = normalized(text);
  return (
    shifts.find((shift) => normalized(shift.code) === wanted || normalized(shift.name) === wanted) ??
    matchCode(shifts, wanted).shift
  );
}
