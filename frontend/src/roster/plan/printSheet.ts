import { HUES, hueClassOf } from "../../shifts/colour";

/** One day of the sheet. */
export interface PrintDay {
  day: number;
  weekday: string;
  /** 休 or 班, else empty. */
  mark: string;
  isOff: boolean;
}

export interface PrintShift {
  code: string;
  name: string;
  hours: string;
  color: string;
  isNight: boolean;
  isRest: boolean;
}

export interface PrintSheet {
  title: string;
  note: string;
  days: readonly PrintDay[];
  rows: readonly { name: string; shifts: readonly (PrintShift | null)[] }[];
  legend: readonly PrintShift[];
}

/** A4 across within margins of 8 mm, in tenths of a millimetre. */
export const WIDTH = 2810;
const HEIGHT = 1940;
const NAME_WIDTH = 250;
const TITLE = 84;
const HEAD = 96;
const LEGEND_LINE = 52;
const FONT = "'PingFang SC','Noto Sans SC','Noto Sans CJK SC','Microsoft YaHei',system-ui,sans-serif";
/** So many rows are still read from two metres away. */
export const ROWS_PER_PAGE = 36;
/** Beyond this a picture is higher than what browsers draw. */
export const ROWS_PER_PICTURE = 150;
/** A long name is written smaller, down to this, before its end is left out. */
const SMALLEST_NAME = 0.6;
/** What was made to fit, fits. */
const ROUNDING = 0.01;
const TALLEST_ROW = 90;
const PICTURE_ROW = 50;

const escaped = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** About how wide a text is, in widths of a Chinese character. */
export function emsOf(text: string): number {
  let ems = 0;
  for (const sign of text) ems += (sign.codePointAt(0) ?? 0) > 0x2e7f ? 1 : 0.56;
  return ems;
}

/** The text if it fits, else its beginning and an ellipsis. */
export function fitted(text: string, ems: number): string {
  if (emsOf(text) <= ems) return text;
  let kept = "";
  for (const sign of text) {
    if (emsOf(kept + sign) > ems - 1) break;
    kept += sign;
  }
  return `${kept}…`;
}

function fillOf(shift: PrintShift): string {
  const hue = Number(/^hue-(\d+)$/.exec(shift.isRest ? "" : hueClassOf(shift.color))?.[1]);
  return HUES[hue - 1]?.hex ?? "#ffffff";
}

/** What a shift looks like in black and white: by its code; a night is hatched and bold, a rest pale and without ground. */
function cell(shift: PrintShift, x: number, y: number, width: number, height: number, size: number): string {
  const code = shift.code.slice(0, 6);
  const fits = Math.min(size, (width - 8) / Math.max(1, emsOf(code)));
  const text = `<text x="${x + width / 2}" y="${(y + height / 2 + fits * 0.35).toFixed(1)}" font-size="${fits.toFixed(1)}"`;
  if (shift.isRest) return `${text} fill="#555555">${escaped(code)}</text>`;
  const box = (fill: string) =>
    `<rect x="${x + 2}" y="${y + 2}" width="${width - 4}" height="${height - 4}" rx="5" ${fill}/>`;
  return `${box(`fill="${fillOf(shift)}" fill-opacity="0.4"`)}${
    shift.isNight ? box(`fill="url(#night)" stroke="#111111" stroke-width="3"`) : ""
  }${text} font-weight="${shift.isNight ? 800 : 600}">${escaped(code)}</text>`;
}

function legendLines(
  legend: readonly PrintShift[],
): { shift: PrintShift; x: number; line: number; text: string }[] {
  let x = 0;
  let line = 0;
  return legend.map((shift) => {
    const text = fitted(`${shift.name} ${shift.hours}`.trim(), 22);
    const width = 90 + emsOf(text) * 30 + 50;
    if (x > 0 && x + width > WIDTH) {
      x = 0;
      line++;
    }
    const at = { shift, x, line, text };
    x += width;
    return at;
  });
}

