import { expect, test } from "vitest";
import { withPeople } from "./peopleTable";

const person = (id: number, display_name: string, userid: string | null, mobile: string | null = null) => ({
  id,
  display_name,
  wecom_userid: userid,
  feishu_userid: userid && `f-${userid}`,
  mobile,
});

test.each([
  ["", [person(1, "张三", "zhangsan"), person(2, "李四", null)], "张三 zhangsan"],
  ["老张, zhangsan", [person(1, "张三", "zhangsan"), person(2, "李四", "lisi")], "老张, zhangsan\n李四 lisi"],
  ["张三 z1\n\n", [person(1, "张三", "z1")], "张三 z1"],
  // Of namesakes only the number says who is who; without one nobody is guessed.
  ["", [person(1, "王伟", "w1", "13800000001"), person(2, "王伟", "w2")], "13800000001 w1"],
])("%j is filled from people's pages", (table, people, filled) => {
  expect(withPeople(table, people, "wecom_userid")).toBe(filled);
});

test("each vendor's table is filled with that vendor's ids", () => {
  expect(withPeople("李四 ou_1", [person(1, "张三", "z1")], "feishu_userid")).toBe("李四 ou_1\n张三 f-z1");
});
