import { expect, test } from "vitest";
import {
  cellWarnings,
  groupedFindings,
  peopleFindings,
  shortShifts,
  staffingFindings,
  unplannedMonths,
} from "./findings";
import type { Warning } from "./warnings";

const DATES = ["2026-11-30", "2026-12-01", "2026-12-02"];
const TODAY = "2026-12-01";
const rowOf = new Map([
  [11, 0],
  [12, 1],
]);
const rows = [
  { id: 11, name: "Alice", shiftIds: [null, null, null] },
  { id: 12, name: "Bob", shiftIds: [null, null, null] },
];
const warning = (user_id: number, date: string, code: Warning["code"] = "inactive"): Warning => ({
  user_id,
  date,
  code,
  detail: "",
  values: {},
});
const byPerson = (...all: Warning[]) =>
  new Map(
    all.map((each) => [
      each.user_id,
      new Map([
        [each.date, all.filter((other) => other.user_id === each.user_id && other.date === each.date)],
      ]),
    ]),
  );

test("warnings are listed from today on, of people and dates that are shown", () => {
  const found = (each: Warning) => cellWarnings(byPerson(each), rowOf, DATES, TODAY);
  expect(found(warning(12, "2026-12-02"))).toMatchObject([{ row: 1, column: 2 }]);
  expect(found(warning(12, "2026-12-01"))).toHaveLength(1);
  expect(found(warning(12, "2026-11-30"))).toEqual([]);
  expect(found(warning(12, "2027-01-01"))).toEqual([]);
  expect(found(warning(99, "2026-12-02"))).toEqual([]);
});

test("a month without shifts is one finding for all, and no warning of its first cell", () => {
  const warnings = byPerson(
    warning(11, "2026-12-01", "not_planned"),
    warning(12, "2026-12-01", "not_planned"),
  );
  expect(cellWarnings(warnings, rowOf, DATES, TODAY)).toEqual([]);
  const months = unplannedMonths(warnings, rowOf);
  expect(months).toEqual([{ date: "2026-12-01", rows: [0, 1] }]);
  expect(peopleFindings(months, [], rows, DATES)).toMatchObject([
    { row: 0, column: 1, who: "", text: expect.stringContaining("Alice、Bob") },
  ]);
});

test("more than six names are cut off", () => {
  const crowd = Array.from({ length: 7 }, (_, id) => ({ id, name: `P${id}`, shiftIds: [] }));
  const [found] = peopleFindings(
    [{ date: "2026-12-01", rows: crowd.map((row) => row.id) }],
    [],
    crowd,
    DATES,
  );
  expect(found?.text).toContain("P5 …");
});

test("people's findings come by date, then by row", () => {
  const found = peopleFindings(
    [],
    [
      { row: 1, column: 2, warning: warning(12, "2026-12-02") },
      { row: 1, column: 1, warning: warning(12, "2026-12-01") },
      { row: 0, column: 1, warning: warning(11, "2026-12-01") },
    ],
    rows,
    DATES,
  );
  expect(found.map((each) => `${each.who} ${each.date}`)).toEqual([
    "Alice 2026-12-01",
    "Bob 2026-12-01",
    "Bob 2026-12-02",
  ]);
});

test("a shift with too few people is found from today on", () => {
  const lacking = { planned: 1, needed: 3 };
  const short = shortShifts(new Map([[7, [lacking, { planned: 3, needed: 3 }, lacking]]]), DATES, TODAY);
  expect(short).toEqual([{ shiftId: 7, column: 2, day: lacking }]);
  expect(staffingFindings(short, new Map(), DATES)).toMatchObject([
    { row: 0, column: 2, date: "2026-12-02" },
  ]);
});

test.each([
  ["day", ["2026-12-01 Bob long_run", "2026-12-01  short", "2026-12-02 Alice inactive"]],
  ["person", ["2026-12-01  short", "2026-12-02 Alice inactive", "2026-12-01 Bob long_run"]],
] as const)("findings by %s", (by, order) => {
  const of = (row: number, date: string, who: string, kind: string) => ({
    row,
    column: 0,
    date,
    who,
    kind,
    text: "",
  });
  const found = [
    of(1, "2026-12-01", "Bob", "long_run"),
    of(0, "2026-12-02", "Alice", "inactive"),
    of(0, "2026-12-01", "", "short"),
  ];
  const groups = groupedFindings(found, by);
  expect(groups.flatMap(({ items }) => items.map((each) => `${each.date} ${each.who} ${each.kind}`))).toEqual(
    order,
  );
  expect(groups).toHaveLength(by === "day" ? 2 : 3);
});
