import { expect, it } from "vitest";
import { countsOf, previewRows } from "./preview";

const cell = (user_id: number, date: string, before_shift_id: number | null, shift_id: number | null) => ({
  user_id,
  date,
  before_shift_id,
  shift_id,
});
const CELLS = [cell(2, "2026-12-01", null, 1), cell(2, "2026-12-02", 3, 1), cell(3, "2026-12-02", 3, null)];

it("the preview shows the roster as it would be, and what of it is new", () => {
  const roster = {
    dates: ["2026-12-01", "2026-12-02"],
    users: [
      { id: 2, display_name: "王波", team_id: 1, shift_ids: [null, 3] },
      { id: 3, display_name: "李爱丽", team_id: 1, shift_ids: [1, 3] },
    ],
  };
  expect(previewRows(roster, CELLS).map((row) => row.cells)).toEqual([
    [
      { shiftId: 1, change: "new" },
      { shiftId: 1, change: "moved" },
    ],
    [
      { shiftId: 1, change: "none" },
      { shiftId: null, change: "cleared" },
    ],
  ]);
});

it("changes are counted by what they do", () => {
  expect(countsOf(CELLS)).toEqual({ added: 1, moved: 1, cleared: 1 });
});
