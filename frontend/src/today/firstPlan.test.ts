import { expect, test } from "vitest";
import { fillsOf } from "./firstPlan";

const SATURDAY = "2026-11-28";
const only = { cycle: [7], from: SATURDAY, to: SATURDAY, calendar: "ignore" };

test.each([
  ["today", [only]],
  ["daily", [{ ...only, to: "2026-12-25" }]],
  [
    "workdays", // today too, even if it is a Saturday
    [
      only,
      {
        cycle: [7, 7, 7, 7, 7, null, null],
        anchor: "2026-11-23",
        calendar: "follow",
        from: "2026-11-29",
        to: "2026-12-25",
      },
    ],
  ],
] as const)("the first plan for %s", (days, fills) => {
  expect(fillsOf(days, 7, SATURDAY)).toEqual(fills);
});
