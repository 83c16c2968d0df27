import { describe, expect, it } from "vitest";
import type { Shift } from "../../shifts/useShifts";
import { anchorOf, daysIn, drop, evenStep, LONGEST_CYCLE, put, shortRests, staggered } from "./cycle";

describe("a cycle is made slot by slot", () => {
  it("grows at its end while no slot is in hand", () => {
    expect(put({ slots: [1], at: null }, 2)).toEqual({ slots: [1, 2], at: null });
    expect(put({ slots: [], at: null }, null)).toEqual({ slots: [null], at: null });
  });

  it("replaces the slot in hand and takes the next one, so that a row can be retyped", () => {
    const once = put({ slots: [1, 1, 2], at: 1 }, 5);
    expect(once).toEqual({ slots: [1, 5, 2], at: 2 });
    expect(put(once, 6)).toEqual({ slots: [1, 5, 6], at: null });
  });

  it("never grows beyond a year", () => {
    const full = Array<number>(LONGEST_CYCLE).fill(1);
    expect(put({ slots: full, at: null }, 2).slots).toHaveLength(LONGEST_CYCLE);
  });

  it("loses the slot in hand, else its last", () => {
    expect(drop({ slots: [1, 2, 3], at: 1 })).toEqual({ slots: [1, 3], at: 1 });
    expect(drop({ slots: [1, 2, 3], at: 2 })).toEqual({ slots: [1, 2], at: 1 });
    expect(drop({ slots: [1, 2, 3], at: null })).toEqual({ slots: [1, 2], at: null });
    expect(drop({ slots: [1], at: 0 })).toEqual({ slots: [], at: null });
  });
});

describe("offsets", () => {
  it("walk round the cycle", () => {
    expect(staggered([7, 8, 9, 10], 2, 4)).toEqual({ 7: 0, 8: 2, 9: 0, 10: 2 });
    expect(staggered([7], 3, 0)).toEqual({ 7: 0 });
  });

  it.each([
    [4, 4, 1],
    [2, 8, 4],
    [60, 4, 1],
    [0, 4, 0],
  ])("%i people over %i days step by %i", (people, length, step) => {
    expect(evenStep(people, length)).toBe(step);
  });
});

it("a week's pattern begins on the Monday of its first week", () => {
  expect(anchorOf("2026-12-02", true)).toBe("2026-11-30");
  expect(anchorOf("2026-12-02", false)).toBe("2026-12-02");
});

it("days are counted with both ends; backwards or half-typed spans have none", () => {
  expect(daysIn("2026-12-01", "2026-12-31")).toBe(31);
  expect(daysIn("2026-12-02", "2026-12-01")).toBe(0);
  expect(daysIn("", "2026-12-01")).toBe(0);
});

describe("rests within a cycle", () => {
  const shift = (id: number, ...times: string[]) =>
    ({ id, periods: times.map((time) => ({ start: time.slice(0, 5), end: time.slice(6) })) }) as Shift;
  const known = new Map(
    [
      shift(1, "08:00-16:00"),
      shift(2, "16:00-00:00"),
      shift(3, "00:00-08:00"),
      shift(4, "22:00-06:00"),
      shift(5, "10:00-14:00", "18:00-22:30", "23:00-01:00"),
      shift(6),
      shift(7, "20:00-09:00"),
    ].map((each) => [each.id, each]),
  );
  it.each([
    [[1, 1, 2, 2, 3, 3, 6, 6], ["2 3 0"]],
    [[3, 3, 1, 1, 2, 2, 6, 6], []],
    [[1, 4, null, null], []],
    [[4, 1, 6], ["4 1 2"]],
    [[5], ["5 5 9"]],
    [[6, 1, 3], ["1 3 8"]],
    [[3, 2], ["2 3 0"]], // round its end
    [[7, 1], ["7 1 -1"]],
    [[2, 3, 6, 2, 3, 6], ["2 3 0"]],
    [[], []],
  ])("%j: %j", (slots, expected) => {
    const found = shortRests(slots, known);
    expect(found.map(({ before, after, hours }) => `${before.id} ${after.id} ${hours}`)).toEqual(expected);
  });
});
