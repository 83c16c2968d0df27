import type { components } from "../../api/schema";
import { normalized } from "../clipboard";
import { ownTranslation } from "./words";

export type Outcome = components["schemas"]["ImportOutcome"];
export type ImportProblem = components["schemas"]["ImportProblem"];
export type Import = components["schemas"]["ImportRead"];

/** What the file's words mean, as the form field `mapping`. */
export interface Mapping {
  people: Record<string, number | "new" | "skip">;
  shifts: Record<string, number | "skip" | "clear" | components["schemas"]["ShiftCreate"]>;
  not_read: string[];
}

/** The server's limit; a larger file is refused before it is sent. */
export const MOST_BYTES = 10_000_000;

export function refusedBefore(file: { size: number; name: string }): "too_large" | "empty" | null {
  if (file.size > MOST_BYTES) return "too_large";
  return file.size === 0 ? "empty" : null;
}

/** What a word of the file means; `""` is not decided yet. */
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
  /** The new shifts that words stand for. */
  drafts: Readonly<Record<string, NewShift>>;
  /** Columns that name other people, and are not to be read. */
  notRead: readonly string[];
}

export const NO_MEANINGS: Meanings = { people: {}, shifts: {}, drafts: {}, notRead: [] };

export interface Unknown {
  word: string;
  rows: number;
  firstRow: number;
  /** The shift that it seems to mean. */
  suggested?: components["schemas"]["ShiftSuggestion"] | null;
}

/** Words to map to a person: unknown ones, and names that several people share. */
export function peopleToMap(outcome: Outcome): Unknown[] {
  const found = new Map(
    (outcome.unknown_people ?? []).map((each): [string, Unknown] => [
      each.word,
      { word: each.word, rows: each.rows, firstRow: each.first_row },
    ]),
  );
  for (const problem of outcome.problems ?? []) {
    if (!["ambiguous_person", "person_contradiction"].includes(problem.code) || !problem.value) continue;
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
    suggested: each.shift,
  }));
}

/** Words that nobody has decided on and that stand for people or shifts that there are not. */
export function missingIn(outcome: Outcome, { people, shifts }: Meanings) {
  const isOpen = (meanings: object) => (each: { word: string }) => !(each.word in meanings);
  return {
    people: (outcome.unknown_people ?? []).filter(isOpen(people)),
    shifts: shiftsToMap(outcome).filter(isOpen(shifts)),
  };
}

/** Every missing person and shift is a new one; null when none is missing. */
export function withMissingAsNew(outcome: Outcome, meant: Meanings): Meanings | null {
  const { people, shifts } = missingIn(outcome, meant);
  if (people.length + shifts.length === 0) return null;
  return shifts.reduce(withNewShift, {
    ...meant,
    people: { ...meant.people, ...Object.fromEntries(people.map(({ word }) => [word, "new" as const])) },
  });
}

/** A word is a new shift: the one that the file describes. */
export const withNewShift = (meant: Meanings, unknown: Unknown): Meanings => ({
  ...meant,
  shifts: { ...meant.shifts, [unknown.word]: "new" },
  drafts: { ...meant.drafts, [unknown.word]: meant.drafts[unknown.word] ?? draftFor(unknown) },
});

/** The words of this round, after those of earlier rounds, which stay listed. */
export function withEarlier(earlier: readonly Unknown[], now: readonly Unknown[]): Unknown[] {
  const known = new Set(earlier.map((each) => each.word));
  return [...earlier, ...now.filter((each) => !known.has(each.word))];
}

/** What a word of this team's files meant in an earlier import. */
export type SavedMapping = components["schemas"]["ImportMappingRead"];

export const meaningOf = ({ meaning, user_id, shift_id }: SavedMapping): number | "skip" | "clear" =>
  meaning === "skip" || meaning === "clear" ? meaning : (user_id ?? shift_id ?? "skip");

/** The saved mapping of a word; width, case and blanks do not matter. */
export const savedMappingOf = (words: readonly SavedMapping[], kind: SavedMapping["kind"], text: string) =>
  words.find((each) => each.kind === kind && normalized(each.word) === normalized(text));

