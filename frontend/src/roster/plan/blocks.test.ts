import { expect, it } from "vitest";
import { blocksAround, spanOf, targetOf } from "./blocks";

it("weeks are named by their Monday, months by year and month", () => {
  expect(blocksAround("week", "2026-11-24", 1, 1)).toEqual(["2026-11-16", "2026-11-23", "2026-11-30"]);
  expect(blocksAround("month", "2026-11-24", 0, 2)).toEqual(["2026-11", "2026-12", "2027-01"]);
});

it("a block has its first and last date", () => {
  expect(spanOf("week", "2026-11-23")).toEqual(["2026-11-23", "2026-11-29"]);
  expect(spanOf("month", "2027-02")).toEqual(["2027-02-01", "2027-02-28"]);
});

it("several times over runs to the end of the last one", () => {
  expect(targetOf("week", "2026-11-23", 3)).toEqual(["2026-11-23", "2026-12-13"]);
  expect(targetOf("month", "2026-12", 2)).toEqual(["2026-12-01", "2027-01-31"]);
});
