import { expect, test } from "vitest";
import { filterIn, isFiltered, queryOf } from "./filter";

test("an address without a filter filters nothing", () => {
  const filter = filterIn(new URLSearchParams("delivery=3"));
  expect(isFiltered(filter)).toBe(false);
  expect(Object.values(queryOf(filter)).every((value) => value === undefined)).toBe(true);
});

test("values that mean nothing are left out", () => {
  const filter = filterIn(
    new URLSearchParams("status=lost&occasion=x&channel=abc&person=0&from=soon&to=2026-11-24"),
  );
  expect(filter).toEqual({
    status: undefined,
    occasion: undefined,
    channel: undefined,
    person: undefined,
    team: undefined,
    from: "",
    to: "2026-11-24",
    q: "",
  });
  expect(isFiltered(filter)).toBe(true);
});

test("a filter becomes the query of the API", () => {
  const filter = filterIn(new URLSearchParams("status=failed&channel=4&person=7&team=2&q=310000"));
  expect(queryOf(filter)).toMatchObject({
    status: "failed",
    channel_id: 4,
    user_id: 7,
    team_id: 2,
    q: "310000",
  });
});
