import { expect, it } from "vitest";
import { needAt, needsOf, tableOf, withNeed } from "./needs";

it("what is typed comes back as needs, shift by shift, general ones first", () => {
  let table = tableOf([{ shift_id: 1, day: "sat", people: 2 }]);
  table = withNeed(table, 1, "any", 3);
  table = withNeed(table, 2, "holiday", 0);
  expect(needsOf(table, [1, 2])).toEqual([
    { shift_id: 1, day: "any", people: 3 },
    { shift_id: 1, day: "sat", people: 2 },
    { shift_id: 2, day: "holiday", people: 0 },
  ]);
});

it("an empty field is no need, which is not the same as nobody", () => {
  const table = withNeed(tableOf([{ shift_id: 1, day: "any", people: 3 }]), 1, "any", null);
  expect(needAt(table, 1, "any")).toBeNull();
  expect(needsOf(table, [1])).toEqual([]);
});

it("a shift that is gone is left out", () => {
  expect(needsOf(tableOf([{ shift_id: 9, day: "any", people: 1 }]), [1])).toEqual([]);
});
