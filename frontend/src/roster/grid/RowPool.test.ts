import { beforeEach, expect, test } from "vitest";
import type { Shift } from "../../shifts/useShifts";
import { clamped, single } from "../selection";
import { RowPool, type RowsShown } from "./RowPool";

const periods = [{ start: "09:00", end: "18:00" }];
const shifts = new Map([
  [1, { id: 1, name: "早班", code: "早", color: "#888", periods } as Shift],
  [2, { id: 2, name: "夜班", code: "夜", is_night: true, periods } as Shift],
]);
const DATES = ["2026-03-01", "2026-03-02"];

const shown = (changed: Partial<RowsShown> = {}): RowsShown => ({
  dates: DATES,
  rows: Array.from({ length: 9 }, (_, id) => ({ id, name: `P${id}`, shiftIds: [id % 2 ? 1 : 2, null] })),
  shifts,
  warnings: new Map(),
  marks: new Map(),
  drafts: new Map(),
  notes: new Map(),
  wishes: new Map(),
  synced: new Map(),
  selection: single({ row: 0, column: 0 }),
  hasTotal: false,
  isMany: false,
  language: "zh",
  ...changed,
});

let body: HTMLElement;
let pool: RowPool;
beforeEach(() => {
  body = document.createElement("tbody");
  pool = new RowPool(body, shown());
  pool.show(shown());
  pool.draw([1, 2, 3, 4], { first: 0, last: 5 });
});

const drawn = () =>
  Object.fromEntries(
    [...body.querySelectorAll<HTMLElement>("tr[data-row]")].map((row) => [
      row.dataset.row,
      row.textContent?.trim(),
    ]),
  );
const row = (index: number) => body.querySelector<HTMLElement>(`tr[data-row="${index}"]`);

test("rows that come into view take the elements of those that left it, except of the active cell's", () => {
  const before = new Set(body.children);
  pool.draw([5, 6, 7], { first: 4, last: 8 });
  expect(drawn()).toEqual({ 0: "P0夜", 4: "P4夜", 5: "P5早", 6: "P6夜", 7: "P7早" });
  expect(new Set(body.children)).toEqual(before);
});

test("the element of somebody with the same shifts is taken", () => {
  const like = [row(1), row(3)];
  pool.draw([7], { first: 4, last: 8 });
  expect(like).toContain(row(7));
  expect(row(7)?.querySelector("[role=img]")?.getAttribute("aria-label")).toBe("早班");
});

test("nothing of one person is left with the next", () => {
  const noted = new Map([[1, new Map([["2026-03-01", { text: "带教" } as never]])]]);
  const mark = { user_id: 1, kind: "leave", first_date: "2026-03-02", last_date: "2026-03-02" } as never;
  pool.show(shown({ notes: noted, marks: new Map([[1, new Map([["2026-03-02", [mark]]])]]) }));
  row(1)?.querySelector("td")?.classList.add("painted");
  const used = row(1);
  expect(used?.querySelectorAll("td.noted, td.away, .cell-mark, .painted")).toHaveLength(3);
  for (const far of [5, 6, 7, 8]) pool.draw([far], { first: far, last: 9 });
  expect(used?.dataset.row).not.toBe("1");
  expect(used?.querySelectorAll(".noted, .away, .cell-mark, .painted")).toHaveLength(0);
  expect(used?.querySelectorAll("[role=img]")).toHaveLength(1);
});

test("a row that goes to somebody with the same shifts has its place and name written, and nothing is laid out anew", async () => {
  pool = new RowPool(body, shown({ hasTotal: true }));
  pool.draw([1, 2], { first: 1, last: 3 });
  const seen: string[] = [];
  const observer = new MutationObserver((records) => {
    for (const { type, attributeName } of records) seen.push(attributeName ?? type);
  });
  observer.observe(body, { subtree: true, childList: true, attributes: true, characterData: true });
  pool.draw([3, 4], { first: 3, last: 5 });
  await new Promise((done) => setTimeout(done));
  const once = ["aria-rowindex", "characterData", "data-row", "style", "title"];
  expect(seen.sort()).toEqual([...once, ...once].sort());
});

test("nothing in a row is clipped: such rows are painted again whenever the grid has been scrolled some way", () => {
  pool = new RowPool(body, shown({ hasTotal: true }));
  pool.draw([7], { first: 7, last: 8 });
  expect(row(7)?.querySelector(".row-total > span")?.getAttribute("aria-label")).toBe("上班 1 天，9 小时");
  expect(body.querySelectorAll(".only-heard")).toHaveLength(0);
});

test("the columns of a selection are marked in the rows that it covers, also in those that come later", () => {
  const selection = { anchor: { row: 1, column: 1 }, head: { row: 6, column: 1 } };
  pool.show(shown({ selection, isMany: true }));
  pool.draw([5, 7], { first: 4, last: 8 });
  const marked = [...body.querySelectorAll("[aria-selected]")].map((cell) => cell.closest("tr")?.dataset.row);
  const covered = Object.keys(drawn()).filter((index) => Number(index) >= 1 && Number(index) <= 6);
  expect(covered).toContain("5");
  expect(marked.sort()).toEqual(covered);
  pool.show(shown());
  expect(body.querySelectorAll("[aria-selected]")).toHaveLength(0);
});

