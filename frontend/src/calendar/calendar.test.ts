import { expect, test } from "vitest";
import type { Shift } from "../shifts/useShifts";
import { dayFrom, daysFrom } from "./month";

test.each([
  ["ArrowLeft", "2026-11-23"],
  ["ArrowDown", "2026-12-01"],
  ["Home", "2026-11-23"],
  ["End", "2026-11-29"],
  ["PageUp", "2026-10-24"],
  ["Tab", null],
])("%s from 24 November", (key, to) => {
  expect(dayFrom("2026-11-24", key)).toBe(to);
});

test("a month on from the 31st is the last day of a shorter month", () => {
  expect(dayFrom("2026-10-31", "PageDown")).toBe("2026-11-30");
  expect(dayFrom("2027-01-30", "PageDown")).toBe("2027-02-28");
});

test("my days carry shift and holiday; a day that is not planned has none", () => {
  const early = { id: 4, name: "早班" } as Shift;
  const days = daysFrom(
    {
      dates: ["2026-10-01", "2026-10-10"],
      days: {
        "2026-10-01": { kind: "holiday", name: "国庆节" },
        "2026-10-10": { kind: "makeup_workday", name: "国庆节" },
      },
      users: [{ id: 1, display_name: "Bob", team_id: 1, shift_ids: [null, 4] }],
      revision: 1,
      provisional_years: [],
      marks: [
        {
          id: 9,
          user_id: 1,
          kind: "leave",
          first_date: "2026-10-09",
          last_date: "2026-10-12",
          punch_kind: null,
        },
      ],
    },
    new Map([[4, early]]),
  );
  expect(days.get("2026-10-01")).toEqual({
    date: "2026-10-01",
    kind: "holiday",
    holiday: "国庆节",
    shift: undefined,
    notes: [],
  });
  expect(days.get("2026-10-10")?.shift).toBe(early);
  expect(days.get("2026-10-10")?.notes.map((note) => note.id)).toEqual([9]);
});
