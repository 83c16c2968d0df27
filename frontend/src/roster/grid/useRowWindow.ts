import type { RefObject } from "preact";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { drawnRows, nextRange, rangeStep, visibleRows } from "./rowWindow";

/** From this many rows on, only those in view are drawn. */
const WINDOW_FROM = 60;

/** So many rows beyond those in view are added in a frame: all at once would be a frame too long. */
const SPARE_ROWS_A_FRAME = 4;

/**
 * Which rows of the grid are drawn, and how high each is. Call `measure` when all are needed at once, `follow` after
 * scrolling: then those in view come in the same frame, and the spare ones by and by.
 */
export function useRowWindow(scroller: RefObject<HTMLElement | null>, total: number, activeRow: number) {
  const [rowHeight, setRowHeight] = useState(innerWidth < 900 ? 44 : 36);
  const [range, setRange] = useState(() => visibleRows(0, innerHeight, rowHeight, total));
  const [resizes, setResizes] = useState(0);
  /** The days do not fit, so that the names have to stay while they are scrolled. */
  const [isWide, setWide] = useState(false);
  const isWindowed = total > WINDOW_FROM;
  const drawnRange = useRef(range);
  const request = useRef(0);

  /** Draws the rows in view, and so many of the spare ones; false if all are drawn. */
  const step = useCallback(
    (most: number) => {
      const box = scroller.current;
      if (!box || !isWindowed) return false;
      const height = box.querySelector<HTMLElement>("tbody tr[data-row]")?.offsetHeight ?? 36;
      setRowHeight(height);
      const view = [box.scrollTop, box.clientHeight, height, total] as const;
      const wanted = nextRange(drawnRange.current, visibleRows(...view, 5), visibleRows(...view));
      if (wanted === drawnRange.current) return false;
      drawnRange.current = rangeStep(drawnRange.current, wanted, visibleRows(...view, 0), most);
      setRange(drawnRange.current);
      return true;
    },
    [scroller, isWindowed, total],
  );

  const measure = useCallback(() => {
    const box = scroller.current;
    if (box) setWide(box.scrollWidth > box.clientWidth);
    step(Number.POSITIVE_INFINITY);
  }, [scroller, step]);

  const follow = useCallback(() => {
    request.current ||= requestAnimationFrame(() => {
      request.current = 0;
      if (step(SPARE_ROWS_A_FRAME)) follow();
    });
  }, [step]);
  useEffect(() => () => cancelAnimationFrame(request.current), []);

  useLayoutEffect(measure, [measure]);
  useEffect(() => {
    const resize = () => {
      measure();
      setResizes((count) => count + 1);
    };
    addEventListener("resize", resize);
    return () => removeEventListener("resize", resize);
  }, [measure]);

  const drawn = drawnRows(total, isWindowed ? range : { first: 0, last: total }, activeRow);
  return { drawn, range, rowHeight, resizes, isWide, measure, follow };
}