/** The meanings so far, with saved mappings for the words still open; null when they add nothing. */
export function withSavedMappings(
  outcome: Outcome,
  words: readonly SavedMapping[],
  meant: Meanings,
): Meanings | null {
  const more = (kind: SavedMapping["kind"], unknown: readonly Unknown[], known: object) =>
    Object.fromEntries(
      unknown.flatMap(({ word }) => {
        const saved = word in known ? undefined : savedMappingOf(words, kind, word);
        return saved ? [[word, meaningOf(saved)]] : [];
      }),
    );
  const people = more("person", peopleToMap(outcome), meant.people) as Record<string, PersonMeaning>;
  const shifts = more("shift", shiftsToMap(outcome), meant.shifts);
  if (Object.keys(people).length + Object.keys(shifts).length === 0) return null;
  return { ...meant, people: { ...meant.people, ...people }, shifts: { ...meant.shifts, ...shifts } };
}

/** Times are left open where the file does not say them: guessed ones would remind at the wrong time. */
export function draftFor({ word, suggested }: Pick<Unknown, "word" | "suggested">): NewShift {
  return {
    name: suggested?.name ?? word.slice(0, 40),
    code: suggested?.code ?? [...word].slice(0, 2).join(""),
    isRest: suggested != null && suggested.start === null,
    start: suggested?.start ?? "",
    end: suggested?.end ?? "",
  };
}

export const isComplete = (draft: NewShift) => draft.isRest || (draft.start !== "" && draft.end !== "");

/** The request's `mapping`; what is not decided or not complete is left out. */
export function mappingOf({ people, shifts, drafts, notRead }: Meanings): Mapping {
  const mapping: Mapping = { people: {}, shifts: {}, not_read: [...notRead] };
  for (const [word, meaning] of Object.entries(people)) if (meaning !== "") mapping.people[word] = meaning;
  for (const [word, meaning] of Object.entries(shifts)) {
    if (meaning === "") continue;
    if (meaning !== "new") {
      mapping.shifts[word] = meaning;
      continue;
    }
    const draft = drafts[word] ?? draftFor({ word });
    if (!isComplete(draft)) continue;
    mapping.shifts[word] = {
      name: draft.name.trim() || word,
      code: draft.code.trim() || word,
      color: `hue-${1 + ((draft.code.codePointAt(0) ?? 0) % 12)}`,
      is_rest: draft.isRest,
      asks_clock_out: true,
      periods: draft.isRest ? [] : [{ start: draft.start, end: draft.end }],
    };
  }
  return mapping;
}

/** Candidates that share the most characters with a word come first; the others keep their order. */
export function likeliestFirst<T extends { label: string }>(word: string, candidates: readonly T[]): T[] {
  const signs = new Set(word.toLowerCase());
  const inCommon = ({ label }: T) =>
    [...new Set(label.toLowerCase())].filter((sign) => signs.has(sign)).length;
  return [...candidates].sort((a, b) => inCommon(b) - inCommon(a));
}

/** The first cell of the roster that a word is about. */
export const placeOfWord = (outcome: Outcome, word: string) =>
  (outcome.problems ?? []).find((each) => each.value === word && each.line != null);

/** Problems that no mapping can solve. */
export function otherProblems(outcome: Outcome): ImportProblem[] {
  return (outcome.problems ?? []).filter(
    (each) => !["unknown_person", "unknown_shift", "ambiguous_person"].includes(each.code),
  );
}

/** What a problem is about, and what is wrong with it; with it the column that names other people. */
export function inWords({ code, value, detail, row }: ImportProblem) {
  const cut = ["person_twice", "person_beside"].includes(code) ? value.lastIndexOf(" = ") : -1;
  const [about, rest] = cut < 0 ? [value, ""] : [value.slice(0, cut), value.slice(cut + 3)];
  const wrong = ownTranslation(`problem.${code}`, { first: rest, row }) ?? detail;
  return { about, wrong, column: code === "person_beside" ? rest : null };
}

/** A column that is read, or not, another time. */
export const withColumn = (meant: Meanings, column: string, isRead: boolean): Meanings => ({
  ...meant,
  notRead: [...meant.notRead.filter((each) => each !== column), ...(isRead ? [] : [column])],
});

/** `B12`, as a spreadsheet names a cell; only the row if the column is unknown. */
export function placeOf({ row, column }: { row: number | ""; column: number | null }): string {
  let letters = "";
  for (let left = column ?? 0; left > 0; left = Math.floor((left - 1) / 26))
    letters = String.fromCharCode(65 + ((left - 1) % 26)) + letters;
  return `${letters}${row}`;
}

/** A column by its heading; without one (`#3`) by its letters. */
export const columnName = (column: string) =>
  column.startsWith("#") ? placeOf({ row: "", column: Number(column.slice(1)) }) : column;
