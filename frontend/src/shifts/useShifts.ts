import { api } from "../api/client";
import { fetchOrCached } from "../api/offlineCache";
import { type Resource, useResource } from "../api/resource";
import type { components } from "../api/schema";

export type Shift = components["schemas"]["ShiftRead"];

/** The last answer when the server is away. */
export const fetchShifts = () => fetchOrCached("shifts", async () => (await api.get("/api/v1/shifts")).items);

/** All shifts one may see. `teamId`: the team whose night decides which of them are night shifts; default: one's own. */
export function useShifts(teamId?: number): Resource<Shift[]> {
  return useResource(
    `shifts ${teamId ?? ""}`,
    teamId === undefined
      ? fetchShifts
      : async () => (await api.get("/api/v1/shifts", { query: { night_team_id: teamId } })).items,
    ["shift"],
  );
}

/** Without the moved times of single days that an attendance system told. */
export const plannable = (shifts: readonly Shift[]) => shifts.filter((shift) => !shift.is_variant);

/** A shift's name. `gone` if there is no such shift; “…” while they are not known yet. */
export const nameOfShift = (shifts: ReadonlyMap<number, Shift>, id: number, gone: string) =>
  shifts.size === 0 ? "…" : (shifts.get(id)?.name ?? gone);

export function byId(shifts: readonly Shift[] | null): Map<number, Shift> {
  return new Map((shifts ?? []).map((shift) => [shift.id, shift]));
}
