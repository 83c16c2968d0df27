import { render } from "preact";
import { beforeEach, expect, test, vi } from "vitest";
import { loadErrorWords, Problem } from "../api/problem";
import { setLanguage } from "../i18n";
import { Loaded } from "./EmptyState";

beforeEach(() => setLanguage("zh"));

async function shown(error: unknown, value: string | null = null) {
  await loadErrorWords();
  const root = document.createElement("div");
  const from = { value, error, isLoading: false, reload: vi.fn(), set: vi.fn() };
  render(<Loaded from={from}>{(text) => <p>{text}</p>}</Loaded>, root);
  return root;
}

test.each([
  [404, "delivery_not_found", "找不到这条投递记录。"],
  [403, "forbidden", "你没有权限执行此操作。"],
])("what a retry cannot help is said, and no retry is offered: %s", async (status, code, words) => {
  const root = await shown(new Problem(status, { code }));
  expect(root.querySelector(".lead")?.textContent).toBe(words);
  expect(root.querySelector("button")).toBeNull();
  const stale = await shown(new Problem(status, { code }), "as it was");
  expect(stale.textContent).toBe(`${words}as it was`);
});

test.each([0, 401, 429, 500, 503])("what may pass can be asked for again: %s", async (status) => {
  const root = await shown(new Problem(status));
  expect(root.querySelector(".lead")?.textContent).toBe("没有加载出来");
  expect(root.querySelector("button")?.textContent).toBe("再试一次");
});
