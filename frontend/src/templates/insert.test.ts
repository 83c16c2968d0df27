import { expect, test } from "vitest";
import { inserted } from "./insert";

test("a variable goes where the cursor is, and takes the place of what is selected", () => {
  expect(inserted("早上好", 3, 3, "name")).toEqual(["早上好{name}", 9]);
  expect(inserted("，早", 0, 0, "name")).toEqual(["{name}，早", 6]);
  expect(inserted("你好某某！", 2, 4, "name")).toEqual(["你好{name}！", 8]);
});

test("a cursor beyond the end, as of a text that was cut since, is the end", () => {
  expect(inserted("ab", 9, 9, "time")).toEqual(["ab{time}", 8]);
});
