/** What differs from what the server showed. A masked number that nobody touched is so never sent back. */
export function changedFacts<F extends object>(shown: F, typed: Partial<F>): Partial<F> {
  const differs = (name: keyof F) => typed[name] !== shown[name];
  return Object.fromEntries(
    (Object.keys(typed) as (keyof F)[]).filter(differs).map((name) => [name, typed[name]]),
  ) as Partial<F>;
}
