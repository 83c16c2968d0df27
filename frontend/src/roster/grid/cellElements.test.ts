import { expect, test } from "vitest";
import { cellOf, elementOf } from "./cellElements";

const grid = document.createElement("section");
grid.innerHTML = `<table><thead><tr><td>date</td></tr></thead><tbody>
<tr data-row="7"><th>Bob</th><td>a</td><td><span>b</span></td></tr></tbody></table>`;

test("a node inside a cell leads to the cell and back", () => {
  expect(cellOf(grid.querySelector("span"))).toEqual({ row: 7, column: 1 });
  expect(elementOf(grid, { row: 7, column: 1 })?.textContent).toBe("b");
});

test("names, dates and rows that are not drawn are no cells", () => {
  expect(cellOf(grid.querySelector("th"))).toBeNull();
  expect(cellOf(grid.querySelector("thead td"))).toBeNull();
  expect(cellOf(null)).toBeNull();
  expect(elementOf(grid, { row: 8, column: 1 })).toBeNull();
});
