import {
  type Import,
  type Meanings,
  NO_MEANINGS,
  peopleToMap,
  type SavedMapping,
  savedMappingOf,
  shiftsToMap,
  type Unknown,
  withEarlier,
} from "./importing";

export interface ImportOptions {
  /** For files without a month of their own; empty: as the file says. */
  month: string;
  clearsBlanks: boolean;
  skipsInvalidRows: boolean;
  /** Whose shifts an old JSON file holds; 0 is me. */
  owner: number;
}

export interface ImportState {
  file: File | null;
  options: ImportOptions;
  meanings: Meanings;
  /** Words of the file that have to be mapped, in this round and in earlier ones. */
  unknown: { people: readonly Unknown[]; shifts: readonly Unknown[] };
  savedMappings: readonly SavedMapping[];
  job: Import | null;
  /** Something was chosen since the last check: what would be written is not what is shown. */
  isStale: boolean;
  isSending: boolean;
  problem: string | null;
}

export type ImportAction =
  | { type: "chosen"; file: File | null }
  | { type: "option"; change: Partial<ImportOptions> }
  | { type: "meanings"; meanings: Meanings }
  | { type: "saved_mappings"; saved: readonly SavedMapping[] }
  | { type: "forgotten"; saved: readonly SavedMapping[] }
  | { type: "sending" }
  | { type: "progress"; job: Import }
  | { type: "ended"; job: Import }
  | { type: "finished"; problem?: string }
  | { type: "failed"; problem: string };

export const EMPTY_IMPORT: ImportState = {
  file: null,
  options: { month: "", clearsBlanks: false, skipsInvalidRows: false, owner: 0 },
  meanings: NO_MEANINGS,
  unknown: { people: [], shifts: [] },
  savedMappings: [],
  job: null,
  isStale: false,
  isSending: false,
  problem: null,
};

/** What is kept of an import that is not finished: all that was chosen, and nothing that a check said. */
export const asHalfDone = (state: ImportState): ImportState => ({
  ...state,
  job: null,
  isStale: false,
  isSending: false,
  problem: null,
});

export function importReducer(state: ImportState, action: ImportAction): ImportState {
  switch (action.type) {
    case "chosen":
      // Another file has other words; the options are about how to read any file.
      return { ...EMPTY_IMPORT, file: action.file, options: state.options };
    case "option":
      return { ...state, isStale: true, options: { ...state.options, ...action.change } };
    case "meanings":
      return { ...state, isStale: true, meanings: action.meanings };
    case "saved_mappings":
      return { ...state, savedMappings: action.saved };
    case "forgotten":
      return {
        ...state,
        isStale: true,
        meanings: withoutSaved(state.meanings, action.saved),
        savedMappings: state.savedMappings.filter((each) => !action.saved.includes(each)),
      };
    case "sending":
      return { ...state, isStale: false, isSending: true, problem: null };
    case "progress":
      return { ...state, isSending: false, job: action.job };
    case "ended": {
      const { outcome } = action.job;
      return {
        ...state,
        isSending: false,
        job: action.job,
        unknown: outcome
          ? {
              people: withEarlier(state.unknown.people, peopleToMap(outcome)),
              shifts: withEarlier(state.unknown.shifts, shiftsToMap(outcome)),
            }
          : state.unknown,
      };
    }
    case "finished":
      return { ...state, isSending: false, problem: action.problem ?? null };
    case "failed":
      return { ...state, isSending: false, job: null, problem: action.problem };
  }
}

/** The meanings without those of forgotten words. */
function withoutSaved(meanings: Meanings, forgotten: readonly SavedMapping[]): Meanings {
  const left = <T>(kind: SavedMapping["kind"], meant: Readonly<Record<string, T>>) =>
    Object.fromEntries(
      Object.entries(meant).filter(([word]) => savedMappingOf(forgotten, kind, word) === undefined),
    );
  return {
    ...meanings,
    people: left("person", meanings.people),
    shifts: left("shift", meanings.shifts),
  };
}

export const changesIn = (outcome: Import["outcome"]) =>
  (outcome?.added ?? 0) + (outcome?.moved ?? 0) + (outcome?.cleared ?? 0);

/** Whether anything would be different after it. */
export const brings = (outcome: NonNullable<Import["outcome"]>) =>
  changesIn(outcome) + (outcome.new_people?.length ?? 0) + (outcome.new_shifts?.length ?? 0) > 0;

/** What the dialog draws of it. */
export function importView({ job, isStale, isSending, options, unknown, savedMappings }: ImportState) {
  const isRunning = job?.status === "running";
  const outcome = job && !isRunning ? (job.outcome ?? null) : null;
  const isChecked = job?.status === "checked" || job?.status === "refused";
  const saved = (kind: SavedMapping["kind"], words: readonly Unknown[]) =>
    words.flatMap((each) => savedMappingOf(savedMappings, kind, each.word) ?? []);
  return {
    isRunning,
    isBusy: isSending || isRunning,
    outcome,
    changes: changesIn(outcome),
    /** How many words took their meaning from an earlier import. */
    reused: saved("person", unknown.people).length + saved("shift", unknown.shifts).length,
    canWrite:
      isChecked &&
      !isStale &&
      outcome !== null &&
      !outcome.failure &&
      (!outcome.problem_count || options.skipsInvalidRows) &&
      brings(outcome),
  };
}
