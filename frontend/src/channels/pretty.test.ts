import { expect, test } from "vitest";
import { pretty } from "./pretty";

test("JSON is shown line by line, with its Chinese; other answers as they came", () => {
  expect(pretty('{"errcode":0,"errmsg":"成功"}')).toBe('{\n  "errcode": 0,\n  "errmsg": "成功"\n}');
  expect(pretty("<html>502</html>")).toBe("<html>502</html>");
  expect(pretty("")).toBe("");
});
