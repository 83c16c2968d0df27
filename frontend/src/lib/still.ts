import { useEffect, useState } from "preact/hooks";

const STILL_MS = 250;

/** What was typed, once the typing has stopped. */
export function useStill(text: string): string {
  const [still, setStill] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setStill(text), STILL_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return still;
}
