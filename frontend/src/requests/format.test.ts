import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { loadErrorWords, Problem } from "../api/problem";
import { setLanguage } from "../i18n";
import {
  changesOf,
  describeSwap,
  describeSwapState,
  formatLeaveDays,
  type OpenShiftStep,
  requestProblemText,
  type Swap,
  stepLabel,
  waitsForMe,
} from "./format";

beforeAll(loadErrorWords);
beforeEach(() => setLanguage("zh"));

const [BOB, ANN, ALICE] = [1, 2, 3];
const swap = (values: Partial<Swap> = {}): Swap => ({
  id: 5,
  team_id: 1,
  user_id: BOB,
  display_name: "王波",
  with_user_id: ANN,
  with_display_name: "安妮",
  date: "2026-11-26",
  return_date: null,
  cells: [
    { user_id: BOB, date: "2026-11-26", shift_id: 7 },
    { user_id: ANN, date: "2026-11-26", shift_id: null },
  ],
  status: "asked",
  reason: "",
  decided_by: null,
  created_at: "2026-11-24T00:00:00Z",
  updated_at: "2026-11-24T00:00:00Z",
  steps: [],
  ...values,
});

test("each sees the swap from where they stand", () => {
  expect(describeSwap(swap(), ANN)).toBe("王波想和你换班");
  expect(describeSwap(swap(), BOB)).toBe("你想和安妮换班");
  expect(describeSwap(swap(), ALICE)).toBe("王波想和安妮换班");
});

test.each([
  ["asked", ANN, "等你答复"],
  ["asked", BOB, "等安妮答复"],
  ["accepted", ANN, "你已同意，等排班员批准"],
  ["accepted", ALICE, "安妮已同意，等排班员批准"],
  ["approved", BOB, "已换好"],
  ["declined", BOB, "未换班"],
  ["withdrawn", ANN, "已撤回"],
] as const)("%s, seen by %i", (status, by, words) => {
  expect(describeSwapState(swap({ status }), by)).toBe(words);
});

test("whoever was asked declines, a planner refuses; only a yes is waited for", () => {
  expect(stepLabel("decline", swap(), ANN)).toBe("拒绝");
  expect(stepLabel("decline", swap(), ALICE)).toBe("不批准");
  expect(waitsForMe(swap({ steps: ["withdraw"] }))).toBe(false);
  expect(waitsForMe(swap({ steps: ["approve", "decline"] }))).toBe(true);
});

test("an open shift waits for those who may take it and for whom it is to be approved, not for who offered it", () => {
  const waits = (...steps: OpenShiftStep[]) => waitsForMe({ steps });
  expect(waits("take")).toBe(true);
  expect(waits("approve", "decline", "withdraw")).toBe(true);
  expect(waits("take", "withdraw")).toBe(false);
  expect(waits("give_back")).toBe(false);
});

test("both days of a swap with a return are told by date, the asker first", () => {
  const both = swap({
    return_date: "2026-11-25",
    cells: [...swap().cells, { user_id: ANN, date: "2026-11-25", shift_id: 8 }],
  });
  expect(changesOf(both)).toEqual([
    { date: "2026-11-25", userId: BOB, before: null, after: 8 },
    { date: "2026-11-25", userId: ANN, before: 8, after: null },
    { date: "2026-11-26", userId: BOB, before: 7, after: null },
    { date: "2026-11-26", userId: ANN, before: null, after: 7 },
  ]);
});

describe("the days of a leave", () => {
  test.each([
    ["2026-11-24", "2026-11-24", null, "周二 11月24日"],
    ["2026-11-24", "2026-11-26", null, "11月24–26日 · 3 天"],
    ["2026-11-24", "2026-11-24", "clock_in", "周二 11月24日 · 免上班打卡"],
  ] as const)("%s to %s", (first_date, last_date, punch_kind, words) => {
    expect(formatLeaveDays({ first_date, last_date, punch_kind })).toBe(words);
  });
});

test("its own problems are said in its own words, all others in the app's", () => {
  expect(requestProblemText(new Problem(409, { code: "swap_outdated" }))).toContain("由他们重新提出");
  expect(requestProblemText(new Problem(0))).toBe("连不上服务器");
});
