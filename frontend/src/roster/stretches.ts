/** Rows drawn one after the other, and how many rows before them are not. */
export interface Stretch {
  gap: number;
  start: number;
  end: number;
}

/**
 * The rows to draw of a long roster: those in sight, and the active one wherever it is, because the focus would be lost with
 * it. The last stretch may be empty: it stands for what is not drawn below.
 */
export function stretches(total: number, first: number, last: number, active: number): Stretch[] {
  const parts: Stretch[] = [];
  let drawnTo = 0;
  const draw = (start: number, end: number) => {
    parts.push({ gap: start - drawnTo, start, end });
    drawnTo = end;
  };
  const start = Math.min(first, total);
  const end = Math.min(last, total);
  if (active < start) draw(active, active + 1);
  draw(start, end);
  if (active >= end && active < total) draw(active, active + 1);
  if (drawnTo < total) draw(total, total);
  return parts;
}
