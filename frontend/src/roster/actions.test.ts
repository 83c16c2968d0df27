import { expect, test } from "vitest";
import { type Action, actionText, lastReading, nextActions } from "./actions";

const action = (id: number, isUndone: boolean): Action => ({
  id,
  kind: "edited",
  at: "2026-12-01T00:00:00Z",
  is_own: true,
  undone_at: isUndone ? "2026-12-01T00:01:00Z" : null,
  cells: 1,
  team_id: 5,
  first: "2026-12-01",
  last: "2026-12-01",
});

test.each<[string, [number, boolean][], number | undefined, number | undefined]>([
  ["nothing was done", [], undefined, undefined],
  [
    "the newest is undone first",
    [
      [2, false],
      [1, false],
    ],
    2,
    undefined,
  ],
  [
    "what was undone last is redone first",
    [
      [3, true],
      [2, true],
      [1, false],
    ],
    1,
    2,
  ],
  [
    "everything is undone",
    [
      [2, true],
      [1, true],
    ],
    undefined,
    1,
  ],
  [
    "after a new action nothing is redone",
    [
      [3, false],
      [2, true],
      [1, false],
    ],
    3,
    undefined,
  ],
])("%s", (_name, actions, undo, redo) => {
  const next = nextActions(actions.map(([id, isUndone]) => action(id, isUndone)));
  expect([next.undo?.id, next.redo?.id]).toEqual([undo, redo]);
});

test.each([
  ["imported", "2026-12-01", "2026-12-31", "导入 2026年12月 的排班"],
  ["edited", "2026-12-01", "2026-12-03", "改 31 格，12月1–3日"],
  ["filled", "2026-12-01", "2026-12-03", "按规律排 31 格，12月1–3日"],
] as const)("%s in words", (kind, first, last, words) => {
  expect(actionText({ kind, cells: 31, first, last })).toBe(words);
});

test("the latest reading of a team is offered, and a colleague's is not what undo means", () => {
  const readings = [
    { ...action(3, false), kind: "pulled", team_id: 2, is_own: false },
    { ...action(2, false), kind: "pulled", is_own: false },
    action(1, false),
  ] as const;
  expect([lastReading(readings, 5)?.id, lastReading(readings, 2)?.id, lastReading(readings, 3)]).toEqual([
    2,
    3,
    undefined,
  ]);
  expect(nextActions(readings).undo?.id).toBe(1);
});
