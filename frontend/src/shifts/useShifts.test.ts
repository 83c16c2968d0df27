import { expect, test } from "vitest";
import { nameOfShift, type Shift } from "./useShifts";

const early = { id: 1, name: "早班" } as Shift;

test.each([
  [[early], 1, "早班"],
  [[early], 2, "已删除"],
  [[], 1, "…"],
] as [Shift[], number, string][])("the name of a shift among %o", (all, id, name) => {
  expect(nameOfShift(new Map(all.map((shift) => [shift.id, shift])), id, "已删除")).toBe(name);
});