/** One sheet as SVG. A page is as high as the paper; a picture as high as it must be. */
function svgOf(sheet: PrintSheet, rows: PrintSheet["rows"], pageName: string, isPicture: boolean): string {
  const legend = legendLines(sheet.legend);
  const legendHeight = ((legend.at(-1)?.line ?? -1) + 1) * LEGEND_LINE + 24;
  const room = (HEIGHT - TITLE - HEAD - legendHeight) / Math.max(1, rows.length);
  const rowHeight = isPicture ? PICTURE_ROW : Math.floor(Math.min(TALLEST_ROW, room));
  const bottom = TITLE + HEAD + rowHeight * rows.length;
  const height = isPicture ? bottom + legendHeight : HEIGHT;
  const width = (WIDTH - NAME_WIDTH) / Math.max(1, sheet.days.length);
  const size = Math.min(44, rowHeight * 0.68);
  const xOf = (column: number) => Number((NAME_WIDTH + column * width).toFixed(1));
  const drawn: string[] = [];

  drawn.push(
    `<text x="0" y="52" text-anchor="start" font-size="50" font-weight="700">${escaped(fitted(sheet.title, 40))}</text>`,
    `<text x="${WIDTH}" y="52" text-anchor="end" font-size="30" fill="#444444">${escaped(
      [pageName, sheet.note].filter(Boolean).join(" · "),
    )}</text>`,
  );
  sheet.days.forEach((day, column) => {
    const x = xOf(column);
    if (day.isOff)
      drawn.push(
        `<rect x="${x}" y="${TITLE}" width="${width.toFixed(1)}" height="${bottom - TITLE}" fill="#e6e6e6"/>`,
      );
    const middle = (x + width / 2).toFixed(1);
    drawn.push(
      `<text x="${middle}" y="${TITLE + 38}" font-size="34" font-weight="600">${day.day}</text>`,
      `<text x="${middle}" y="${TITLE + 78}" font-size="28"${day.mark ? ' font-weight="800"' : ' fill="#444444"'}>${escaped(
        day.mark || day.weekday,
      )}</text>`,
    );
  });
  rows.forEach((row, index) => {
    const y = TITLE + HEAD + index * rowHeight;
    const nameSize = Math.max(size * SMALLEST_NAME, Math.min(size, (NAME_WIDTH - 12) / emsOf(row.name)));
    drawn.push(
      `<text x="4" y="${(y + rowHeight / 2 + nameSize * 0.35).toFixed(1)}" text-anchor="start" font-size="${nameSize.toFixed(1)}" font-weight="600">${escaped(
        fitted(row.name, (NAME_WIDTH - 12) / nameSize + ROUNDING),
      )}</text>`,
    );
    row.shifts.forEach((shift, column) => {
      if (shift) drawn.push(cell(shift, xOf(column), y, Number(width.toFixed(1)), rowHeight, size));
    });
  });
  for (let index = 0; index <= rows.length; index++) {
    const y = TITLE + HEAD + index * rowHeight;
    const isHeavy = index % 5 === 0;
    drawn.push(
      `<path d="M0 ${y}H${WIDTH}" stroke="${isHeavy ? "#333333" : "#aaaaaa"}" stroke-width="${isHeavy ? 2.5 : 1.2}"/>`,
    );
  }
  for (const { shift, x, line, text } of legend) {
    const y = bottom + 20 + line * LEGEND_LINE;
    drawn.push(
      cell(shift, x, y, 76, 42, 30),
      `<text x="${x + 88}" y="${y + 31}" text-anchor="start" font-size="30">${escaped(text)}</text>`,
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="${FONT}" text-anchor="middle" fill="#111111"><defs><pattern id="night" width="14" height="14" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><path d="M0 0H14" stroke="#111111" stroke-opacity="0.45" stroke-width="4"/></pattern></defs><rect width="${WIDTH}" height="${height}" fill="#ffffff"/>${drawn.join("")}</svg>`;
}

function parts<T>(all: readonly T[], most: number): T[][] {
  const count = Math.max(1, Math.ceil(all.length / most));
  const each = Math.ceil(all.length / count);
  return Array.from({ length: count }, (_, index) => all.slice(index * each, (index + 1) * each));
}

/** The sheets to print, people shared evenly among them. */
export function printPages(sheet: PrintSheet): string[] {
  const pages = parts(sheet.rows, ROWS_PER_PAGE);
  return pages.map((rows, index) =>
    svgOf(sheet, rows, pages.length > 1 ? `${index + 1}/${pages.length}` : "", false),
  );
}

/** The same as pictures: one, as long as a browser can draw it. */
export function printImages(sheet: PrintSheet): string[] {
  return parts(sheet.rows, ROWS_PER_PICTURE).map((rows) => svgOf(sheet, rows, "", true));
}
