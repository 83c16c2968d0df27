import { describe, expect, test } from "vitest";
import type { Import, SavedMapping } from "./importing";
import { asHalfDone, EMPTY_IMPORT, type ImportState, importReducer, importView } from "./importState";

const FILE = new File(["x"], "roster.csv");
const job = (status: Import["status"], outcome: object | null = null) =>
  ({ id: 1, status, outcome, percent: 40, is_dry_run: true }) as unknown as Import;
const unknown = (...words: string[]) => words.map((word) => ({ word, rows: 1, first_row: 2 }));
const saved = (kind: SavedMapping["kind"], word: string) => ({ id: 1, kind, word }) as SavedMapping;

const after = (...actions: Parameters<typeof importReducer>[1][]): ImportState =>
  actions.reduce(importReducer, EMPTY_IMPORT);

test("another file keeps the options, and nothing else", () => {
  const state = after(
    { type: "chosen", file: FILE },
    { type: "option", change: { month: "2026-12" } },
    { type: "meanings", meanings: { people: { Bo: 3 }, shifts: {}, drafts: {}, notRead: [] } },
    { type: "failed", problem: "too large" },
    { type: "chosen", file: null },
  );
  expect(state).toEqual({ ...EMPTY_IMPORT, options: { ...EMPTY_IMPORT.options, month: "2026-12" } });
});

test("a run goes from sending over progress to its end", () => {
  let state = after({ type: "chosen", file: FILE }, { type: "sending" });
  expect(importView(state)).toMatchObject({ isBusy: true, isRunning: false, outcome: null });
  state = importReducer(state, { type: "progress", job: job("running") });
  expect(importView(state)).toMatchObject({ isBusy: true, isRunning: true, canWrite: false });
  state = importReducer(state, { type: "ended", job: job("checked", { cells: 3, added: 2, moved: 1 }) });
  expect(importView(state)).toMatchObject({ isBusy: false, changes: 3, canWrite: true });
});

test("of an import that is not finished all is kept that was chosen", () => {
  const meanings = { people: { Bo: 3 }, shifts: {}, drafts: {}, notRead: ["师傅"] };
  const state = after(
    { type: "chosen", file: FILE },
    { type: "ended", job: job("checked", { unknown_people: unknown("Bo") }) },
    { type: "meanings", meanings },
    { type: "option", change: { month: "2026-12" } },
    { type: "failed", problem: "Your session has ended." },
  );
  const kept = asHalfDone(state);
  expect(kept).toMatchObject({
    file: FILE,
    meanings,
    options: { month: "2026-12" },
    problem: null,
    job: null,
  });
  expect(kept.unknown.people.map((each) => each.word)).toEqual(["Bo"]);
});

test("words of earlier rounds stay listed after they are mapped", () => {
  const state = after(
    { type: "ended", job: job("checked", { unknown_people: unknown("Bo"), unknown_shifts: unknown("X") }) },
    { type: "ended", job: job("checked", { unknown_people: unknown("Al") }) },
  );
  expect(state.unknown.people.map((each) => each.word)).toEqual(["Bo", "Al"]);
  expect(state.unknown.shifts.map((each) => each.word)).toEqual(["X"]);
});

test("what is forgotten loses its meaning, whatever its width and case", () => {
  const [bo, x] = [saved("person", "BO"), saved("shift", "X")];
  const state = after(
    { type: "meanings", meanings: { people: { bo: 3, Al: 4 }, shifts: { X: 5 }, drafts: {}, notRead: [] } },
    { type: "saved_mappings", saved: [bo, x] },
    { type: "forgotten", saved: [bo] },
  );
  expect(state.meanings.people).toEqual({ Al: 4 });
  expect(state.meanings.shifts).toEqual({ X: 5 });
  expect(state.savedMappings).toEqual([x]);
});

describe("it may be written", () => {
  const checked = (outcome: object, change = {}) =>
    importView(
      after({ type: "option", change }, { type: "sending" }, { type: "ended", job: job("refused", outcome) }),
    ).canWrite;

  test.each([
    [{ cells: 0 }, false],
    [{ cells: 2, same: 2 }, false],
    [{ cells: 2, added: 2, failure: "file_empty" }, false],
    [{ cells: 2, added: 1 }, true],
    [{ cells: 2, moved: 1 }, true],
    [{ cells: 2, cleared: 1 }, true],
    [{ cells: 2, new_people: ["Bo"] }, true],
    [{ cells: 2, new_shifts: ["X"] }, true],
  ])("not without anything new, and not with a failure: %j", (outcome, may) => {
    expect(checked(outcome)).toBe(may);
  });

  test("not after something was chosen that was not checked", () => {
    const ended = { type: "ended", job: job("checked", { cells: 2, added: 2 }) } as const;
    const blanks = { type: "option", change: { clearsBlanks: true } } as const;
    expect(importView(after(ended, blanks)).canWrite).toBe(false);
    expect(importView(after(ended, { type: "meanings", meanings: EMPTY_IMPORT.meanings })).canWrite).toBe(
      false,
    );
    expect(importView(after(blanks, { type: "sending" }, ended)).canWrite).toBe(true);
  });

  test("with problems only where invalid rows are skipped", () => {
    expect(checked({ cells: 2, added: 2, problem_count: 1 })).toBe(false);
    expect(checked({ cells: 2, added: 2, problem_count: 1 }, { skipsInvalidRows: true })).toBe(true);
  });
});
