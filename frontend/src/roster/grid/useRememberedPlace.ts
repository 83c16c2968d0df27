import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { PlainDate } from "../../lib/dates";

/** How far a grid is scrolled, and whose and which days' it is. */
export interface GridPlace {
  teamId: number | null;
  from: PlainDate;
  top: number;
  left: number;
}

/** A grid of the same team opens at the same people; with the same days, at the same days. */
export function useRememberedPlace(
  scroller: RefObject<HTMLElement | null>,
  place: GridPlace,
  { teamId, from }: Pick<GridPlace, "teamId" | "from">,
  measure: () => void,
) {
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box && place.teamId === teamId) {
      box.scrollTop = place.top;
      if (place.from === from) box.scrollLeft = place.left;
    } else Object.assign(place, { top: 0, left: 0 });
    Object.assign(place, { teamId, from });
    measure();
  }, []);
  return () => {
    place.top = scroller.current?.scrollTop ?? 0;
    place.left = scroller.current?.scrollLeft ?? 0;
  };
}
