import { effect } from "@preact/signals";
import { afterEach, expect, test, vi } from "vitest";
import { currentDate, now } from "./now";
import { currentZone, setZone } from "./time";

const zone = currentZone();
afterEach(() => setZone(zone));

test("the date changes at midnight where the work is and with the place, not each second", () => {
  setZone("Asia/Shanghai");
  now.value = Date.parse("2026-03-01T15:59:58Z");
  const seen = vi.fn();
  const dispose = effect(() => seen(currentDate.value));
  for (const second of [59, 60, 61]) now.value = Date.parse("2026-03-01T15:59:00Z") + second * 1000;
  setZone("Europe/Berlin");
  dispose();
  expect(seen.mock.calls.flat()).toEqual(["2026-03-01", "2026-03-02", "2026-03-01"]);
});

test("nothing is rendered each second for the date", () => {
  const sources = import.meta.glob<string>(["../**/*.ts", "../**/*.tsx", "!../**/*.test.*"], {
    eager: true,
    query: "?raw",
    import: "default",
  });
  const found = Object.entries(sources).filter(([, text]) => text.includes("dateOf(now.value)"));
  expect(found.map(([path]) => path)).toEqual(["./now.ts"]);
});
