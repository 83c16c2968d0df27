import type { components } from "../api/schema";

export type Source = components["schemas"]["PunchSourceRead"];
