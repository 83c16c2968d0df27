import { expect, test } from "vitest";
import type { CellChange } from "./draft";
import { EventBalance } from "./eventBalance";

const change = (user_id: number, changed_by: number, at: string, is_draft = false): CellChange => ({
  ...{ user_id, changed_by, at, is_draft, date: "2026-12-01", before_shift_id: null, shift_id: 1 },
});
const NINE = "2026-11-29T09:00:00.5Z";
const LATER = "2026-11-29T09:00:07Z";

test.each<[string, { events: number; saves?: number; merged?: CellChange[][] }, boolean]>([
  ["an own save", { events: 1, saves: 1 }, false],
  ["three own saves", { events: 3, saves: 3 }, false],
  ["a leave", { events: 1 }, true],
  ["a leave beside an own save", { events: 2, saves: 1 }, true],
  [
    "an own save that was merged before its answer came",
    { events: 1, saves: 1, merged: [[change(1, 9, NINE)]] },
    false,
  ],
  ["the same and a leave", { events: 2, saves: 1, merged: [[change(1, 9, NINE)]] }, true],
  ["two own saves, one of them merged", { events: 2, saves: 2, merged: [[change(1, 9, NINE)]] }, false],
  ["what I did in another window", { events: 1, merged: [[change(1, 9, NINE)]] }, false],
  ["a colleague's two cells", { events: 1, merged: [[change(1, 5, NINE), change(2, 5, NINE)]] }, false],
  ["a colleague's two saves", { events: 2, merged: [[change(1, 5, NINE)], [change(1, 5, LATER)]] }, false],
  ["one and a leave", { events: 2, merged: [[change(1, 5, NINE), change(2, 5, NINE)]] }, true],
  ["a leave before a colleague's save", { events: 2, merged: [[], [change(1, 5, NINE)]] }, true],
  ["two colleagues", { events: 2, merged: [[change(1, 5, NINE), change(2, 6, NINE)]] }, false],
  [
    "cells published over drafts",
    { events: 2, merged: [[change(1, 5, NINE), change(1, 5, NINE, true)]] },
    false,
  ],
])("%s", (_, { events, saves = 0, merged = [] }, isLeftOver) => {
  const balance = new EventBalance(7, 9);
  for (let n = 0; n < events; n++) balance.event();
  for (const changes of merged) balance.merge(changes);
  expect(balance.settle(7 + saves)).toBe(isLeftOver);
});

test("an event that is late explains nothing, and nothing is explained by a save before", () => {
  const balance = new EventBalance(0, 9);
  balance.event();
  expect(balance.settle(2)).toBe(false);
  balance.event(); // the second save's, or a leave: nobody knows
  expect(balance.settle(2)).toBe(true);
  balance.event();
  expect(balance.settle(3)).toBe(false);
});