test("screen readers are told the order once it is not that of the elements", () => {
  pool.sort();
  expect(body.hasAttribute("aria-owns")).toBe(false);
  pool.draw([5, 6], { first: 3, last: 7 });
  pool.sort();
  const order = body.getAttribute("aria-owns")?.split(" ") ?? [];
  const places = order.map((id) => [...body.children].find((row) => row.id === id)?.getAttribute("data-row"));
  expect(places).toEqual(["0", "3", "4", "5", "6"]);
});

test.each([
  ["王波", false],
  ["欧阳娜娜", false],
  ["迪丽热巴·迪力木拉提", true],
  ["Ann Lee", false],
  ["Bartholomew", true],
])("only a name that may need a third line is clipped: %s", (name, isLong) => {
  pool.show(shown({ rows: [{ id: 1, name, shiftIds: [1, null] }] }));
  expect(body.querySelector("th")?.classList.contains("long")).toBe(isLong);
});

test("people who are gone are taken away", () => {
  pool.show(shown({ rows: shown().rows.slice(0, 3) }));
  expect(Object.keys(drawn())).toEqual(["0", "1", "2"]);
});

test("the active cell's row, drawn from afar, takes no row that is in view", () => {
  pool.show(shown({ selection: single({ row: 8, column: 0 }) }));
  expect(Object.keys(drawn())).toEqual(["0", "1", "2", "3", "4", "8"]);
});

/** All that is seen and heard of a row, but for the element's own name. */
const told = (element: Element) => ({
  place: element.getAttribute("style"),
  index: element.getAttribute("aria-rowindex"),
  cells: [...element.children].map((cell) =>
    [cell, ...cell.querySelectorAll("*")].map((part) => [
      part.className,
      ...["title", "role", "aria-label", "aria-selected", "aria-hidden"].map((name) =>
        part.getAttribute(name),
      ),
      part.textContent,
    ]),
  ),
});

const placeOf = (row: Element) => Number(row.getAttribute("aria-rowindex"));
const inOrder = (rows: Iterable<Element>) => [...rows].sort((one, other) => placeOf(one) - placeOf(other));

test.each([1, 2, 3])(
  "whatever comes after whatever, no row tells what is another's or outdated: %i",
  (seed) => {
    let last = seed * 7919;
    const roll = (sides: number) => {
      last = (last * 48271) % 2147483647;
      return last % sides;
    };
    const some = <Value>(value: (id: number) => Value) =>
      new Map(
        Array.from({ length: 40 }, (_, id) => id)
          .filter(() => roll(3) === 0)
          .map((id) => [id, new Map([[DATES[roll(2)] ?? "", value(id)]])]),
      );
    const people = () =>
      Array.from({ length: 40 }, (_, id) => ({
        id,
        name: roll(3) ? `P${id}` : `Bartholomew the ${id}th`,
        shiftIds: DATES.map(() => [1, 2, null][roll(3)] ?? null),
      })).filter(() => roll(4) > 0);
    let now = shown({ rows: people(), hasTotal: true });
    const changes: (() => Partial<RowsShown>)[] = [
      () => ({ rows: people() }),
      () => ({ rows: now.rows.slice(0, 1 + roll(9)) }),
      () => ({ notes: some((id) => ({ text: `N${id}` }) as never) }),
      () => ({
        marks: some(
          (id) => [{ user_id: id, kind: "leave", first_date: DATES[0], last_date: DATES[1] }] as never,
        ),
      }),
      () => ({ drafts: some(() => ({ published_shift_id: 1 + roll(2) }) as never) }),
      () => ({ wishes: some(() => ({ kind: "free" }) as never) }),
      () => ({ selection: single({ row: roll(now.rows.length), column: 0 }), isMany: false }),
      () => ({
        selection: {
          anchor: { row: roll(9), column: roll(2) },
          head: { row: roll(now.rows.length), column: 1 },
        },
        isMany: true,
      }),
      () => ({ dates: ["2026-03-01", `2026-03-${10 + roll(9)}`] }),
    ];
    pool = new RowPool(body, now);
    body.replaceChildren();
    for (let step = 0; step < 40; step++) {
      const first = roll(Math.max(1, now.rows.length));
      const wanted = { first, last: first + 6 };
      if (roll(2))
        pool.draw(
          [0, 1, 2, 3, 4, 5].map((each) => first + each).filter((each) => !pool.has(each)),
          wanted,
        );
      else {
        now = { ...now, ...changes[roll(changes.length)]?.() };
        now = { ...now, selection: clamped(now.selection, now.rows.length, 2) };
        pool.show(now);
      }
      const rows = [...body.querySelectorAll("tr[data-row]")];
      const afresh = document.createElement("tbody");
      new RowPool(afresh, now).draw(rows.map((element) => Number(element.getAttribute("data-row"))));
      expect(inOrder(rows).map(told)).toEqual(inOrder(afresh.children).map(told));
      expect(new Set(Object.keys(drawn())).size).toBe(body.childElementCount);
    }
  },
);
