import { describe, expect, test } from "vitest";
import {
  parseCopied,
  parseTable,
  parseText,
  shiftLabels,
  shiftLookup,
  toBlock,
  toTable,
  toText,
} from "./clipboard";

const shifts = [
  { id: 1, code: "早", name: "早班" },
  { id: 2, code: "N", name: "夜班" },
  { id: 3, code: "休", name: "休息", is_rest: true },
  { id: 4, code: "n", name: "小夜" },
];

describe("text from Excel and WPS", () => {
  test.each([
    [
      "早\tN\r\n休\t\r\n",
      [
        ["早", "N"],
        ["休", ""],
      ],
    ],
    [
      "早\tN\n休\t早",
      [
        ["早", "N"],
        ["休", "早"],
      ],
    ],
    ["早", [["早"]]],
    ["\t\r\n", [["", ""]]],
    ["早\r\n\r\nN\r\n", [["早"], [""], ["N"]]],
    ['"早\n班"\t"a ""b"""\r\nx', [["早\n班", 'a "b"'], ["x"]]],
    ['"早" 班\tx', [['"早" 班', "x"]]],
    ['"早', [['"早']]],
  ])("%j", (text, words) => {
    expect(parseText(text)).toEqual(words);
  });

  test("what is written is read back", () => {
    const lines = [
      ["早", 'a"b', "c\td"],
      ["", "e\r\nf", ""],
    ];
    expect(parseText(toText(lines))).toEqual(lines);
  });
});

describe("an HTML table", () => {
  test("is parsed, merged cells once", () => {
    const html =
      "<html><body><table><tr><td colspan=2>早</td><td rowspan=2>N</td></tr><tr><td> 休 </td><td></td></tr></table>";
    expect(parseTable(html)).toEqual([
      ["早", "早", "N"],
      ["休", "", "N"],
    ]);
  });

  test("keeps the lines of a cell apart, not those of its source", () => {
    const html =
      "<table><tr><td>早<br>8:00-16:00</td><td rowspan=2>大\n   夜<br/></td></tr><tr><td>N</td></tr></table>";
    expect(parseTable(html)).toEqual([
      ["早\n8:00-16:00", "大 夜"],
      ["N", "大 夜"],
    ]);
  });

  test("is taken where its merged cells say more than the text", () => {
    const table = (span: string) => `<table><tr><td${span}>早</td><td>N</td></tr></table>`;
    expect(parseCopied("早\tN", table(""))).toEqual([["早", "N"]]);
    expect(parseCopied("早\tN", table(" colspan='1'"))).toEqual([["早", "N"]]);
    expect(parseCopied("早\tN", table(" colspan=3"))).toEqual([["早", "早", "早", "N"]]);
    expect(parseCopied("", table(""))).toEqual([["早", "N"]]);
  });

  test("shows a long text over blank cells, which stay blank", () => {
    const html =
      "<table><tr><td colspan=2 style='mso-ignore:colspan;width:96pt'>早班 8:00-16:00</td><td>N</td></tr></table>";
    expect(parseTable(html)).toEqual([["早班 8:00-16:00", "", "N"]]);
  });

  test("that claims millions of merged cells has as many as a sheet", () => {
    const html = "<table><tr><td rowspan=65534 colspan=1000>早</td></tr></table>";
    expect(parseTable(html).map((line) => line.length)).toEqual([420]);
  });

  test("of our own is parsed back, whatever it contains", () => {
    const lines = [["<b>&早", '"']];
    expect(parseTable(toTable(lines))).toEqual(lines);
  });

  test("that is missing has no lines", () => {
    expect(parseTable("<p>早</p>")).toEqual([]);
  });

  test("a heading in a table of its own stands above the rows of the next", () => {
    const head = "<div><table><tr><th>姓名</th><th colspan=2>1</th></tr></table></div>";
    const html = `${head}<table><tr><td>王波</td><td>早</td><td>夜</td><td>休</td></tr></table>`;
    expect(parseTable(html)).toEqual([
      ["姓名", "1", "1"],
      ["王波", "早", "夜", "休"],
    ]);
  });
});

describe("words", () => {
  const meaning = shiftLookup(shifts);
  test.each([
    ["早", 1],
    ["早班", 1],
    [" 早 班 ", 1],
    ["Ｎ", 2],
    ["n", 4],
    ["夜班", 2],
    ["小夜", 4],
    ["OFF", 3],
    ["ｏｆｆ", 3],
    ["中", undefined],
  ])("%s", (word, id) => {
    expect(meaning(word)).toBe(id);
  });

  test("with two rest shifts OFF means neither", () => {
    expect(
      shiftLookup([...shifts, { id: 5, code: "假", name: "放假", is_rest: true }])("off"),
    ).toBeUndefined();
  });

  test("an empty text clears, an unknown one changes nothing and is listed once", () => {
    expect(toBlock([["早", "中"], [""], ["中", "N"]], meaning)).toEqual({
      block: [
        [1, undefined],
        [null, null],
        [undefined, 2],
      ],
      unknown: ["中"],
    });
  });

  test("a shift is written by its code", () => {
    expect([1, 2, 4, null, 99].map(shiftLabels(shifts))).toEqual(["早", "N", "n", "", ""]);
  });
});
