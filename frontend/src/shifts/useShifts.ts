import { api } from "../api/client";
import { type Resource, useResource } from "../api/resource";
import type { components } from "../api/schema";

export type Shift = components["schemas"]["ShiftRead"];

/** All shifts one may see. */
export function useShifts(): Resource<Shift[]> {
  return useResource("shifts", async () => (await api.get("/api/v1/shifts")).items, ["shift"]);
}

export function byId(shifts: readonly Shift[] | null): Map<number, Shift> {
  return new Map((shifts ?? []).map((shift) => [shift.id, shift]));
}
