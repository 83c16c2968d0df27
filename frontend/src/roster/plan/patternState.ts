import { datesOfMonth, type PlainDate, type PlainMonth } from "../../lib/dates";
import { type CrewOf, crewCountOf, crewOffset, divided } from "./crews";
import { type CycleDraft, evenStep, staggered } from "./cycle";

/** What a saved or built-in pattern brings into the form. */
export interface PatternChoice {
  id: number | null;
  name: string;
  /** How many of the team have worked it until now. */
  people: number;
  cycle: CycleDraft["slots"];
  starts_on_monday: boolean;
  calendar: "follow" | "ignore";
}

export const OWN_PATTERN = -1;

/** What a pattern is picked by: built-in ones have no id. */
export const keyOf = ({ id, name }: Pick<PatternChoice, "id" | "name">) => id ?? name;

export interface PatternState {
  /** The key of the pattern, or `OWN_PATTERN`. */
  picked: number | string;
  cycle: CycleDraft;
  startsOnMonday: boolean;
  followsCalendar: boolean;
  from: PlainDate;
  to: PlainDate;
  overwrite: boolean;
  /** Chosen people; null is everybody. */
  chosen: ReadonlySet<number> | null;
  /** How far into the cycle a person begins, by person, where that is not what their crew says. */
  offsets: Readonly<Record<number, number>>;
  /** How many crews there are; 0: everybody for themselves. */
  crewCount: number;
  crewOf: CrewOf;
  /** Whoever worked the cycle before goes on where they stopped. */
  continues: boolean;
  /** The name to save it under. */
  name: string;
}

export type PatternAction =
  | { type: "pick"; pattern: PatternChoice | undefined }
  | { type: "saved"; id: number }
  | { type: "offset"; userId: number; offset: number }
  | { type: "spread"; userIds: readonly number[] }
  | { type: "crews"; count: number; userIds: readonly number[]; kept: CrewOf }
  | { type: "crew"; userId: number; crew: number }
  | { type: "set"; change: Partial<Omit<PatternState, "picked" | "offsets" | "crewCount" | "crewOf">> }
  | { type: "clear_offsets" }
  | { type: "deleted" };

/** The month in sight, from today on where today is in it, with the pattern that most of the team have worked, and its crews. */
export function initialPattern(
  patterns: readonly PatternChoice[],
  seen: PlainMonth,
  today: PlainDate,
  kept: CrewOf = {},
): PatternState {
  const month = datesOfMonth(seen);
  const [most] = [...patterns].sort((one, other) => other.people - one.people);
  const first = most && most.people > 0 ? most : patterns[0];
  const crewOf = most && most.people > 0 ? kept : {};
  const inCrews = Object.keys(crewOf).map(Number);
  return {
    picked: first ? keyOf(first) : OWN_PATTERN,
    cycle: { slots: first?.cycle ?? [], at: null },
    startsOnMonday: first?.starts_on_monday ?? false,
    followsCalendar: first?.calendar === "follow",
    from: month.includes(today) ? today : (month[0] ?? today),
    to: month.at(-1) ?? today,
    overwrite: false,
    chosen: inCrews.length > 0 ? new Set(inCrews) : null,
    offsets: {},
    crewCount: crewCountOf(crewOf),
    crewOf,
    continues: true,
    name: "",
  };
}

export function patternReducer(state: PatternState, action: PatternAction): PatternState {
  switch (action.type) {
    case "pick": {
      const { pattern } = action;
      // A cycle of one's own is what one makes it: nothing stays of the pattern before.
      if (!pattern)
        return {
          ...state,
          picked: OWN_PATTERN,
          cycle: { slots: [], at: null },
          startsOnMonday: false,
          followsCalendar: false,
        };
      return {
        ...state,
        picked: keyOf(pattern),
        cycle: { slots: pattern.cycle, at: null },
        startsOnMonday: pattern.starts_on_monday,
        followsCalendar: pattern.calendar === "follow",
      };
    }
    case "offset":
      return { ...state, continues: false, offsets: { ...state.offsets, [action.userId]: action.offset } };
    case "crews":
      return {
        ...state,
        crewCount: action.count,
        crewOf: divided(action.userIds, action.count, action.kept),
        offsets: {},
      };
    case "crew": {
      const { [action.userId]: _, ...offsets } = state.offsets;
      return {
        ...state,
        crewOf: { ...state.crewOf, [action.userId]: action.crew },
        offsets,
      };
    }
    case "spread": {
      const length = state.cycle.slots.length;
      const { userIds } = action;
      return {
        ...state,
        continues: false,
        offsets: staggered(userIds, evenStep(userIds.length, length), length),
      };
    }
    case "clear_offsets":
      return { ...state, crewCount: 0, crewOf: {}, offsets: {} };
    case "set":
      return { ...state, ...action.change };
    case "saved":
      return { ...state, picked: action.id };
    case "deleted":
      // Its cycle stays in the form: it may be saved anew.
      return { ...state, picked: OWN_PATTERN };
  }
}

/** How far into the cycle somebody begins. */
export function offsetOf({ offsets, crewOf, crewCount, cycle }: PatternState, userId: number): number {
  const crew = crewOf[userId];
  return offsets[userId] ?? (crew === undefined ? 0 : crewOffset(crew, crewCount, cycle.slots.length));
}
