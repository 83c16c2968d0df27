import { describe, expect, it } from "vitest";
import {
  fitted,
  type PrintSheet,
  type PrintShift,
  printImages,
  printPages,
  ROWS_PER_PAGE,
} from "./printSheet";

const EARLY: PrintShift = {
  code: "早",
  name: "早班",
  hours: "08:00–16:00",
  color: "hue-2",
  isNight: false,
  isRest: false,
};
const NIGHT: PrintShift = { ...EARLY, code: "夜", name: "夜班", isNight: true };
const REST: PrintShift = { ...EARLY, code: "休", name: "休息", hours: "", isRest: true };

function printSheetOf(people: number, days = 31): PrintSheet {
  return {
    title: "一车间 2026年12月",
    note: "",
    days: Array.from({ length: days }, (_, index) => ({
      day: index + 1,
      weekday: "一",
      mark: index === 0 ? "休" : "",
      isOff: index % 7 > 4,
    })),
    rows: Array.from({ length: people }, (_, index) => ({
      name: `成员${index}`,
      shifts: Array.from({ length: days }, (_, day) => [EARLY, NIGHT, REST, null][(day + index) % 4] ?? null),
    })),
    legend: [EARLY, NIGHT, REST],
  };
}

const parsed = (svg: string) => new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;

describe("the printed sheet", () => {
  it("takes thirty people and a month on one page of A4 across, and nothing lies outside of it", () => {
    const [page = "", ...more] = printPages(printSheetOf(30));
    expect(more).toEqual([]);
    const svg = parsed(page);
    expect(svg.getAttribute("viewBox")).toBe("0 0 2810 1940");
    for (const text of svg.querySelectorAll("text"))
      expect(Number(text.getAttribute("y"))).toBeLessThanOrEqual(1940);
    expect(svg.textContent).toContain("成员29");
  });

  it("writes codes so large that the sheet can be read: over two millimetres even on a full page", () => {
    const [page = ""] = printPages(printSheetOf(ROWS_PER_PAGE));
    const code = [...parsed(page).querySelectorAll("text")].find((each) => each.textContent === "早");
    expect(Number(code?.getAttribute("font-size"))).toBeGreaterThan(25);
  });

  it("shares more people evenly among pages that are numbered", () => {
    const pages = printPages(printSheetOf(40));
    expect(pages).toHaveLength(2);
    expect(pages[0]).toContain("成员19");
    expect(pages[0]).not.toContain("成员20<");
    expect(pages[1]).toContain("2/2");
  });

  it("tells a night from a day without colour, and a rest from both", () => {
    const [page = ""] = printPages(printSheetOf(1, 3));
    expect(page.match(/url\(#night\)/g)).toHaveLength(2); // the cell and the legend
    const ground = [...parsed(page).querySelectorAll("rect[rx]")];
    expect(ground).toHaveLength(6); // two grounds for the night, one for the day, twice; none for the rest
  });

  it("makes one picture of a team that takes several pages", () => {
    const pictures = printImages(printSheetOf(60));
    expect(pictures).toHaveLength(1);
    expect(pictures[0]).toContain("成员59");
  });

  it.each([
    ["欧阳上官慕容", "欧阳上官慕容"],
    ["阿卜杜拉·买买提明", "阿卜杜拉·买买提明"],
    ["Maximilian Featherstonehaugh-Smythe", "Maximilian Fea…"],
  ])("writes %s smaller before it leaves out its end", (name, shown) => {
    expect(printPages({ ...printSheetOf(1), rows: [{ name, shifts: [] }] })[0]).toContain(`>${shown}<`);
  });

  it("holds whatever people are called", () => {
    const sheet = { ...printSheetOf(1), rows: [{ name: `<b>"O'Neil" & 子</b>`, shifts: [] }] };
    expect(parsed(printPages(sheet)[0] ?? "").querySelector("b")).toBeNull();
  });
});

it.each([
  ["王波", 4, "王波"],
  ["阿卜杜拉·买买提明", 5, "阿卜杜拉…"],
  ["Alexandra Constantinopolous", 6, "Alexandr…"],
])("%s fits into %i characters as %s", (text, ems, shown) => {
  expect(fitted(text, ems)).toBe(shown);
});
