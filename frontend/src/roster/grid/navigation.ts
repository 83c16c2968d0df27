import type { Cell } from "../cells";

/** Where an arrow, Home, End or Page key leads, with Ctrl to the edge; null for any other key. */
export function cellAfterKey(
  from: Cell,
  key: string,
  rows: number,
  columns: number,
  toEdge = false,
  pageRows = 10,
): Cell | null {
  const to = { ...from };
  if (toEdge && (key === "Home" || key === "End")) to.row = key === "Home" ? 0 : rows - 1;
  const steps = toEdge ? Math.max(rows, columns) : 1;
  switch (key) {
    case "ArrowLeft":
      to.column -= steps;
      break;
    case "ArrowRight":
      to.column += steps;
      break;
    case "ArrowUp":
      to.row -= steps;
      break;
    case "ArrowDown":
      to.row += steps;
      break;
    case "Home":
      to.column = 0;
      break;
    case "End":
      to.column = columns - 1;
      break;
    case "PageUp":
      to.row -= pageRows;
      break;
    case "PageDown":
      to.row += pageRows;
      break;
    default:
      return null;
  }
  return {
    row: Math.max(0, Math.min(rows - 1, to.row)),
    column: Math.max(0, Math.min(columns - 1, to.column)),
  };
}
