import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Problem } from "../api/problem";
import type { Change, RosterRow } from "./cells";
import { type Base, type CellChange, RosterDraft, type Saved } from "./draft";

const DAY = "2026-11-24";
const TEAM = 5;
const DORA = 44;
const EARLY = 1;
const NIGHT = 2;
const REST = 3;
const bob = (shiftId: number | null): RosterRow => ({ id: 1, name: "Bob", shiftIds: [EARLY, shiftId] });
const dora: RosterRow = { id: 2, name: "Dora", shiftIds: [EARLY, EARLY] };
const base = (revision: number, ofBob: number | null): Base => ({
  teamId: TEAM,
  dates: ["2026-11-23", DAY],
  rows: [bob(ofBob), dora],
  revision,
});
const december: Base = {
  teamId: TEAM,
  dates: ["2026-12-01"],
  rows: [{ id: 1, name: "Bob", shiftIds: [null] }],
  revision: 7,
};
const bobOn = (shift_id: number | null): Change => ({ user_id: 1, date: DAY, shift_id });
const saved = (revision: number, more: Partial<Saved> = {}): Saved => ({
  changed: 1,
  revision,
  warnings: [],
  missed: [],
  ...more,
});
const theirs = (shift_id: number | null, user_id = 1, date = DAY): CellChange => ({
  user_id,
  date,
  before_shift_id: null,
  is_draft: false,
  shift_id,
  changed_by: DORA,
  at: "2026-11-24T08:00:00Z",
});
const stale = (revision: number, ...changes: CellChange[]) =>
  new Problem(409, { code: "roster_stale", revision, changes });

interface Asked {
  shifts: (number | null)[];
  revision: number;
  goesOn: boolean;
  answer: (with_: Saved | Error) => Promise<void>;
}

/** A draft at revision 7 with Bob's cell empty, and a server that the test answers for. */
function newDraft() {
  const asked: Asked[] = [];
  const refused: unknown[] = [];
  const draft = new RosterDraft(
    (changes, revision, goesOn) =>
      new Promise((resolve, reject) => {
        asked.push({
          shifts: changes.map((change) => change.shift_id),
          revision,
          goesOn,
          answer: async (given) => {
            if (given instanceof Error) reject(given);
            else resolve(given);
            await settled();
          },
        });
      }),
    (error) => refused.push(error),
  );
  draft.show(base(7, null));
  const last = () => {
    const found = asked.at(-1);
    if (!found) throw new Error("nothing was sent");
    return found;
  };
  return { draft, asked, refused, last };
}

const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};
const cell = (draft: RosterDraft) => draft.rows.value[0]?.shiftIds[1];
const conflicts = (draft: RosterDraft) => [...draft.conflicts.value.values()];

test("a change is shown before it is saved, and stays afterwards", async () => {
  const { draft, asked, last } = newDraft();
  void draft.change([bobOn(NIGHT)]);
  expect(cell(draft)).toBe(NIGHT);
  await last().answer(saved(8));
  expect(cell(draft)).toBe(NIGHT);
  expect(draft.overlay.value.size).toBe(0);
  expect(draft.base.value.revision).toBe(8);
  expect(asked).toMatchObject([{ shifts: [NIGHT], revision: 7 }]);
});

test("changes made during a save go with the next one, the last value per cell", async () => {
  const { draft, asked, last } = newDraft();
  void draft.change([bobOn(NIGHT)]);
  void draft.change([bobOn(EARLY)]);
  void draft.change([bobOn(null)]);
  await last().answer(saved(8));
  expect(cell(draft)).toBeNull();
  expect(asked).toMatchObject([
    { shifts: [NIGHT], revision: 7 },
    { shifts: [null], revision: 8 },
  ]);
  await last().answer(saved(9));
  expect([cell(draft), draft.overlay.value.size]).toEqual([null, 0]);
});

test("a cell that is changed again goes last: the server undoes from the end", async () => {
  const { draft, asked, last } = newDraft();
  void draft.change([bobOn(EARLY)]);
  void draft.change([bobOn(NIGHT)]);
  void draft.change([{ user_id: 2, date: DAY, shift_id: REST }]);
  void draft.change([bobOn(null)]);
  await last().answer(saved(8));
  expect(asked.at(-1)?.shifts).toEqual([REST, null]);
});

test("a refusal reverts the change and reports why", async () => {
  const { draft, refused, last } = newDraft();
  void draft.change([bobOn(NIGHT)]);
  await last().answer(new Problem(403, { code: "not_your_team" }));
  expect(cell(draft)).toBeNull();
  expect(refused).toMatchObject([{ code: "not_your_team" }]);
});

