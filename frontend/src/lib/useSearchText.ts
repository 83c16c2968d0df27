import { useEffect, useState } from "preact/hooks";
import { useDebounced } from "./useDebounced";

/** A search field whose text is kept in the address: what is typed, and what is searched for once the typing stops. */
export function useSearchText(inAddress: string, onText: (text: string) => void) {
  const [typed, setTyped] = useState(inAddress);
  const text = useDebounced(typed.trim());
  useEffect(() => {
    if (inAddress !== text) onText(text);
  }, [text]);
  return { typed, setTyped, text };
}
