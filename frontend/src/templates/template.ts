import type { components } from "../api/schema";

export type Stage = components["schemas"]["Stage"];
export type Variant = components["schemas"]["VariantBody"];