describe("a refusal names what it is about, and the rest is saved", () => {
  const doraOn = (date: string, shift_id: number): Change => ({ user_id: 2, date, shift_id });
  const all = [bobOn(NIGHT), doraOn(DAY, NIGHT), doraOn("2026-11-23", REST)];
  const about = (code: string, ...places: [number, string][]) => ({
    code,
    errors: places.map(([index, field]) => ({ loc: ["body", "assignments", index, field], code, msg: "" })),
  });
  test.each([
    ["a person who is gone", 422, about("unknown_user", [1, "user_id"]), [NIGHT]],
    ["a person who has moved away", 403, about("not_your_team", [0, "user_id"]), [NIGHT, REST]],
    ["several people", 403, about("not_your_team", [0, "user_id"], [1, "user_id"]), null],
    ["a shift that is gone", 422, about("unknown_shift", [0, "shift_id"]), [REST]],
    [
      "a person whose team has not this shift",
      422,
      about("shift_of_other_team", [0, "shift_id"]),
      [NIGHT, REST],
    ],
    ["nothing", 403, { code: "forbidden" }, null],
    ["the whole request", 422, { code: "invalid", errors: [{ loc: ["body"], code: "x", msg: "" }] }, null],
  ])("%s", async (_, status, body, sentAgain) => {
    const { draft, asked, refused, last } = newDraft();
    void draft.change(all);
    await last().answer(new Problem(status, body));
    expect(refused).toHaveLength(1);
    expect(asked.slice(1).map((each) => each.shifts)).toEqual(sentAgain ? [sentAgain] : []);
    if (sentAgain) await last().answer(saved(8));
    expect([draft.overlay.value.size, draft.saveDelay.value]).toEqual([0, null]);
  });
});

describe("answers that overtake each other", () => {
  test("an answer requested before my save does not overwrite it, nor lower the revision", async () => {
    const { draft, asked, last } = newDraft();
    void draft.change([bobOn(NIGHT)]);
    await last().answer(saved(8));
    void draft.change([bobOn(null)]);
    await last().answer(saved(9));
    draft.show(base(8, NIGHT)); // requested after the first save, answered after the second
    expect(cell(draft)).toBeNull();
    void draft.change([bobOn(EARLY)]);
    expect(last().revision).toBe(9);
    await last().answer(saved(10));
    draft.show(base(9, null));
    expect(cell(draft)).toBe(EARLY);
    expect(conflicts(draft)).toEqual([]);
    expect(asked).toHaveLength(3);
  });

  test("an answer older than the one shown is ignored", () => {
    const { draft } = newDraft();
    draft.show(base(12, REST));
    draft.show(base(8, NIGHT));
    expect(cell(draft)).toBe(REST);
    expect(draft.base.value.revision).toBe(12);
  });

  test("an answer newer than my save stays when the save is answered", async () => {
    const { draft, last } = newDraft();
    void draft.change([bobOn(NIGHT)]);
    draft.show(base(9, REST)); // mine was 8, and another planner changed the cell at 9
    await last().answer(saved(8));
    expect(cell(draft)).toBe(REST);
    expect(draft.base.value.revision).toBe(9);
  });

  test("my own change that comes back as an event is no conflict", async () => {
    const { draft, last } = newDraft();
    void draft.change([bobOn(NIGHT)]);
    draft.mergeRemote([{ ...theirs(NIGHT), changed_by: 1 }], 7, 8, TEAM);
    void draft.change([bobOn(EARLY)]);
    await last().answer(saved(8));
    expect(last()).toMatchObject({ shifts: [EARLY], revision: 8 });
    await last().answer(saved(9));
    expect([cell(draft), conflicts(draft)]).toEqual([EARLY, []]);
  });

  test("changes that start after the revision shown do not raise it", () => {
    const { draft } = newDraft();
    draft.mergeRemote([theirs(REST)], 9, 12, TEAM);
    expect(cell(draft)).toBe(REST);
    expect(draft.base.value.revision).toBe(7);
  });
});

