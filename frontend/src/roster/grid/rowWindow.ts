/** Rows by index, the end excluded. */
export interface RowRange {
  first: number;
  last: number;
}

/** Rows to scroll to are drawn so many ahead, and so many stay behind. */
const AHEAD = 16;
const BEHIND = 4;

/** The rows in view, the spare ones excluded. */
export function visibleRows(scrollTop: number, height: number, rowHeight: number, total: number): RowRange {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight));
  const last = Math.min(total, Math.ceil((scrollTop + height) / rowHeight));
  return { first: Math.min(first, total), last };
}

/**
 * The rows in view and the spare ones, of which there are more where it is scrolled to. At both ends they are as many as
 * elsewhere, so that no row has to be made while somebody scrolls.
 */
export function wantedRows({ first, last }: RowRange, total: number, isDown: boolean): RowRange {
  const size = last - first + AHEAD + BEHIND;
  const from = Math.max(0, Math.min(first - (isDown ? BEHIND : AHEAD), total - size));
  return { first: from, last: Math.min(total, from + size) };
}

/** Those of the wanted rows that are not drawn: those nearest to the middle of the view first. */
export function missingRows(wanted: RowRange, view: RowRange, isDrawn: (index: number) => boolean): number[] {
  const middle = (view.first + view.last - 1) / 2;
  const missing: number[] = [];
  for (let index = wanted.first; index < wanted.last; index++) if (!isDrawn(index)) missing.push(index);
  return missing.sort((one, other) => Math.abs(one - middle) - Math.abs(other - middle));
}

const MOST_A_FRAME = 6;
const FEWEST_A_FRAME = 2;
/** Half of it is left for what else may come in a frame, so that none takes 50 ms. */
const FRAME_WORK_MS = 24;

/** How many rows may be written in the next frame, after `drawn` of at most `share` were in one whose work took so long. */
export function nextShare(share: number, drawn: number, tookMs: number): number {
  if (tookMs > FRAME_WORK_MS) return Math.max(FEWEST_A_FRAME, Math.floor((drawn * FRAME_WORK_MS) / tookMs));
  const oneMore = (tookMs * (share + 1)) / share;
  return drawn === share && oneMore < FRAME_WORK_MS ? Math.min(MOST_A_FRAME, share + 1) : share;
}
