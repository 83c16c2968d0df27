import type { components } from "../api/schema";

export type Channel = components["schemas"]["ChannelRead"];
export type Kind = components["schemas"]["ChannelKindRead"];