describe("two planners at once", () => {
  test("changes of other cells are merged, and mine is sent again", async () => {
    const { draft, asked, last } = newDraft();
    void draft.change([bobOn(NIGHT)]);
    await last().answer(stale(9, theirs(REST, 2)));
    expect(asked.map((each) => each.revision)).toEqual([7, 9]);
    await last().answer(saved(10));
    expect(draft.rows.value.map((row) => row.shiftIds[1])).toEqual([NIGHT, REST]);
    expect(conflicts(draft)).toEqual([]);
  });

  test("what others changed in other cells comes with the answer", async () => {
    const { draft, last } = newDraft();
    void draft.change([bobOn(NIGHT)]);
    await last().answer(saved(9, { missed: [theirs(REST, 2)] }));
    expect(draft.rows.value.map((row) => row.shiftIds[1])).toEqual([NIGHT, REST]);
  });

  test("in the same cell theirs stays, the rest of mine is saved, and the conflict can be decided", async () => {
    const { draft, asked, last } = newDraft();
    void draft.change([bobOn(NIGHT), { user_id: 2, date: DAY, shift_id: NIGHT }]);
    await last().answer(stale(9, theirs(REST)));
    expect(last()).toMatchObject({ shifts: [NIGHT], revision: 9 });
    await last().answer(saved(10));
    expect(draft.rows.value.map((row) => row.shiftIds[1])).toEqual([REST, NIGHT]);
    expect(conflicts(draft)).toMatchObject([{ mine: NIGHT, theirs: REST, changed_by: DORA }]);

    void draft.keepMine(conflicts(draft), "a");
    expect([cell(draft), conflicts(draft)]).toEqual([NIGHT, []]);
    await last().answer(saved(11));
    expect([cell(draft), asked.length]).toEqual([NIGHT, 3]);
  });

  test("keeping mine conflicts again with a third change", async () => {
    const { draft, last } = newDraft();
    void draft.change([bobOn(NIGHT)]);
    await last().answer(stale(9, theirs(REST)));
    void draft.keepMine(conflicts(draft), "a");
    await last().answer(stale(10, theirs(EARLY)));
    expect(cell(draft)).toBe(EARLY);
    expect(conflicts(draft)).toMatchObject([{ mine: NIGHT, theirs: EARLY }]);
  });

  test("keeping theirs removes the conflict and sends nothing", async () => {
    const { draft, asked, last } = newDraft();
    void draft.change([bobOn(NIGHT)]);
    await last().answer(stale(9, theirs(REST)));
    draft.keepTheirs(conflicts(draft));
    expect([cell(draft), conflicts(draft), asked.length]).toEqual([REST, [], 1]);
  });

  test("the same value is no conflict", async () => {
    const { draft, last } = newDraft();
    void draft.change([bobOn(NIGHT)]);
    await last().answer(stale(9, theirs(NIGHT)));
    await last().answer(saved(9));
    expect([cell(draft), conflicts(draft)]).toEqual([NIGHT, []]);
  });
});

test("what somebody changed since a preview is theirs until the planner decides", async () => {
  const { draft, asked, last } = newDraft();
  draft.show(base(9, REST)); // the preview was read at revision 7, when the cell was empty
  void draft.change(
    [
      { ...bobOn(NIGHT), seen: null },
      { user_id: 2, date: DAY, shift_id: NIGHT, seen: EARLY },
    ],
    7,
  );
  expect(conflicts(draft)).toMatchObject([{ mine: NIGHT, theirs: REST }]);
  expect(cell(draft)).toBe(REST);
  await last().answer(saved(10));
  expect(asked.map((each) => each.shifts)).toEqual([[NIGHT]]);
});

test("in a month that is not shown, too", async () => {
  const { draft, last } = newDraft();
  void draft.change([{ user_id: 1, date: "2026-12-01", shift_id: NIGHT, seen: null }], 5);
  expect(last().revision).toBe(5);
  await last().answer(stale(9, theirs(REST, 1, "2026-12-01")));
  expect(conflicts(draft)).toMatchObject([{ mine: NIGHT, theirs: REST, changed_by: DORA }]);
});

