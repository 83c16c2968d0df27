import { expect, test } from "vitest";
import type { Shift } from "../shifts/useShifts";
import { termsText } from "./terms";

const shifts = new Map([[1, { id: 1, name: "早班" } as Shift]]);
const terms = { user_id: 9, shift_ids: null, least_hours: null, most_hours: null, most_days: null };

test.each([
  [undefined, "所有班次，不限工时，最多连上 6 天。"],
  [terms, "所有班次，不限工时，最多连上 6 天。"],
  [{ ...terms, shift_ids: [] }, "不排任何班次。"],
  [
    { ...terms, shift_ids: [1], least_hours: 0, most_hours: 160.5, most_days: 5 },
    "只排早班。每月至少 0 小时。每月最多 160.5 小时。最多连上 5 天。",
  ],
])("%o", (given, expected) => {
  expect(termsText(given, shifts)).toBe(expected);
});
