import type { components } from "../../api/schema";

export type Crew = components["schemas"]["Crew"];

/** The crew of each person, by place in the order of turns. */
export type CrewOf = Readonly<Record<number, number>>;

const NAMES = ["甲", "乙", "丙", "丁", "戊", "己"];
export const MOST_CREWS = NAMES.length;

export const crewName = (index: number) => NAMES[index] ?? `${index + 1}`;

/** The crews that a team has kept. */
export const crewsOf = (kept: readonly Crew[]): CrewOf =>
  Object.fromEntries(kept.flatMap((crew, index) => crew.user_ids.map((id) => [id, index])));

/** People in the order of the list, in so many crews of about the same size; those whose crew is known stay in it. */
export function divided(userIds: readonly number[], count: number, kept: CrewOf): CrewOf {
  if (count < 2) return {};
  const stay = crewCountOf(kept) === count ? kept : {};
  const among = userIds.map((id, index) => [id, Math.floor((index * count) / userIds.length)]);
  return { ...Object.fromEntries(among), ...stay };
}

/** How many crews these are. */
export const crewCountOf = (crewOf: CrewOf) => Math.max(-1, ...Object.values(crewOf)) + 1;

/** How far into a cycle a crew begins: crews follow each other evenly. */
export const crewOffset = (crew: number, count: number, length: number) =>
  count > 0 ? Math.round((crew * length) / count) % Math.max(1, length) : 0;

/** As the API keeps them, of these people. */
export const toCrews = (crewOf: CrewOf, count: number, userIds: readonly number[]): Crew[] =>
  Array.from({ length: count }, (_, index) => ({
    name: crewName(index),
    user_ids: userIds.filter((id) => crewOf[id] === index),
  }));
