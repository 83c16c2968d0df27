import type { Block } from "./selection";

const WORD_ENDS = /[\t\r\n]|$/g;

/** Lines and words of tab-separated text as Excel and WPS write it: words with a tab, a break or a quote stand in quotes. */
export function parseText(text: string): string[][] {
  const lines: string[][] = [[]];
  const put = (word: string) => lines.at(-1)?.push(word);
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
    WORD_ENDS.lastIndex = index;
    const end = WORD_ENDS.exec(text)?.index ?? text.length;
    put(word + text.slice(index, end));
    if (end >= text.length) break;
    index = end + (text.startsWith("\r\n", end) ? 2 : 1);
    if (text[end] === "\t") continue;
    // The break after the last line is no line of its own.
    if (index >= text.length) break;
    lines.push([]);
  }
  return lines;
}

/** Where a quoted word ends; 0 when what begins with a quote is no quoted word. */
function closingQuote(text: string, open: number): number {
  for (let index = open + 1; index < text.length; index++) {
    if (text[index] !== '"') continue;
    if (text[index + 1] === '"') index++;
    else return /^([\t\r\n]|$)/.test(text.slice(index + 1, index + 2)) ? index : 0;
  }
  return 0;
}

/** The same of an HTML table, for programs that write nothing else. A merged cell says its word once. */
export function parseTable(html: string): string[][] {
  const table = new DOMParser().parseFromString(html, "text/html").querySelector("table");
  const lines: string[][] = [];
  for (const [row, tr] of [...(table?.querySelectorAll("tr") ?? [])].entries()) {
    let column = 0;
    for (const cell of tr.querySelectorAll<HTMLTableCellElement>("td,th")) {
      while (lines[row]?.[column] !== undefined) column++;
      for (let down = 0; down < (cell.rowSpan || 1); down++)
        for (let across = 0; across < (cell.colSpan || 1); across++) {
          lines[row + down] ??= [];
          const line = lines[row + down];
          if (line) line[column + across] = down + across === 0 ? (cell.textContent ?? "").trim() : "";
        }
    }
    lines[row] ??= [];
  }
  return lines.map((line) => Array.from(line, (word) => word ?? ""));
}

export interface Named {
  id: number;
  code: string;
  name: string;
  is_rest?: boolean;
}

/** Width, case and blanks do not matter: Ａ, a and " A " are one word. */
export const normalized = (word: string) => word.normalize("NFKC").toLowerCase().replace(/\s+/g, "");

/** The same list as in backend/daka/shifts/rest_words.py. */
const REST_WORDS = ["休", "休息", "公休", "轮休", "off", "rest", "r"];

/** What a word means: a shift by its code, then by its name; `REST_WORDS` mean the only rest shift. */
export function shiftLookup(shifts: readonly Named[]): (word: string) => number | undefined {
  const meanings = new Map<string, number>();
  const learn = (word: string, id: number) => {
    if (!meanings.has(normalized(word))) meanings.set(normalized(word), id);
  };
  for (const shift of shifts) learn(shift.code, shift.id);
  for (const shift of shifts) learn(shift.name, shift.id);
  const [rest, ...others] = shifts.filter((shift) => shift.is_rest);
  if (rest && others.length === 0) for (const word of REST_WORDS) learn(word, rest.id);
  return (word) => meanings.get(normalized(word));
}

/** The shifts that words mean. An unknown word leaves its cell alone and is told. */
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

/** What a shift is called on the clipboard: its code, or its name where another shift answers to the code. */
export function shiftLabels(shifts: readonly Named[]): (id: number | null) => string {
  const meaning = shiftLookup(shifts);
  const words = new Map(
    shifts.map((shift) => [shift.id, meaning(shift.code) === shift.id ? shift.code : shift.name]),
  );
  return (id) => (id === null ? "" : (words.get(id) ?? ""));
}

const quoted = (word: string) => (/[\t\r\n"]/.test(word) ? `"${word.replaceAll('"', '""')}"` : word);

/** The text that Excel and WPS read into cells. */
export const toText = (lines: readonly (readonly string[])[]) =>
  lines.map((line) => line.map(quoted).join("\t")).join("\r\n");

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (word: string) => word.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);

/** The same as a table, for documents and mail. */
export const toTable = (lines: readonly (readonly string[])[]) =>
  `<table>${lines.map((line) => `<tr>${line.map((word) => `<td>${escaped(word)}</td>`).join("")}</tr>`).join("")}</table>`;
