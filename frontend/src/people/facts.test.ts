import { expect, test } from "vitest";
import { changedFacts } from "./facts";

const SHOWN = { display_name: "王波", mobile: "138****0001" as string | null, team_id: 1 as number | null };

test("only what was changed is sent", () => {
  expect(changedFacts(SHOWN, { display_name: "王小波", mobile: "138****0001", team_id: 1 })).toEqual({
    display_name: "王小波",
  });
  expect(changedFacts(SHOWN, { ...SHOWN })).toEqual({});
});

test("what was emptied is sent as empty", () => {
  expect(changedFacts(SHOWN, { ...SHOWN, mobile: null })).toEqual({ mobile: null });
});
