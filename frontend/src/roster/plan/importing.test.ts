import { describe, expect, it } from "vitest";
import { language } from "../../i18n";
import {
  columnName,
  inWords,
  likeliestFirst,
  MOST_BYTES,
  mappingOf,
  NO_MEANINGS,
  type Outcome,
  otherProblems,
  peopleToMap,
  placeOf,
  refusedBefore,
  type SavedMapping,
  withColumn,
  withEarlier,
  withSavedMappings,
} from "./importing";

const problem = (row: number, code: string, value: string) => ({
  sheet: "",
  row,
  column: null,
  code,
  value,
  detail: "",
});

it.each([
  [{ size: 50_000_000, name: "roster.xlsx" }, "too_large"],
  [{ size: MOST_BYTES, name: "roster.xlsx" }, null],
  [{ size: 0, name: "roster.csv" }, "empty"],
  [{ size: 9, name: "旧.XLS" }, null],
])("%o is refused before it travels: %s", (file, why) => {
  expect(refusedBefore(file)).toBe(why);
});

it("unknown people and names that several have are asked for, each once", () => {
  const outcome = {
    unknown_people: [{ word: "小波", rows: 2, first_row: 5 }],
    problems: [
      problem(5, "unknown_person", "小波"),
      problem(8, "ambiguous_person", "张伟"),
      problem(9, "ambiguous_person", "张伟"),
      problem(11, "bad_date", "2月30日"),
    ],
  } as unknown as Outcome;
  expect(peopleToMap(outcome)).toEqual([
    { word: "小波", rows: 2, firstRow: 5 },
    { word: "张伟", rows: 2, firstRow: 8 },
  ]);
  expect(otherProblems(outcome).map((each) => each.row)).toEqual([11]);
});

it("words that were decided stay in sight, new ones follow", () => {
  const one = { word: "A", rows: 1, firstRow: 1 };
  const two = { word: "B", rows: 1, firstRow: 2 };
  expect(withEarlier([one], [one, two])).toEqual([one, two]);
});

describe("the mapping", () => {
  it("leaves out what is not decided", () => {
    expect(mappingOf(NO_MEANINGS)).toEqual({ people: {}, shifts: {}, not_read: [] });
    expect(
      mappingOf({
        people: { 小波: 12, 新来的: "new", 老板: "skip", 谁: "" },
        shifts: { "?": "clear" },
        drafts: {},
        notRead: ["师傅"],
      }),
    ).toEqual({
      people: { 小波: 12, 新来的: "new", 老板: "skip" },
      shifts: { "?": "clear" },
      not_read: ["师傅"],
    });
  });

  it("makes a new shift of a code, and a rest without hours", () => {
    const drafts = {
      T: { name: "临时班", code: "T", isRest: false, start: "10:00", end: "16:00" },
      O: { name: "公休", code: "O", isRest: true, start: "10:00", end: "16:00" },
    };
    const { shifts } = mappingOf({ ...NO_MEANINGS, shifts: { T: "new", O: "new" }, drafts });
    expect(shifts?.T).toMatchObject({
      name: "临时班",
      code: "T",
      periods: [{ start: "10:00", end: "16:00" }],
    });
    expect(shifts?.O).toMatchObject({ is_rest: true, periods: [] });
  });
});

it("those with most in common come first", () => {
  const people = ["李爱丽", "王波", "王小波"].map((label) => ({ label }));
  expect(likeliestFirst("小波", people).map((each) => each.label)).toEqual(["王小波", "王波", "李爱丽"]);
});

it.each([
  [3, 12, "C12"],
  [27, 4, "AA4"],
  [702, 1, "ZZ1"],
  [null, 7, "7"],
])("column %s, row %i is %s", (column, row, place) => {
  expect(placeOf({ column, row })).toBe(place);
});

describe("what words meant the last time", () => {
  const saved = (kind: "person" | "shift", text: string, meant: Partial<SavedMapping>): SavedMapping => ({
    id: 1,
    kind,
    word: text,
    meaning: "skip",
    user_id: null,
    shift_id: null,
    used_at: "2026-11-01T00:00:00Z",
    ...meant,
  });
  const words = [
    saved("person", "小二", { meaning: "user", user_id: 7 }),
    saved("shift", "Ｔ", { meaning: "shift", shift_id: 3 }),
    saved("shift", "?", { meaning: "clear" }),
  ];
  const outcome = (people: string[], shifts: string[]) =>
    ({
      unknown_people: people.map((text) => ({ word: text, rows: 1, first_row: 2 })),
      unknown_shifts: shifts.map((text) => ({ word: text, rows: 1, first_row: 2 })),
    }) as unknown as Outcome;

  it("is offered for open words, whatever their width and case, and for no others", () => {
    const found = withSavedMappings(outcome(["小二", "新来的"], [" t "]), words, NO_MEANINGS);
    expect(found).toEqual({ people: { 小二: 7 }, shifts: { " t ": 3 }, drafts: {}, notRead: [] });
  });

  it("goes on with what comes to light later, and ends when nothing is added", () => {
    const meant = { people: { 小二: 7 }, shifts: {}, drafts: {}, notRead: [] };
    const more = withSavedMappings(outcome([], ["?"]), words, meant);
    expect(more).toEqual({ people: { 小二: 7 }, shifts: { "?": "clear" }, drafts: {}, notRead: [] });
    expect(withSavedMappings(outcome(["小二"], []), words, meant)).toBeNull();
    expect(withSavedMappings(outcome(["别人"], ["X"]), words, NO_MEANINGS)).toBeNull();
  });
});

it("somebody with two rows is told where both are, in words", () => {
  const before = language.value;
  const twice = problem(7, "person_twice", "王 = 波 = 3");
  language.value = "en";
  expect(inWords(twice)).toMatchObject({
    about: "王 = 波",
    wrong: "has two rows in the table, row 3 and row 7: keep one of them",
  });
  language.value = "zh";
  expect(inWords(twice).wrong).toBe("在表里有两行，第 3 行和第 7 行：请只留一行");
  language.value = before;
  expect(inWords(problem(7, "bad_date", "a = 3"))).toMatchObject({ about: "a = 3", column: null });
});

it("a column that names other people is read, left out, and read again", () => {
  const { about, column } = inWords(problem(7, "person_beside", "王 = 波 = 师傅"));
  expect([about, column]).toEqual(["王 = 波", "师傅"]);
  const without = withColumn(withColumn(NO_MEANINGS, "师傅", false), "#3", false);
  expect(without.notRead).toEqual(["师傅", "#3"]);
  expect(withColumn(without, "师傅", true).notRead).toEqual(["#3"]);
  expect(without.notRead.map(columnName)).toEqual(["师傅", "C"]);
});
