import type { Block } from "./selection";

/** Lines and fields of tab-separated text from Excel or WPS: fields with a tab, a line break or a quote are quoted. */
export function parseText(text: string): string[][] {
  const lines: string[][] = [[]];
  const put = (word: string) => lines.at(-1)?.push(word);
  const fieldEnd = /[\t\r\n]|$/g;
  let index = 0;
  for (;;) {
    let word = "";
    if (text[index] === '"') {
      const closing = closingQuote(text, index);
      if (closing > 0) {
        word = text.slice(index + 1, closing).replaceAll('""', '"');
        index = closing + 1;
      }
    }
    fieldEnd.lastIndex = index;
    const end = fieldEnd.exec(text)?.index ?? text.length;
    put(word + text.slice(index, end));
    if (end >= text.length) break;
    index = end + (text.startsWith("\r\n", end) ? 2 : 1);
    if (text[end] === "\t") continue;
    // The final line break begins no new line.
    if (index >= text.length) break;
    lines.push([]);
  }
  return lines;
}

/** Index of the closing quote; 0 when the field begins with a quote but is not quoted. */
function closingQuote(text: string, open: number): number {
  for (let index = open + 1; index < text.length; index++) {
    if (text[index] !== '"') continue;
    if (text[index + 1] === '"') index++;
    else return /^([\t\r\n]|$)/.test(text.slice(index + 1, index + 2)) ? index : 0;
  }
  return 0;
}

/** No sheet is wider; a page may claim any number. */
const MOST_COLUMNS = 420;

/** The same from an HTML table. A merged cell's text stands in all of its cells: one shift over three days is three. */
export function parseTable(html: string): string[][] {
  return tablesIn(html).flatMap(linesOf);
}

function linesOf(table: Element): string[][] {
  const lines: string[][] = [];
  const rows = [...table.querySelectorAll("tr")];
  for (const [row, tr] of rows.entries()) {
    let column = 0;
    for (const cell of tr.querySelectorAll<HTMLTableCellElement>("td,th")) {
      while (lines[row]?.[column] !== undefined) column++;
      const text = textOf(cell);
      const height = Math.min(cell.rowSpan || 1, rows.length - row);
      const width = Math.min(cell.colSpan || 1, MOST_COLUMNS);
      for (let down = 0; down < height; down++)
        for (let across = 0; across < width; across++) {
          lines[row + down] ??= [];
          const line = lines[row + down];
          if (line) line[column + across] = across && isOverflow(cell) ? "" : text;
        }
    }
    lines[row] ??= [];
  }
  return lines.map((line) => Array.from(line, (word) => word ?? ""));
}

/** Lines of a cell end at `<br>`; a line break of the source is a space. */
function textOf(cell: Element): string {
  for (const br of cell.querySelectorAll("br")) br.replaceWith("\v");
  const lines = (cell.textContent ?? "").split("\v");
  return lines
    .map((line) => line.trim().replace(/\s+/g, " "))
    .join("\n")
    .trim();
}

/** A page may draw the heading of a grid as a table of its own, above that of the rows. */
const tablesIn = (html: string) =>
  [...new DOMParser().parseFromString(html, "text/html").querySelectorAll("table")].filter(
    (table) => !table.parentElement?.closest("table"),
  );

/** Whether Excel only shows a long text over the blank cells beside it: they are not merged. */
const isOverflow = (cell: Element) => /mso-ignore:\s*colspan/.test(cell.getAttribute("style") ?? "");

const MERGED = "[colspan]:not([colspan='1']),[rowspan]:not([rowspan='1'])";

/** Whether a table has merged cells, which its plain text does not tell from blank or missing ones. */
const hasMergedCells = (html: string) => tablesIn(html).some((table) => table.querySelector(MERGED));

/** What was copied: the text, or the HTML table where that says more. */
export const parseCopied = (text: string, html: string): string[][] =>
  html && (!text || hasMergedCells(html)) ? parseTable(html) : parseText(text);

export interface Named {
  id: number;
  code: string;
  name: string;
  is_rest?: boolean;
}

/** For comparison, regardless of letter width, case and spaces: Ａ, a and " A " are equal. */
export const normalized = (word: string) => word.normalize("NFKC").toLowerCase().replace(/\s+/g, "");

/** The same list as in backend/daka/shifts/service.py. */
export const REST_WORDS = ["休", "休息", "公休", "轮休", "off", "rest", "r"];

/** Finds a shift by code (N is another than n, if both exist), then by name; `REST_WORDS` mean the rest shift if there is only one. */
export function shiftLookup(
  shifts: readonly Named[],
  /** Words of the team's own files, as imports left them. */
  learned: ReadonlyMap<string, number> = new Map(),
): (word: string) => number | undefined {
  const meanings = new Map<string, number>();
  const learn = (word: string, id: number) => {
    if (!meanings.has(normalized(word))) meanings.set(normalized(word), id);
  };
  for (const shift of shifts) learn(shift.code, shift.id);
  for (const shift of shifts) learn(shift.name, shift.id);
  const [rest, ...others] = shifts.filter((shift) => shift.is_rest);
  if (rest && others.length === 0) for (const word of REST_WORDS) learn(word, rest.id);
  for (const [word, id] of learned) if (shifts.some((shift) => shift.id === id)) learn(word, id);
  const exact = new Map(shifts.map((shift) => [shift.code, shift.id]));
  return (word) => exact.get(word.normalize("NFKC").trim()) ?? meanings.get(normalized(word));
}

/** The shifts for fields of text. An unknown text leaves its cell unchanged and is listed in `unknown`. */
export function toBlock(
  lines: readonly (readonly string[])[],
  meaning: (word: string) => number | undefined,
): { block: Block; unknown: string[] } {
  const unknown = new Set<string>();
  const width = Math.max(1, ...lines.map((line) => line.length));
  const block = lines.map((line) =>
    Array.from({ length: width }, (_, column) => {
      const word = line[column] ?? "";
      if (normalized(word) === "") return null;
      const id = meaning(word);
      if (id === undefined) unknown.add(word.trim());
      return id;
    }),
  );
  return { block, unknown: [...unknown] };
}

/** A shift's text on the clipboard: its code, or its name if the code means another shift. */
export function shiftLabels(shifts: readonly Named[]): (id: number | null) => string {
  const meaning = shiftLookup(shifts);
  const words = new Map(
    shifts.map((shift) => [shift.id, meaning(shift.code) === shift.id ? shift.code : shift.name]),
  );
  return (id) => (id === null ? "" : (words.get(id) ?? ""));
}

const quoted = (word: string) => (/[\t\r\n"]/.test(word) ? `"${word.replaceAll('"', '""')}"` : word);

/** Tab-separated text for Excel and WPS. */
export const toText = (lines: readonly (readonly string[])[]) =>
  lines.map((line) => line.map(quoted).join("\t")).join("\r\n");

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (word: string) => word.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);

/** The same as an HTML table, for documents and mail. */
export const toTable = (lines: readonly (readonly string[])[]) =>
  `<table>${lines.map((line) => `<tr>${line.map((word) => `<td>${escaped(word)}</td>`).join("")}</tr>`).join("")}</table>`;
