import type { RefObject } from "preact";
import { useCallback, useEffect, useLayoutEffect, useState } from "preact/hooks";
import { drawnRows, nextRange, visibleRows } from "./rowWindow";

/** From this many rows on, only those in view are drawn. */
const WINDOW_FROM = 60;

/** Which rows of the grid are drawn, and how high each is. Call `measure` after scrolling. */
export function useRowWindow(scroller: RefObject<HTMLElement | null>, total: number, activeRow: number) {
  const [rowHeight, setRowHeight] = useState(innerWidth < 900 ? 44 : 36);
  const [range, setRange] = useState(() => visibleRows(0, innerHeight, rowHeight, total));
  const [resizes, setResizes] = useState(0);
  const isWindowed = total > WINDOW_FROM;

  const measure = useCallback(() => {
    const box = scroller.current;
    if (!box || !isWindowed) return;
    const height = box.querySelector<HTMLElement>("tbody tr[data-row]")?.offsetHeight ?? 36;
    setRowHeight(height);
    const view = [box.scrollTop, box.clientHeight, height, total] as const;
    const needed = visibleRows(...view, 5);
    const next = visibleRows(...view);
    setRange((drawn) => nextRange(drawn, needed, next));
  }, [scroller, isWindowed, total]);

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
  return { drawn, range, rowHeight, resizes, measure };
}
