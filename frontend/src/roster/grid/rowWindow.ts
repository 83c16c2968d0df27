/** Rows by index, the end excluded. */
export interface RowRange {
  first: number;
  last: number;
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
 * On the way from `drawn` to `wanted`: all rows in view, and of the spare ones so many more, on the side that is scrolled to
 * first. Rows that are not wanted any more go.
 */
export function rangeStep(drawn: RowRange, wanted: RowRange, inView: RowRange, most: number): RowRange {
  const kept = { first: Math.max(drawn.first, wanted.first), last: Math.min(drawn.last, wanted.last) };
  const isAny = kept.first < kept.last;
  const base = {
    first: isAny ? Math.min(kept.first, inView.first) : inView.first,
    last: isAny ? Math.max(kept.last, inView.last) : inView.last,
  };
  const below = wanted.last - base.last;
  const above = base.first - wanted.first;
  const isDown = wanted.last > drawn.last;
  const addedBelow = isDown ? Math.min(most, below) : Math.min(most - Math.min(most, above), below);
  return { first: base.first - Math.min(most - addedBelow, above), last: base.last + addedBelow };
}

/** The rows to draw, by index: those of the range, and the active row wherever it is, because removing it would lose the focus. */
export function drawnRows(total: number, { first, last }: RowRange, active: number): number[] {
  const start = Math.min(first, total);
  const end = Math.min(last, total);
  const drawn = Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index);
  if (active >= total || (active >= start && active < end)) return drawn;
  return active < start ? [active, ...drawn] : [...drawn, active];
}
