import { beforeEach, expect, test } from "vitest";
import { setLanguage } from "../i18n";
import {
  changesOf,
  describeEntry,
  differencesOf,
  type Entry,
  fieldName,
  formatValue,
  summaryOf,
} from "./diff";

beforeEach(() => setLanguage("zh"));

const NAMES = {
  team: (id: number) => (id === 1 ? "一车间" : undefined),
  person: (id: number) => (id === 2 ? "李爱丽" : undefined),
};
const ENTRY = { action: "user.updated", actor_name: "李爱丽", subject_name: "王波", address: "::1" } as Entry;

test("only what differs is listed, nested fields by their path", () => {
  const before = { policy: { clock_in: { start: -15, every: 5 } }, name: "早" };
  const after = { policy: { clock_in: { start: -10, every: 5 } }, name: "早班" };
  expect(differencesOf(before, after)).toEqual([
    { field: "policy.clock_in.start", before: -15, after: -10 },
    { field: "name", before: "早", after: "早班" },
  ]);
});

test("a new thing lists what it was given, an old one what it had", () => {
  expect(differencesOf(null, { name: "早", team_id: null })).toEqual([
    { field: "name", before: undefined, after: "早" },
  ]);
  expect(differencesOf({ name: "早" }, null)).toEqual([{ field: "name", before: "早", after: undefined }]);
});

test("a tree in place of nothing is listed leaf by leaf", () => {
  expect(differencesOf({ policy: null }, { policy: { every: 5 } })).toEqual([
    { field: "policy.every", before: undefined, after: 5 },
  ]);
});

test("a secret that changed is named although both sides are masked", () => {
  expect(differencesOf({ sealed_secrets: "***" }, { sealed_secrets: "***" })).toEqual([
    { field: "sealed_secrets", before: "***", after: "***" },
  ]);
});

test("an entry is a sentence; an action without words keeps its name", () => {
  expect(describeEntry(ENTRY)).toBe("李爱丽修改了成员「王波」");
  expect(describeEntry({ ...ENTRY, actor_name: "", action: "user.password_set" })).toBe(
    "未登录的人设置了「王波」的密码",
  );
  expect(describeEntry({ ...ENTRY, actor_name: "", address: "" })).toBe("系统修改了成员「王波」");
  expect(describeEntry({ ...ENTRY, action: "swap.approved" })).toBe("李爱丽 swap.approved 王波");
});

test("values are formatted for people", () => {
  const formatted = (field: string, value: unknown) => formatValue(field, value, NAMES);
  expect(formatted("is_active", false)).toBe("否");
  expect(formatted("mobile", null)).toBe("空");
  expect(formatted("role", "planner")).toBe("排班员");
  expect(formatted("team_id", 1)).toBe("一车间");
  expect(formatted("team_id", 9)).toBe("编号 9");
  expect(formatted("user_ids", [2, 3])).toBe("李爱丽、编号 3");
  expect(formatted("overtime_minutes", 30)).toBe("30");
  expect(formatted("user_ids", [])).toBe("空");
  expect(fieldName("policy.clock_in.start")).toBe("提醒方式 · 上班 · 开始（分钟）");
  expect(fieldName("shoe_size")).toBe("shoe_size");
});

const ROSTER = {
  before: null,
  after: {
    cells: 4,
    changes: ["王 波 2026-11-28：空 → 早班", "王 波 2026-11-30：早班 → 中班", "江雪 2026-12-01：夜 → 空"],
  },
};
const USER = { before: { display_name: "王波", team_id: 1 }, after: { display_name: "王博", team_id: null } };
test.each([
  ["zh", ROSTER, "王 波 周六 11月28日 空 → 早班，王 波 周一 11月30日 早班 → 中班，另有 1 处"],
  ["en", ROSTER, "王 波 Sat 28 Nov empty → 早班, 王 波 Mon 30 Nov 早班 → 中班, 1 more"],
  ["zh", USER, "姓名 王波 → 王博，班组 一车间 → 空"],
  ["zh", { before: null, after: { name: "早班" } }, ""],
  ["zh", { before: null, after: null }, ""],
] as const)("in %s a line says what was there and what is: %#", async (language, entry, said) => {
  await setLanguage(language);
  expect(summaryOf(entry as Entry, NAMES)).toBe(said);
});

test("each cell of a roster is a change of its own, before the sums where not all are told", () => {
  expect(changesOf(ROSTER as unknown as Entry)).toHaveLength(4);
  expect(changesOf(ROSTER as unknown as Entry)[2]).toMatchObject({ before: "夜", after: null });
  expect(changesOf(ROSTER as unknown as Entry)[3]).toEqual({ field: "cells", before: undefined, after: 4 });
  const all = { ...ROSTER, after: { ...ROSTER.after, cells: 3 } };
  expect(changesOf(all as unknown as Entry)).toHaveLength(3);
});
