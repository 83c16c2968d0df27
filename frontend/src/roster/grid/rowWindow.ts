/** Rows by index, the end excluded. */
export interface RowRange {
  first: number;
  last: number;
}

/** Consecutive rows that are drawn, and how many rows above them are not. */
export interface RowSegment {
  gap: number;
  start: number;
  end: number;
}

/** The rows in view and `spare` more on both sides. */
export function visibleRows(
  scrollTop: number,
  height: number,
  rowHeight: number,
  total: number,
  spare = 8,
): RowRange {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - spare);
  const last = Math.min(total, Math.ceil((scrollTop + height) / rowHeight) + spare);
  return { first: Math.min(first, total), last };
}

/** The range to draw after scrolling: the same object while it covers what is needed and is not much larger than `next`. */
export function nextRange(drawn: RowRange, needed: RowRange, next: RowRange): RowRange {
  const isEnough = drawn.first <= needed.first && drawn.last >= needed.last;
  const isSmall = drawn.last - drawn.first <= next.last - next.first + 8;
  return isEnough && isSmall ? drawn : next;
}

/**
 * The rows to draw of a long roster: those in view, and the active row wherever it is, because removing it would lose the
 * focus. The last segment may be empty: its gap stands for the rows below.
 */
export function rowSegments(total: number, first: number, last: number, active: number): RowSegment[] {
  const segments: RowSegment[] = [];
  let drawnTo = 0;
  const draw = (start: number, end: number) => {
    segments.push({ gap: start - drawnTo, start, end });
    drawnTo = end;
  };
  const start = Math.min(first, total);
  const end = Math.min(last, total);
  if (active < start) draw(active, active + 1);
  draw(start, end);
  if (active >= end && active < total) draw(active, active + 1);
  if (drawnTo < total) draw(total, total);
  return segments;
}
