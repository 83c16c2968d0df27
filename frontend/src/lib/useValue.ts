import { useLayoutEffect, useRef } from "preact/hooks";

/** The ref of a field that is read when it is left: it is set when the value changes, not at each render, which would take back
 *  what is being typed. */
export function useValue(value: string | number) {
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (field.current) field.current.value = `${value}`;
  }, [value]);
  return field;
}
