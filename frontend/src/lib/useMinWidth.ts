import { useEffect, useState } from "preact/hooks";

/** Whether the window is at least this wide. */
export function useMinWidth(pixels: number): boolean {
  const [isWide, setWide] = useState(() => matchMedia(`(min-width: ${pixels}px)`).matches);
  useEffect(() => {
    const query = matchMedia(`(min-width: ${pixels}px)`);
    const look = () => setWide(query.matches);
    look();
    query.addEventListener("change", look);
    return () => query.removeEventListener("change", look);
  }, [pixels]);
  return isWide;
}
