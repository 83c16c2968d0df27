import { expect, test } from "vitest";
import { chromaAndHueOf, HUES, hueClassOf, nearestHue } from "./colour";

test("each of the twelve is nearest to itself", () => {
  expect(HUES.map(({ hex }) => nearestHue(hex))).toEqual(HUES.map((_, index) => index));
});

test.each([
  ["#ff0000", 0],
  ["#00ff00", 4],
  ["#0000ff", 8],
  ["#ffaa00", 2],
])("a free colour %s moves to hue %i", (hex, index) => {
  expect(nearestHue(hex)).toBe(index);
});

test("greys and nonsense have no hue", () => {
  expect(nearestHue("#808080")).toBeNull();
  expect(nearestHue("red")).toBeNull();
  expect(hueClassOf(null)).toBe("hue-none");
  expect(hueClassOf("hue-13")).toBe("hue-none");
});

test("a name is its own class, a free colour takes the nearest", () => {
  expect(hueClassOf("hue-12")).toBe("hue-12");
  expect(hueClassOf("#0000ff")).toBe("hue-9");
});

test("hue is measured in OKLCH", () => {
  expect(chromaAndHueOf("#ff0000")?.hue).toBeCloseTo(29.2, 1);
  expect(chromaAndHueOf("#ff0000")?.chroma).toBeCloseTo(0.2577, 3);
});
