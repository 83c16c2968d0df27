import { normalized, REST_WORDS } from "../clipboard";

interface Named {
  id: number;
  code: string;
  name: string;
  is_rest?: boolean;
}

/** What may be typed into a cell. Every word is normalized. */
export interface Codes {
  /** Codes of the shifts, and the words that the team's own files use for them. */
  words: ReadonlyMap<string, number>;
  /** Whole words from an input method: names. They are never waited for. */
  names: ReadonlyMap<string, number>;
  /** The first nine shifts: a digit that begins no code is a position, because 早 and 夜 need an input method. */
  positions: readonly number[];
}

/** A shift's own code comes before a word learned from a file, and both before a name. */
export function codesOf(shifts: readonly Named[], learned: ReadonlyMap<string, number> = new Map()): Codes {
  const words = new Map<string, number>();
  const names = new Map<string, number>();
  const known = new Set(shifts.map((shift) => shift.id));
  const learn = (into: Map<string, number>, word: string, id: number) => {
    const key = normalized(word);
    if (key && !into.has(key)) into.set(key, id);
  };
  for (const shift of shifts) learn(words, shift.code, shift.id);
  for (const [word, id] of learned) if (known.has(id)) learn(words, word, id);
  for (const shift of shifts) learn(names, shift.name, shift.id);
  const [rest, ...others] = shifts.filter((shift) => shift.is_rest);
  if (rest && others.length === 0) for (const word of REST_WORDS) learn(names, word, rest.id);
  return { words, names, positions: shifts.slice(0, 9).map((shift) => shift.id) };
}

/** What a text means, and which longer codes it may become. */
export interface Reading {
  /** The shift with exactly this code, name or position. */
  exact: number | null;
  /** Longer codes that begin with it. */
  longer: readonly string[];
}

export function readCode(codes: Codes, text: string): Reading {
  const wanted = normalized(text);
  const longer = [...codes.words.keys()].filter(
    (word) => word.length > wanted.length && word.startsWith(wanted),
  );
  const position =
    longer.length === 0 && /^[1-9]$/.test(wanted) ? codes.positions[Number(wanted) - 1] : undefined;
  return { exact: codes.words.get(wanted) ?? codes.names.get(wanted) ?? position ?? null, longer };
}

/** A pause after which a letter begins a new code, where the code before it is in the cell already. */
const TYPING_PAUSE_MS = 700;

/**
 * The text typed into a cell so far. `written`: its shift is in the cell already, because no longer code could follow;
 * otherwise it waits for the next letter, for Enter or for the next cell.
 */
export interface Typed {
  text: string;
  written: boolean;
  /** When its last letter was typed, by the clock of events: a page that is busy hears of it later. */
  at: number;
}

export const NOTHING_TYPED: Typed = { text: "", written: false, at: 0 };

/** What is to be done with the cell: a shift to write, or `"restore"`: the shift that was written meant only a part. */
export type TypingEffect = number | "restore" | null;

/** More letters, from a key or an input method. */
export function typeText(
  codes: Codes,
  typed: Typed,
  letters: string,
  at: number,
): { typed: Typed; effect: TypingEffect } {
  const { text: before, written: wasWritten } =
    typed.written && at - typed.at > TYPING_PAUSE_MS ? NOTHING_TYPED : typed;
  const text = before + letters;
  const { exact, longer } = readCode(codes, text);
  if (exact !== null && longer.length === 0) return { typed: { text, written: true, at }, effect: exact };
  return { typed: { text, written: false, at }, effect: wasWritten ? "restore" : null };
}

/** The shift that waiting text means when it is settled: the longest code. Null: no code, or more than one. */
export function settledShift(codes: Codes, { text }: Pick<Typed, "text">): number | null {
  const { exact, longer } = readCode(codes, text);
  if (exact !== null) return exact;
  const meant = new Set(longer.map((word) => codes.words.get(word)));
  return meant.size === 1 ? (meant.values().next().value ?? null) : null;
}
