import { expect, test } from "vitest";
import { Problem } from "../api/problem";
import type { Change } from "./cells";
import { type Base, type Refusal, RosterDraft, type Saved } from "./draft";

const DAY = "2026-11-24";
const base: Base = {
  dates: ["2026-11-23", DAY],
  rows: [
    { id: 1, name: "Bob", shiftIds: [1, null] },
    { id: 2, name: "Dora", shiftIds: [1, 1] },
  ],
  revision: 7,
};
const bobOnNight: Change = { user_id: 1, date: DAY, shift_id: 2 };

/** A server whose answers are given one by one. */
function draftWith(...answers: (Saved | Problem)[]) {
  const sent: { changes: Change[]; revision: number }[] = [];
  const refusals: Refusal[] = [];
  const draft = new RosterDraft(
    base,
    async (changes, revision) => {
      sent.push({ changes, revision });
      const answer = answers.shift();
      if (!answer || answer instanceof Problem) throw answer;
      return answer;
    },
    (refusal) => refusals.push(refusal),
  );
  return { draft, sent, refusals };
}

const cell = (draft: RosterDraft) => draft.rows.value[0]?.shiftIds[1];

test("a change is seen before it is saved, and stays when it is", async () => {
  const { draft, sent } = draftWith({ revision: 8, warnings: [] });
  const saving = draft.change([bobOnNight]);
  expect(cell(draft)).toBe(2);
  expect(draft.overlay.value.size).toBe(1);
  await saving;
  expect(cell(draft)).toBe(2);
  expect(draft.overlay.value.size).toBe(0);
  expect(draft.base.value.revision).toBe(8);
  expect(sent).toEqual([{ changes: [bobOnNight], revision: 7 }]);
});

test("an error takes the change back and tells why", async () => {
  const { draft, refusals } = draftWith(new Problem(403, { code: "not_your_team" }));
  await draft.change([bobOnNight]);
  expect(cell(draft)).toBeNull();
  expect(refusals).toMatchObject([{ kind: "problem", mine: [bobOnNight] }]);
});

test("somebody else's change of another cell is taken in, and mine is sent again", async () => {
  const theirs = { user_id: 2, date: DAY, shift_id: 3 };
  const { draft, sent, refusals } = draftWith(
    new Problem(409, { code: "roster_stale", revision: 9, changes: [theirs] }),
    { revision: 10, warnings: [] },
  );
  await draft.change([bobOnNight]);
  expect(sent.map((each) => each.revision)).toEqual([7, 9]);
  expect(draft.rows.value.map((row) => row.shiftIds[1])).toEqual([2, 3]);
  expect(refusals).toEqual([]);
});

test("somebody else's change of the same cell wins, and the planner is told", async () => {
  const theirs = { user_id: 1, date: DAY, shift_id: 3 };
  const { draft, sent, refusals } = draftWith(
    new Problem(409, { code: "roster_stale", revision: 9, changes: [theirs] }),
  );
  await draft.change([bobOnNight]);
  expect(sent).toHaveLength(1);
  expect(cell(draft)).toBe(3);
  expect(draft.base.value.revision).toBe(9);
  expect(refusals).toMatchObject([{ kind: "conflict", theirs: [theirs], mine: [bobOnNight] }]);
});

test("what is changed while a save is on its way goes with the next one, the last word per cell", async () => {
  const { draft, sent } = draftWith({ revision: 8, warnings: [] }, { revision: 9, warnings: [] });
  const first = draft.change([bobOnNight]);
  void draft.change([{ ...bobOnNight, shift_id: 1 }]);
  void draft.change([{ ...bobOnNight, shift_id: null }]);
  await first;
  expect(sent.map((each) => each.changes.map((change) => change.shift_id))).toEqual([[2], [null]]);
  expect(sent[1]?.revision).toBe(8);
  expect(cell(draft)).toBeNull();
});

test("a warning stays on its cell until the cell changes again", async () => {
  const warning = { user_id: 1, date: DAY, code: "short_rest", detail: "" };
  const { draft } = draftWith({ revision: 8, warnings: [warning] }, { revision: 9, warnings: [] });
  await draft.change([bobOnNight]);
  expect([...draft.warnings.value.values()]).toEqual([warning]);
  await draft.change([{ ...bobOnNight, shift_id: 1 }]);
  expect(draft.warnings.value.size).toBe(0);
});