describe("without a connection", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("changes are kept, reported, and saved later", async () => {
    const { draft, asked, refused, last } = newDraft();
    void draft.change([bobOn(NIGHT)]);
    await last().answer(new Problem(0));
    expect(cell(draft)).toBe(NIGHT);
    expect(draft.saveDelay.value).toMatchObject({ attempt: 0 });
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toHaveLength(2);
    await last().answer(saved(8));
    expect([cell(draft), draft.saveDelay.value, refused]).toEqual([NIGHT, null, []]);
  });

  test.each([
    ["a proxy in between refuses", new Problem(403)],
    ["a network wants a sign-in first", new Problem(511)],
    ["the answer is a page, not ours", new SyntaxError("Unexpected token <")],
    ["the server fails", new Problem(500, { code: "internal_error" })],
  ])("changes are kept where %s", async (_, error) => {
    const { draft, refused, asked, last } = newDraft();
    void draft.change([bobOn(NIGHT)]);
    await last().answer(error);
    expect([cell(draft), refused, draft.overlay.value.size]).toEqual([NIGHT, [], 1]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toHaveLength(2);
  });

  test("another planner's change of the same cell is not overwritten afterwards", async () => {
    const { draft, asked, last } = newDraft();
    void draft.change([bobOn(NIGHT)]);
    await last().answer(new Problem(503));
    draft.show(base(12, REST));
    expect(cell(draft)).toBe(NIGHT);
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toHaveLength(1);
    expect(cell(draft)).toBe(REST);
    expect(conflicts(draft)).toMatchObject([{ mine: NIGHT, theirs: REST }]);
  });

  test("a save whose answer was lost does not conflict with itself, even if the cell was changed again", async () => {
    const { draft, last } = newDraft();
    void draft.change([bobOn(NIGHT)]);
    await last().answer(new Problem(0)); // it had been saved as revision 8
    void draft.change([bobOn(EARLY)]);
    await last().answer(stale(8, { ...theirs(NIGHT), changed_by: 1 }));
    expect(last()).toMatchObject({ shifts: [EARLY], revision: 8 });
    await last().answer(saved(9));
    expect([cell(draft), conflicts(draft)]).toEqual([EARLY, []]);
  });

  test("after a change of month the hidden cell is sent with the revision that the planner saw", async () => {
    const { draft, asked, last } = newDraft();
    void draft.change([bobOn(NIGHT)]);
    await last().answer(new Problem(0));
    draft.show({ ...december, revision: 20 });
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked.map((each) => each.revision)).toEqual([7, 7]);
    await last().answer(stale(20, theirs(REST)));
    expect(asked).toHaveLength(2);
    expect(conflicts(draft)).toMatchObject([{ mine: NIGHT, theirs: REST, changed_by: DORA }]);
  });

  test("signed out, changes wait without requests until the roster is opened again", async () => {
    const { draft, asked, last } = newDraft();
    void draft.change([bobOn(NIGHT)]);
    await last().answer(new Problem(401));
    await vi.advanceTimersByTimeAsync(120_000);
    expect([asked.length, cell(draft)]).toEqual([1, NIGHT]);
    void draft.retry();
    await last().answer(saved(8));
    expect([asked.length, draft.overlay.value.size]).toEqual([2, 0]);
  });

  test("nothing more is sent for a person after another one has signed in", async () => {
    const { draft, asked, last } = newDraft();
    void draft.change([bobOn(NIGHT)]);
    await last().answer(new Problem(0));
    draft.abandon();
    await vi.advanceTimersByTimeAsync(120_000);
    expect([asked.length, cell(draft)]).toEqual([1, null]);
  });

  test("back in the month, an unsaved change is still shown over the answer", async () => {
    const { draft, last } = newDraft();
    void draft.change([bobOn(NIGHT)]);
    await last().answer(new Problem(0));
    draft.show(december);
    draft.show(base(7, null));
    expect(cell(draft)).toBe(NIGHT);
  });
});

test("a warning stays on its cell until an answer covers its person and days", async () => {
  const warning = { user_id: 1, date: DAY, code: "short_rest" as const, detail: "", values: { hours: 8 } };
  const { draft, last } = newDraft();
  void draft.change([bobOn(NIGHT)]);
  await last().answer(saved(8, { warnings: [warning] }));
  expect(draft.warnings.value.get(1)?.get(DAY)).toEqual([warning]);
  const before = draft.warnings.value.get(1);
  void draft.change([{ user_id: 2, date: DAY, shift_id: NIGHT }]);
  await last().answer(saved(9));
  expect(draft.warnings.value.get(1)).toBe(before);
  void draft.change([bobOn(EARLY)]);
  await last().answer(saved(10));
  expect(draft.warnings.value.size).toBe(0);
});

test("what does not fit into one request follows without a wait for the screen, and what comes later waits for it", async () => {
  const { draft, asked, last } = newDraft();
  void draft.change(Array.from({ length: 5001 }, (_, user_id) => ({ user_id, date: DAY, shift_id: NIGHT })));
  void draft.change([{ user_id: 9001, date: DAY, shift_id: EARLY }]);
  await last().answer(saved(8));
  void draft.change([{ user_id: 9002, date: DAY, shift_id: EARLY }]);
  await last().answer(saved(9));
  await last().answer(saved(10));
  expect(asked.map(({ shifts, goesOn }) => [shifts.length, goesOn])).toEqual([
    [5000, false],
    [2, true],
    [1, false],
  ]);
});
