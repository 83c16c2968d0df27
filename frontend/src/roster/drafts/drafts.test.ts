import { expect, test } from "vitest";
import { byCell } from "../cells";
import { type Draft, draftsOfPeople } from "./drafts";

const draft = (user_id: number, date: string): Draft => ({
  user_id,
  display_name: `P${user_id}`,
  date,
  published_shift_id: 1,
  shift_id: null,
  changed_since: false,
  drafted_by: 9,
  at: "2026-11-23T00:00:00Z",
});
const drafts = [draft(2, "2026-12-01"), draft(3, "2026-12-01"), draft(2, "2026-11-30")];

test("drafts are found by person and date", () => {
  const found = byCell(drafts);
  expect([...found.keys()]).toEqual([2, 3]);
  expect(found.get(2)?.get("2026-11-30")).toBe(drafts[2]);
  expect(found.get(3)?.get("2026-11-30")).toBeUndefined();
});

test("publishing says what changes for whom, in the order of days", () => {
  expect(draftsOfPeople(drafts).map(({ name, drafts }) => [name, drafts.map(({ date }) => date)])).toEqual([
    ["P2", ["2026-11-30", "2026-12-01"]],
    ["P3", ["2026-12-01"]],
  ]);
});
