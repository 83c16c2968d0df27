import { useEffect, useReducer, useRef } from "preact/hooks";
import { api, apiAddress, send } from "../../api/client";
import { Problem, problemText } from "../../api/problem";
import { me } from "../../api/session";
import { attempt } from "../../ui/attempt";
import { showToast } from "../../ui/Toast";
import { useEditorState } from "../editorState";
import { showDone } from "./applyPlan";
import {
  type Import,
  type Meanings,
  mappingOf,
  NO_MEANINGS,
  type Outcome,
  refusedBefore,
  type SavedMapping,
  withMissingAsNew,
  withSavedMappings,
} from "./importing";
import { asHalfDone, changesIn, EMPTY_IMPORT, type ImportState, importReducer } from "./importState";
import { t } from "./words";

const POLL_INTERVAL_MS = 600;

/**
 * Imports that were neither written nor closed, as where the session ended in their midst. They are gone with the page, which asks
 * before it closes: a file full of names is left in no browser's storage.
 */
const halfDone = new Map<string, ImportState>();
const ask = (event: BeforeUnloadEvent) => event.preventDefault();

function keep(whose: string, state: ImportState | null) {
  if (state) halfDone.set(whose, state);
  else halfDone.delete(whose);
  if (halfDone.size > 0) addEventListener("beforeunload", ask);
  else removeEventListener("beforeunload", ask);
}

/** Checks a file on the server and writes it, with all that is chosen on the way. */
export function useImport(teamId: number | undefined, onClose: () => void) {
  const whose = useRef(`${me.value?.id} ${teamId}`).current;
  const [state, dispatch] = useReducer(importReducer, halfDone.get(whose) ?? EMPTY_IMPORT);
  /** The file that was chosen before the dialog opened. */
  const resumed = useRef(state.file).current;
  /** Whose earlier mappings count. */
  const mappingsTeamId = teamId ?? me.value?.team_id ?? null;
  const { draft } = useEditorState(me.value?.id ?? 0);
  const isOpen = useRef(true);
  const isClosed = useRef(false);
  useEffect(() => {
    if (state.file) void run(state.file, true, state.meanings);
    return () => {
      isOpen.current = false;
    };
  }, []);
  useEffect(() => {
    if (!isClosed.current) keep(whose, state.file && asHalfDone(state));
  }, [state]);

  function close() {
    isClosed.current = true;
    keep(whose, null);
    onClose();
  }

  /** Polls until the import has ended; null when the dialog was closed meanwhile. */
  async function ended(begun: Import): Promise<Import | null> {
    let now = begun;
    while (now.status === "running") {
      if (!isOpen.current) return null;
      dispatch({ type: "progress", job: now });
      await new Promise((wake) => setTimeout(wake, POLL_INTERVAL_MS));
      now = await api.get("/api/v1/roster/imports/{import_id}", { path: { import_id: begun.id } });
    }
    return isOpen.current ? now : null;
  }

  /** The team's earlier mappings. Without them every word has to be mapped, as the first time. */
  async function loadSavedMappings(): Promise<readonly SavedMapping[]> {
    if (mappingsTeamId === null) return [];
    try {
      const { items } = await api.get("/api/v1/roster/import/words", { query: { team_id: mappingsTeamId } });
      dispatch({ type: "saved_mappings", saved: items });
      return items;
    } catch {
      return [];
    }
  }

  const forget = (saved: readonly SavedMapping[]) =>
    attempt(async () => {
      if (saved.length === state.savedMappings.length && mappingsTeamId !== null)
        await api.delete("/api/v1/roster/import/words", { query: { team_id: mappingsTeamId } });
      else
        for (const each of saved)
          await api.delete("/api/v1/roster/import/words/{word_id}", { path: { word_id: each.id } });
      dispatch({ type: "forgotten", saved });
    });

  async function post(file: File, isDryRun: boolean, meanings: Meanings, options: ImportState["options"]) {
    const body = new FormData();
    body.append("file", file);
    body.append("mapping", JSON.stringify(mappingOf(meanings)));
    const address = apiAddress("/api/v1/roster/import", {
      dry_run: isDryRun,
      blanks: options.clearsBlanks ? "clear" : "keep",
      skip_invalid_rows: options.skipsInvalidRows,
      month: options.month,
      team_id: teamId,
      user_id: options.owner || undefined,
      over_imported: (!isDryRun && (state.job?.outcome?.over_imported ?? 0) > 0) || undefined,
      preview: isDryRun ? undefined : state.job?.outcome?.preview,
    });
    const answer = await send(address, { method: "POST", body });
    return ended((await answer.json()) as Import);
  }

  /** `moreOf` says what a check's outcome adds to the meanings; with that, it is checked again. */
  async function run(
    file: File,
    isDryRun: boolean,
    meanings: Meanings,
    moreOf: (outcome: Outcome, meanings: Meanings) => Promise<Meanings | null> = async () => null,
  ) {
    const refused = refusedBefore(file);
    if (refused) return dispatch({ type: "failed", problem: t(`refused.${refused}`) });
    dispatch({ type: "sending" });
    try {
      const job = await post(file, isDryRun, meanings, state.options);
      if (!job) return;
      dispatch({ type: "ended", job });
      // A person who is mapped now may bring words that were not listed before.
      const more = job.outcome && !job.outcome.failure ? await moreOf(job.outcome, meanings) : null;
      if (more) {
        dispatch({ type: "meanings", meanings: more });
        await run(file, true, more, moreOf);
        return;
      }
      if (job.status === "done" && job.outcome) {
        const n = changesIn(job.outcome);
        showDone(t("import.done", { n }), draft, n > 0 ? job.outcome.action_id : null);
        close();
        return;
      }
      if (job.status === "cancelled") showToast(t("import.cancelled"));
      dispatch({
        type: "finished",
        ...(job.status === "interrupted" ? { problem: t("import.interrupted") } : {}),
      });
    } catch (error) {
      const isTooLarge = error instanceof Problem && error.status === 413;
      dispatch({ type: "failed", problem: isTooLarge ? t("refused.too_large") : problemText(error) });
    }
  }

  async function cancel() {
    const import_id = state.job?.id;
    if (import_id !== undefined)
      await attempt(() => api.delete("/api/v1/roster/imports/{import_id}", { path: { import_id } }));
  }

  return {
    state,
    dispatch,
    isResumed: resumed !== null && state.file === resumed,
    /** Closes the dialog for good: nothing is kept. */
    close,
    choose: (file: File | null) => {
      dispatch({ type: "chosen", file });
      if (file)
        void run(file, true, NO_MEANINGS, async (outcome, meanings) =>
          withSavedMappings(outcome, await loadSavedMappings(), meanings),
        );
    },
    /** Missing people and shifts are new ones. */
    addMissing: async () => {
      const { file, job } = state;
      const more = job?.outcome && withMissingAsNew(job.outcome, state.meanings);
      if (!file || !more) return;
      dispatch({ type: "meanings", meanings: more });
      await run(file, true, more, async (outcome, meanings) => withMissingAsNew(outcome, meanings));
    },
    /** Checks or writes the chosen file with the meanings chosen by now. */
    run: (isDryRun: boolean) => state.file && void run(state.file, isDryRun, state.meanings),
    cancel,
    forget,
  };
}
