import { afterEach, expect, test } from "vitest";
import { language } from "../i18n";
import { holidayName } from "./holidays";

afterEach(() => {
  language.value = "zh";
});

test("public holidays have their English names, and only they", () => {
  expect(holidayName("国庆节")).toBe("国庆节");
  language.value = "en";
  expect(["春节", "劳动节", "国庆节、中秋节", "端午"].map(holidayName)).toEqual([
    "Spring Festival",
    "Labour Day",
    "National Day, Mid-Autumn Festival",
    "Dragon Boat Festival",
  ]);
  expect(["厂庆", "春节前补班", "Inventory", ""].map(holidayName)).toEqual([
    "厂庆",
    "春节前补班",
    "Inventory",
    "",
  ]);
});
