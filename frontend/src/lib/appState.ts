import { createContext } from "preact";
import { useContext } from "preact/hooks";

/** What pages keep while another page is open, by name. The app's root owns it, so that no module holds state. */
export const AppState = createContext<Map<string, unknown> | null>(null);

/** State that outlives the page, created when it is first used. */
export function useAppState<T>(name: string, create: () => T): T {
  const state = useContext(AppState);
  if (!state) throw new Error("useAppState is for pages inside the app");
  if (!state.has(name)) state.set(name, create());
  return state.get(name) as T;
}
