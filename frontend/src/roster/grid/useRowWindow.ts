import type { RefObject } from "preact";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { RowPool, type RowsShown } from "./RowPool";
import { missingRows, nextShare, visibleRows, wantedRows } from "./rowWindow";

/** From this many rows on, only those in view are drawn. */
const WINDOW_FROM = 60;
/** So long after the last new row nothing is scrolled any more. */
const RESTED_MS = 150;

/**
 * Draws the rows of the grid that are in view. Call `measure` when all are needed at once, `follow` after scrolling: then
 * rows come by and by, as many in a frame as keep it short.
 */
export function useRowWindow(
  scroller: RefObject<HTMLElement | null>,
  body: RefObject<HTMLTableSectionElement | null>,
  shown: RowsShown,
) {
  const [rowHeight, setRowHeight] = useState(innerWidth < 900 ? 44 : 36);
  const [resizes, setResizes] = useState(0);
  /** The days do not fit, so that the names have to stay while they are scrolled. */
  const [isWide, setWide] = useState(false);
  const pool = useRef<RowPool | null>(null);
  const scrolled = useRef({ top: 0, isDown: true, share: 2, request: 0, rest: 0 });
  const total = shown.rows.length;
  // Read when a frame comes, not when it was asked for: meanwhile there may be other people.
  const size = useRef({ rowHeight, total });
  size.current = { rowHeight, total };

  /** Draws so many of the rows that are missing; returns how many. */
  const draw = useCallback(
    (most: number | "in view") => {
      const box = scroller.current;
      if (!box || !pool.current) return 0;
      const { rowHeight, total } = size.current;
      const last = scrolled.current;
      const top = box.scrollTop;
      if (top !== last.top) last.isDown = top > last.top;
      last.top = top;
      const view = visibleRows(top, box.clientHeight, rowHeight, total);
      const spare = total > WINDOW_FROM ? wantedRows(view, total, last.isDown) : { first: 0, last: total };
      const wanted = most === "in view" ? view : spare;
      const missing = missingRows(wanted, view, pool.current.has);
      const now = most === "in view" ? missing : missing.slice(0, most);
      pool.current.draw(
        now.sort((one, other) => one - other),
        spare,
      );
      return now.length;
    },
    [scroller],
  );

  const follow = useCallback(() => {
    const { current } = scrolled;
    current.request ||= requestAnimationFrame(() => {
      current.request = 0;
      const begun = performance.now();
      const { share } = current;
      const drawn = draw(share);
      clearTimeout(current.rest);
      if (drawn === 0) {
        current.rest = window.setTimeout(() => pool.current?.sort(), RESTED_MS);
        return;
      }
      // A message comes right after the frame is laid out and painted, which takes longer than writing the rows.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        current.share = nextShare(share, drawn, performance.now() - begun);
      };
      port2.postMessage(null);
      follow();
    });
  }, [draw]);
  useEffect(() => {
    const { current } = scrolled;
    return () => {
      cancelAnimationFrame(current.request);
      clearTimeout(current.rest);
    };
  }, []);

  const measure = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    setWide(box.scrollWidth > box.clientWidth);
    draw("in view");
    setRowHeight(box.querySelector<HTMLElement>("tr[data-row]")?.offsetHeight || size.current.rowHeight);
    follow();
  }, [scroller, draw, follow]);

  useLayoutEffect(() => {
    if (!body.current) return;
    pool.current ??= new RowPool(body.current, shown);
    pool.current.show(shown);
    follow();
  });
  useLayoutEffect(measure, [measure, rowHeight, total]);
  useEffect(() => {
    const resize = () => {
      measure();
      setResizes((count) => count + 1);
    };
    addEventListener("resize", resize);
    return () => removeEventListener("resize", resize);
  }, [measure]);

  return { rowHeight, resizes, isWide, measure, follow };
}
