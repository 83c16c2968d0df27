import { expect, test } from "vitest";
import { stretches } from "./stretches";

const told = (total: number, first: number, last: number, active: number) =>
  stretches(total, first, last, active).map(({ gap, start, end }) => `${gap} · ${start}–${end}`);

test.each([
  [20, 0, 20, 3, ["0 · 0–20"]],
  [200, 10, 30, 15, ["10 · 10–30", "170 · 200–200"]],
  [200, 10, 30, 2, ["2 · 2–3", "7 · 10–30", "170 · 200–200"]],
  [200, 10, 30, 150, ["10 · 10–30", "120 · 150–151", "49 · 200–200"]],
  [200, 10, 30, 199, ["10 · 10–30", "169 · 199–200"]],
  [5, 10, 30, 9, ["5 · 5–5"]],
])("of %i rows %i to %i are in sight, the active one is %i", (total, first, last, active, drawn) => {
  expect(told(total, first, last, active)).toEqual(drawn);
});
