import { effect } from "@preact/signals";
import { afterEach, expect, test, vi } from "vitest";
import { currentDate, now, setServerTime } from "./now";
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

test.each([
  [-4, 5, 0],
  [1, 0, 0],
  [-60, 5, -57.5],
  [-60, 0, -60],
  [3600, 0, 3600],
])(
  "an answer of %d s from now that was asked for %d s ago puts the clock %d s ahead",
  (server, ago, ahead) => {
    const here = Date.parse("2026-03-01T16:00:00Z");
    vi.useFakeTimers({ now: here });
    setServerTime(new Date(here + server * 1000).toISOString(), here - ago * 1000);
    expect(now.value).toBe(Math.floor(here / 1000 + ahead) * 1000);
    vi.useRealTimers();
    setServerTime(new Date().toISOString());
  },
);

const sources = import.meta.glob<string>(["../**/*.ts", "../**/*.tsx", "!../**/*.test.*"], {
  eager: true,
  query: "?raw",
  import: "default",
});

test("nothing is rendered each second for the date", () => {
  const found = Object.entries(sources).filter(([, text]) => text.includes("dateOf(now.value)"));
  expect(found.map(([path]) => path)).toEqual(["./now.ts"]);
});

test("what is shown never follows the device's own clock, which may be wrong", () => {
  const found = Object.entries(sources).filter(([, text]) => /Date\.now\(\)|new Date\(\)/.test(text));
  expect(found.map(([path]) => path).sort()).toEqual([
    "../api/client.ts", // when the server was asked
    "../api/offlineCache.ts", // which answer is the newest
    "../api/once.ts", // how long a tab waits
    "../api/opening.ts", // when an answer was asked for
    "../offline.ts", // when a new version was looked for
    "../settings/Doctor.tsx", // tells the server this very clock
    "./now.ts",
  ]);
});
