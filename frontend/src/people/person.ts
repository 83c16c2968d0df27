import type { components } from "../api/schema";
import { isAdmin, me } from "../api/session";

export type Person = components["schemas"]["UserRead"];
export type WholePerson = components["schemas"]["UserDetails"];

/** Planners change members and themselves; administrators everybody. */
export function mayChange(person: Person): boolean {
  return isAdmin.value || person.role === "member" || person.id === me.value?.id;
}
