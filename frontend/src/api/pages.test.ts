import { expect, test } from "vitest";
import { joinPages } from "./pages";

const items = (...ids: number[]) => ids.map((id) => ({ id }));

test("what a newer first page pushed out stays in the list, and nothing is in it twice", () => {
  const read = joinPages(items(9, 8, 7), items(6, 5));
  expect(joinPages(items(11, 10, 9), read).map((each) => each.id)).toEqual([11, 10, 9, 8, 7, 6, 5]);
});

test("an item that changed is shown as the first page has it", () => {
  const [changed] = joinPages([{ id: 3, status: "sent" }], [{ id: 3, status: "queued" }]);
  expect(changed?.status).toBe("sent");
});
