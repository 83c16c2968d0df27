import { addDays, type PlainDate } from "../lib/dates";
import { normalized } from "./clipboard";

/** A pasted table with the people and dates that it names itself: the index of the column and of the row that name them. */
export interface PasteShape {
  names: number | null;
  header: number | null;
}

export interface ShapeContext {
  /** Whether a word is the name of somebody in this roster. */
  isPerson: (word: string) => boolean;
  isShift: (word: string) => boolean;
}

/** The same as PERSON in backend/daka/roster/transfer/words.py, as far as headings of pasted tables go. */
const NAME_HEADINGS = new Set([
  "姓名",
  "名字",
  "成员",
  "员工",
  "人员",
  "员工姓名",
  "氏名",
  "name",
  "employee",
  "person",
]);
const BARE_DAY = /^(\d{1,2})[日号]?\s*[（(]?(?:周|星期)?[一二三四五六日天]?[)）]?$/;
const DATE = /^(?:20\d\d\s*[-/.年]\s*)?\d{1,2}\s*[-/.月]\s*\d{1,2}[日号]?(?!\d|:)/;
const FULL_DATE = /^20\d\d\s*[-/.年]/;
const ROWS_TO_SEARCH = 6;
const COLUMNS_TO_SEARCH = 5;

const bareDay = (word: string) => {
  const day = Number(BARE_DAY.exec(word.normalize("NFKC").trim())?.[1]);
  return day >= 1 && day <= 31 ? day : null;
};
const isDate = (word: string) => DATE.test(word.normalize("NFKC").trim());

/** A pasted table with where it names people and dates, people down; null for mere shifts, which land at the active cell. */
export function tableOf(
  lines: readonly (readonly string[])[],
  context: ShapeContext,
): { lines: string[][]; shape: PasteShape } | null {
  const width = Math.max(0, ...lines.map((line) => line.length));
  const asIs = lines.map((line) => Array.from({ length: width }, (_, column) => line[column] ?? ""));
  const turned = Array.from({ length: width }, (_, column) => asIs.map((line) => line[column] ?? ""));
  for (const table of [asIs, turned]) {
    const shape = shapeOf(table, context);
    const isNamed = shape.header !== null || (table === asIs ? shape.names !== null : shape.names === 0);
    if (isNamed) return { lines: table, shape };
  }
  const isHeading = (words: readonly string[], rest: readonly (readonly string[])[]) =>
    new Set(words.filter((word) => normalized(word) !== "" && !context.isShift(word))).size > 1 &&
    !words.some(context.isShift) &&
    rest.some((line) => line.some(context.isShift));
  // Names or days that are not known: shifts beside or below them are not those of the active cell.
  if (isHeading(turned[0] ?? [], turned.slice(1))) return { lines: asIs, shape: { names: 0, header: null } };
  if (isHeading(asIs[0] ?? [], asIs.slice(1))) return { lines: asIs, shape: { names: null, header: 0 } };
  return null;
}

/** Where a table names people and dates. Both are null for mere shifts. */
export function shapeOf(lines: readonly (readonly string[])[], context: ShapeContext): PasteShape {
  const rows = lines.slice(0, ROWS_TO_SEARCH);
  const header = rows.findIndex((line) => isHeader(line, context));
  const first = header < 0 ? COLUMNS_TO_SEARCH : firstDay(lines[header] ?? []);
  const body = lines.slice(header + 1);
  for (let column = 0; column < Math.min(first, COLUMNS_TO_SEARCH); column++)
    if (isNames(column, lines, body, context)) return { names: column, header: header < 0 ? null : header };
  return { names: null, header: header < 0 || first > 0 ? null : header };
}

const firstDay = (line: readonly string[]) =>
  line.findIndex((word) => isDate(word) || bareDay(word) !== null);

/** At least two days that go on one from another, or dates. Shifts called 1, 2 and 3 are no days. */
function isHeader(line: readonly string[], { isShift }: ShapeContext): boolean {
  const words = line.filter((word) => normalized(word) !== "");
  if (words.every(isShift)) return false;
  if (words.filter(isDate).length >= 2) return true;
  const days = line.map(bareDay).filter((day) => day !== null);
  const steps = days.filter((day, index) => index > 0 && isNext(days[index - 1] ?? 0, day)).length;
  return days.length >= 2 && steps === days.length - 1;
}

const isNext = (before: number, day: number) => day === before + 1 || (before >= 28 && day === 1);

/** A column under a heading such as 姓名, or one in which at least half of the words are people's names. */
function isNames(
  column: number,
  lines: readonly (readonly string[])[],
  body: readonly (readonly string[])[],
  { isPerson, isShift }: ShapeContext,
): boolean {
  const isHeading = (line: readonly string[]) => NAME_HEADINGS.has(normalized(line[column] ?? ""));
  if (lines.slice(0, ROWS_TO_SEARCH).some(isHeading)) return true;
  const words = body.map((line) => line[column] ?? "").filter((word) => normalized(word) !== "");
  const known = words.filter((word) => isPerson(word) && !isShift(word)).length;
  return known > 0 && 2 * known >= words.length;
}

export interface PasteTarget {
  people: readonly { id: number; name: string }[];
  dates: readonly PlainDate[];
  /** Row and column of the active cell: where what is not named begins. */
  row: number;
  column: number;
}

/** A table with a column of names and a row of dates, as the server reads a file. */
export interface NamedTable {
  lines: string[][];
  /** People by the words that stand for them. */
  people: Record<string, number>;
  /** Whether the dates are bare days, of the month that is shown. */
  needsMonth: boolean;
}

/** Adds what the pasted table does not name: the days from the active cell on, or the people from there down. */
export function namedTable(
  lines: readonly (readonly string[])[],
  { names, header }: PasteShape,
  { people, dates, row, column }: PasteTarget,
): NamedTable {
  const found: NamedTable = { lines: [], people: {}, needsMonth: false };
  const ids = new Map<string, number | null>();
  for (const { id, name } of people) ids.set(normalized(name), ids.has(normalized(name)) ? null : id);
  const from = dates[column] ?? dates[0] ?? "";
  const first = names === null ? 0 : names + 1;
  const width = Math.max(...lines.map((line) => line.length));
  if (header === null)
    found.lines.push(["姓名", ...Array.from({ length: width - first }, (_, index) => addDays(from, index))]);
  lines.forEach((line, index) => {
    const isAbove = header !== null && index <= header;
    const rest = line.slice(first);
    if (isAbove) {
      if (index === header) {
        found.needsMonth = !rest.some((word) => FULL_DATE.test(word.normalize("NFKC").trim()));
        found.lines.push(["姓名", ...rest]);
      } else found.lines.push(["", ...rest]);
      return;
    }
    if (names === null) {
      const person = people[row + index - (header ?? -1) - 1];
      if (!person) return;
      found.people[`@${person.id}`] = person.id;
      found.lines.push([`@${person.id}`, ...rest]);
      return;
    }
    const word = line[names] ?? "";
    const id = ids.get(normalized(word));
    if (id != null) found.people[word.trim()] = id;
    found.lines.push([word.trim(), ...rest]);
  });
  return found;
}
