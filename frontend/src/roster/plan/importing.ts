import type { components } from "../../api/schema";
import { normalized } from "../clipboard";

export type Outcome = components["schemas"]["ImportOutcome"];
export type ImportProblem = components["schemas"]["ImportProblem"];
export type Import = components["schemas"]["ImportRead"];

/** What the file's words mean, as the server takes it in the form's `mapping`. */
export interface Mapping {
  people: Record<string, number | "new" | "skip">;
  shifts: Record<string, number | "skip" | "clear" | components["schemas"]["ShiftCreate"]>;
}

/** The server takes this much; a larger file is told so before it travels. */
export const MOST_BYTES = 10_000_000;

export function refusedBefore(file: {
  size: number;
  name: string;
}): "too_large" | "empty" | "old_excel" | null {
  if (file.size > MOST_BYTES) return "too_large";
  if (file.size === 0) return "empty";
  return /\.xls$/i.test(file.name) ? "old_excel" : null;
}

/** A word of the file and what it is to mean; `""` is not decided yet. */
export type PersonMeaning = number | "new" | "skip" | "";
export type ShiftMeaning = number | "new" | "skip" | "clear" | "";

export interface NewShift {
  name: string;
  code: string;
  isRest: boolean;
  start: string;
  end: string;
}

export interface Meanings {
  people: Readonly<Record<string, PersonMeaning>>;
  shifts: Readonly<Record<string, ShiftMeaning>>;
  /** For words that mean a new shift. */
  drafts: Readonly<Record<string, NewShift>>;
}

export const NOTHING_MEANT: Meanings = { people: {}, shifts: {}, drafts: {} };

export interface Unknown {
  word: string;
  rows: number;
  firstRow: number;
}

/** Words that need a person: unknown ones, and names that several people have. */
export function peopleToMap(outcome: Outcome): Unknown[] {
  const found = new Map(
    (outcome.unknown_people ?? []).map((each): [string, Unknown] => [
      each.word,
      { word: each.word, rows: each.rows, firstRow: each.first_row },
    ]),
  );
  for (const problem of outcome.problems ?? []) {
    if (problem.code !== "ambiguous_person" || !problem.value) continue;
    const before = found.get(problem.value);
    found.set(problem.value, {
      word: problem.value,
      rows: (before?.rows ?? 0) + 1,
      firstRow: before?.firstRow ?? problem.row,
    });
  }
  return [...found.values()];
}

export function shiftsToMap(outcome: Outcome): Unknown[] {
  return (outcome.unknown_shifts ?? []).map((each) => ({
    word: each.word,
    rows: each.rows,
    firstRow: each.first_row,
  }));
}

/** What is left of the words once those of earlier rounds are kept in sight. */
export function withEarlier(earlier: readonly Unknown[], now: readonly Unknown[]): Unknown[] {
  const known = new Set(earlier.map((each) => each.word));
  return [...earlier, ...now.filter((each) => !known.has(each.word))];
}

/** What a word of this team's files meant the last time. */
export type Remembered = components["schemas"]["ImportMappingRead"];

export const meaningOf = ({ meaning, user_id, shift_id }: Remembered): number | "skip" | "clear" =>
  meaning === "skip" || meaning === "clear" ? meaning : (user_id ?? shift_id ?? "skip");

/** The memory of a word, whatever its width, case and blanks. */
export const memoryOf = (words: readonly Remembered[], kind: Remembered["kind"], text: string) =>
  words.find((each) => each.kind === kind && normalized(each.word) === normalized(text));

/** What is meant so far, and what the last imports say of words that are still open; null when they add nothing. */
export function recalled(outcome: Outcome, words: readonly Remembered[], meant: Meanings): Meanings | null {
  const more = (kind: Remembered["kind"], unknown: readonly Unknown[], known: object) =>
    Object.fromEntries(
      unknown.flatMap(({ word }) => {
        const memory = word in known ? undefined : memoryOf(words, kind, word);
        return memory ? [[word, meaningOf(memory)]] : [];
      }),
    );
  const people = more("person", peopleToMap(outcome), meant.people) as Record<string, PersonMeaning>;
  const shifts = more("shift", shiftsToMap(outcome), meant.shifts);
  if (Object.keys(people).length + Object.keys(shifts).length === 0) return null;
  return { ...meant, people: { ...meant.people, ...people }, shifts: { ...meant.shifts, ...shifts } };
}

export function draftFor(word: string): NewShift {
  return {
    name: word.slice(0, 40),
    code: [...word].slice(0, 2).join(""),
    isRest: false,
    start: "09:00",
    end: "18:00",
  };
}

/** As the server takes it; what is not decided is left out. */
export function mappingOf({ people, shifts, drafts }: Meanings): Mapping {
  const mapping: Mapping = { people: {}, shifts: {} };
  for (const [word, meaning] of Object.entries(people)) if (meaning !== "") mapping.people[word] = meaning;
  for (const [word, meaning] of Object.entries(shifts)) {
    if (meaning === "") continue;
    if (meaning !== "new") {
      mapping.shifts[word] = meaning;
      continue;
    }
    const draft = drafts[word] ?? draftFor(word);
    mapping.shifts[word] = {
      name: draft.name.trim() || word,
      code: draft.code.trim() || word,
      color: `hue-${1 + ((draft.code.codePointAt(0) ?? 0) % 12)}`,
      is_rest: draft.isRest,
      periods: draft.isRest ? [] : [{ start: draft.start, end: draft.end }],
    };
  }
  return mapping;
}

/** Candidates with most in common with a word first; those with nothing in common as they were. */
export function likeliestFirst<T extends { name: string }>(word: string, candidates: readonly T[]): T[] {
  const signs = new Set(word.toLowerCase());
  const inCommon = ({ name }: T) => [...new Set(name.toLowerCase())].filter((sign) => signs.has(sign)).length;
  return [...candidates].sort((a, b) => inCommon(b) - inCommon(a));
}

/** Problems that no mapping can mend. */
export function otherProblems(outcome: Outcome): ImportProblem[] {
  return (outcome.problems ?? []).filter(
    (each) => !["unknown_person", "unknown_shift", "ambiguous_person"].includes(each.code),
  );
}

/** `B12`, as a spreadsheet names a cell; only the row where the column is not known. */
export function placeOf({ row, column }: { row: number; column: number | null }): string {
  let letters = "";
  for (let left = column ?? 0; left > 0; left = Math.floor((left - 1) / 26))
    letters = String.fromCharCode(65 + ((left - 1) % 26)) + letters;
  return `${letters}${row}`;
}
