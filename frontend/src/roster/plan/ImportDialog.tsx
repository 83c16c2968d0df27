import { useEffect, useRef, useState } from "preact/hooks";
import { api, send } from "../../api/client";
import { Problem, problemText } from "../../api/problem";
import { useResource } from "../../api/resource";
import { me } from "../../api/session";
import { addMonths, monthOf } from "../../lib/dates";
import { downloadResponse } from "../../lib/download";
import { formatMonth, formatMonthDay } from "../../lib/time";
import { useShifts } from "../../shifts/useShifts";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { QuietLine } from "../../ui/EmptyState";
import { CheckField, Field, Segments, SelectField, TextField } from "../../ui/Field";
import { showToast } from "../../ui/Toast";
import type { PlanDialogProps } from "./dialog";
import {
  draftFor,
  type Import,
  likeliestFirst,
  type Meanings,
  mappingOf,
  meaningOf,
  memoryOf,
  type NewShift,
  NOTHING_MEANT,
  type Outcome,
  otherProblems,
  type PersonMeaning,
  peopleToMap,
  placeOf,
  type Remembered,
  recalled,
  refusedBefore,
  type ShiftMeaning,
  shiftsToMap,
  type Unknown,
  withEarlier,
} from "./importing";
import { t } from "./words";
import "./plan.css";
import "./import.css";

const ASK_EVERY_MS = 600;
const MOST_LISTED = 200;

const FAILURES = [
  "file_empty",
  "file_old_excel",
  "file_unpacks_too_large",
  "file_not_a_table",
  "file_broken",
  "file_too_many_rows",
  "file_too_many_cells",
  "file_too_many_merged",
  "file_unknown_encoding",
  "file_not_json",
  "roster_not_recognised",
] as const;
const PROBLEMS = [
  "unknown_person",
  "ambiguous_person",
  "not_your_team",
  "unknown_shift",
  "shift_of_other_team",
  "bad_date",
  "month_unknown",
  "twice",
  "bad_row",
] as const;

const failureText = (outcome: Outcome) => {
  const known = FAILURES.find((each) => each === outcome.failure);
  return known ? t(`failure.${known}`) : (outcome.failure_detail ?? outcome.failure ?? "");
};
const problemKindText = (code: string, detail: string) => {
  const known = PROBLEMS.find((each) => each === code);
  return known ? t(`problem.${known}`) : detail;
};

/** From a file to the roster: what is in it, what its words mean, and then all of it or nothing. */
export function ImportDialog({ scope, onClose }: PlanDialogProps) {
  const { teamId } = scope;
  const [file, setFile] = useState<File | null>(null);
  const [month, setMonth] = useState("");
  const [clears, setClears] = useState(false);
  const [skipInvalid, setSkipInvalid] = useState(false);
  const [owner, setOwner] = useState(0);
  const [meanings, setMeanings] = useState<Meanings>(NOTHING_MEANT);
  const [unknown, setUnknown] = useState<{ people: Unknown[]; shifts: Unknown[] }>({
    people: [],
    shifts: [],
  });
  const [fetchOrCached, setRemembered] = useState<readonly Remembered[]>([]);
  const wordsOf = teamId ?? me.value?.team_id ?? null;
  const [job, setJob] = useState<Import | null>(null);
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const isOpen = useRef(true);
  useEffect(
    () => () => {
      isOpen.current = false;
    },
    [],
  );
  const shifts = useShifts();
  const people = useResource(`import ${scope.from}`, async () =>
    (await api.get("/api/v1/roster", { query: { from: scope.from, to: scope.from } })).users.map((user) => ({
      value: user.id,
      name: user.display_name,
    })),
  );
  const isRunning = job?.status === "running";
  const isBusy = isSending || isRunning;
  const outcome = job && !isRunning ? job.outcome : null;

  /** Asks until the import has ended; null when the dialog is gone meanwhile. */
  async function ended(begun: Import): Promise<Import | null> {
    let now = begun;
    while (now.status === "running") {
      if (!isOpen.current) return null;
      setJob(now);
      await new Promise((wake) => setTimeout(wake, ASK_EVERY_MS));
      now = await api.get("/api/v1/roster/imports/{import_id}", { path: { import_id: begun.id } });
    }
    return isOpen.current ? now : null;
  }

  /** What this team's words meant before. Without it everything is asked for, as the first time. */
  async function recall(): Promise<readonly Remembered[]> {
    if (wordsOf === null) return [];
    try {
      const { items } = await api.get("/api/v1/roster/import/words", { query: { team_id: wordsOf } });
      setRemembered(items);
      return items;
    } catch {
      return [];
    }
  }

  /** Removes memories, and what they said of this file with them. */
  async function forget(words: readonly Remembered[]) {
    try {
      if (words.length === fetchOrCached.length && wordsOf !== null)
        await api.delete("/api/v1/roster/import/words", { query: { team_id: wordsOf } });
      else
        for (const each of words)
          await api.delete("/api/v1/roster/import/words/{word_id}", { path: { word_id: each.id } });
      const isForgotten = (kind: Remembered["kind"], text: string) =>
        memoryOf(words, kind, text) !== undefined;
      const left = <T,>(kind: Remembered["kind"], meant: Readonly<Record<string, T>>) =>
        Object.fromEntries(Object.entries(meant).filter(([text]) => !isForgotten(kind, text)));
      setMeanings({
        ...meanings,
        people: left("person", meanings.people),
        shifts: left("shift", meanings.shifts),
      });
      setRemembered(fetchOrCached.filter((each) => !words.includes(each)));
    } catch (error) {
      showToast(problemText(error), { isProblem: true });
    }
  }

  async function carryOut(given: File, isDryRun: boolean, meant: Meanings, isFirstLook = false) {
    setProblem(null);
    const refused = refusedBefore(given);
    if (refused) {
      setJob(null);
      setProblem(t(`refused.${refused}`));
      return;
    }
    setSending(true);
    try {
      const body = new FormData();
      body.append("file", given);
      body.append("mapping", JSON.stringify(mappingOf(meant)));
      const query = new URLSearchParams({
        dry_run: String(isDryRun),
        blanks: clears ? "clear" : "keep",
        skip_invalid_rows: String(skipInvalid),
        ...(month ? { month } : {}),
        ...(teamId ? { team_id: String(teamId) } : {}),
        ...(owner ? { user_id: String(owner) } : {}),
      });
      const begun = (await (
        await send(`/api/v1/roster/import?${query}`, { method: "POST", body })
      ).json()) as Import;
      setSending(false);
      const end = await ended(begun);
      if (!end) return;
      setJob(end);
      if (end.outcome) {
        const found = end.outcome;
        setUnknown((before) => ({
          people: withEarlier(before.people, peopleToMap(found)),
          shifts: withEarlier(before.shifts, shiftsToMap(found)),
        }));
        // Whoever is understood now may bring words that nobody asked about before.
        const more = isFirstLook ? recalled(found, await recall(), meant) : null;
        if (more) {
          setMeanings(more);
          await carryOut(given, true, more, true);
          return;
        }
      }
      if (end.status === "done" && end.outcome) {
        const { added = 0, moved = 0, cleared = 0 } = end.outcome;
        showToast(t("import.done", { n: added + moved + cleared }), { staysMs: 15_000 });
        onClose();
      } else if (end.status === "cancelled") showToast(t("import.cancelled"));
      else if (end.status === "interrupted") setProblem(t("import.interrupted"));
    } catch (error) {
      setJob(null);
      const isTooLarge = error instanceof Problem && error.status === 413;
      setProblem(isTooLarge ? t("refused.too_large") : problemText(error));
    }
    setSending(false);
  }

  async function cancel() {
    if (!job) return;
    try {
      await api.delete("/api/v1/roster/imports/{import_id}", { path: { import_id: job.id } });
    } catch (error) {
      showToast(problemText(error), { isProblem: true });
    }
  }

  async function fetchTemplate() {
    const of = addMonths(monthOf(scope.from), 1);
    const query = new URLSearchParams({ month: of, ...(teamId ? { team_id: String(teamId) } : {}) });
    try {
      await downloadResponse(
        await send(`/api/v1/roster/import/template?${query}`),
        `roster-template-${of}.xlsx`,
      );
    } catch (error) {
      showToast(problemText(error), { isProblem: true });
    }
  }

  const take = (given: File | null) => {
    setFile(given);
    setJob(null);
    setMeanings(NOTHING_MEANT);
    setUnknown({ people: [], shifts: [] });
    setRemembered([]);
    if (given) void carryOut(given, true, NOTHING_MEANT, true);
  };
  const here = monthOf(scope.from);
  const months = ["", ...Array.from({ length: 15 }, (_, index) => addMonths(here, index - 6))];
  const isChecked = job?.status === "checked" || job?.status === "refused";
  const changes = outcome ? (outcome.added ?? 0) + (outcome.moved ?? 0) + (outcome.cleared ?? 0) : 0;
  const rest = outcome ? otherProblems(outcome) : [];
  const used = [
    ...unknown.people.flatMap((each) => memoryOf(fetchOrCached, "person", each.word) ?? []),
    ...unknown.shifts.flatMap((each) => memoryOf(fetchOrCached, "shift", each.word) ?? []),
  ];
  const canWrite =
    isChecked &&
    outcome !== null &&
    !outcome.failure &&
    (!outcome.problem_count || skipInvalid) &&
    (outcome.cells ?? 0) > 0;

  return (
    <Dialog title={t("import.title")} onClose={onClose}>
      <div class="plan-dialog form compact">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut; the field below does the same */}
        <div
          class="import-drop"
          onDragOver={(event) => event.preventDefault()}
          onDrop={(event) => {
            event.preventDefault();
            const [given] = event.dataTransfer?.files ?? [];
            if (given && !isBusy) take(given);
          }}
        >
          <Field label={t("import.file")} hint={t("import.file_hint")} error={problem}>
            {(wiring) => (
              <input
                {...wiring}
                type="file"
                class="input"
                accept=".xlsx,.csv,.txt,.json"
                disabled={isBusy}
                onChange={(event) => take(event.currentTarget.files?.[0] ?? null)}
              />
            )}
          </Field>
          <Button look="quiet" onClick={() => void fetchTemplate()}>
            {t("export.template", { month: formatMonth(addMonths(here, 1)) })}
          </Button>
        </div>
        <div class="plan-options">
          <SelectField
            label={t("import.month")}
            hint={t("import.month_hint")}
            value={month}
            choices={months.map((each) => ({
              value: each,
              label: each ? formatMonth(each) : t("import.month_in_file"),
            }))}
            onValue={setMonth}
          />
          <Segments
            label={t("import.blanks")}
            value={clears ? "clear" : "keep"}
            choices={[
              { value: "keep", label: t("import.blanks_keep") },
              { value: "clear", label: t("import.blanks_clear") },
            ]}
            onValue={(value) => setClears(value === "clear")}
          />
          {outcome?.layout === "older_json" && (
            <SelectField
              label={t("import.owner")}
              value={owner}
              choices={[
                { value: 0, label: t("import.owner_me") },
                ...(people.value ?? []).map((each) => ({ value: each.value, label: each.name })),
              ]}
              onValue={setOwner}
            />
          )}
        </div>
        <div role="status">
          {isSending && !isRunning && <p>{t("import.sending")}</p>}
          {isRunning && job && (
            <div class="import-progress">
              <label>
                {t(job.is_dry_run ? "import.reading" : "import.writing", { percent: job.percent })}
                <progress max={100} value={job.percent} />
              </label>
              <Button onClick={() => void cancel()}>{t("import.cancel")}</Button>
            </div>
          )}
          {outcome?.failure && <QuietLine isUrgent>{failureText(outcome)}</QuietLine>}
          {outcome && !outcome.failure && <Found outcome={outcome} />}
        </div>
        {outcome && !outcome.failure && (
          <>
            {used.length > 0 && (
              <QuietLine
                action={
                  <Button isBusy={isBusy} onClick={() => void forget(fetchOrCached)}>
                    {t("import.forget_all")}
                  </Button>
                }
              >
                {t("import.fetchOrCached", { n: used.length })}
              </QuietLine>
            )}
            {unknown.people.length > 0 && (
              <PeopleTable
                unknown={unknown.people}
                fetchOrCached={fetchOrCached}
                onForget={(memory) => void forget([memory])}
                meanings={meanings}
                onMeanings={setMeanings}
                people={people.value ?? []}
              />
            )}
            {unknown.shifts.length > 0 && (
              <ShiftTable
                unknown={unknown.shifts}
                fetchOrCached={fetchOrCached}
                onForget={(memory) => void forget([memory])}
                meanings={meanings}
                onMeanings={setMeanings}
                shifts={(shifts.value ?? [])
                  .filter((shift) => !shift.team_id || !teamId || shift.team_id === teamId)
                  .map((shift) => ({ value: shift.id, name: `${shift.code} ${shift.name}` }))}
              />
            )}
            {rest.length > 0 && (
              <section>
                <h3>{t("import.problems", { n: rest.length })}</h3>
                <ul class="import-problems">
                  {rest.slice(0, MOST_LISTED).map((each) => (
                    <li key={`${each.sheet} ${each.row} ${each.column} ${each.code} ${each.value}`}>
                      <span class="figures">{placeOf(each)}</span>
                      <span class="soft">{each.sheet}</span>
                      <b>{each.value}</b>
                      <span>{problemKindText(each.code, each.detail)}</span>
                    </li>
                  ))}
                </ul>
                {rest.length > MOST_LISTED && (
                  <p class="note">{t("report.more", { n: rest.length - MOST_LISTED })}</p>
                )}
              </section>
            )}
            {(outcome.problem_count ?? 0) > 0 && (
              <CheckField
                label={t("import.skip_invalid")}
                hint={t("import.skip_invalid_hint")}
                checked={skipInvalid}
                onValue={setSkipInvalid}
              />
            )}
          </>
        )}
        <footer class="form-foot">
          {file && (
            <>
              <Button
                look={canWrite ? "main" : "plain"}
                disabled={!canWrite || isBusy}
                onClick={() => file && void carryOut(file, false, meanings)}
              >
                {t("import.write", { n: changes })}
              </Button>
              <Button
                look={canWrite ? "plain" : "main"}
                disabled={!file || isBusy}
                onClick={() => file && void carryOut(file, true, meanings)}
              >
                {t("import.check")}
              </Button>
            </>
          )}
          <Button look="quiet" onClick={onClose}>
            {t("action.cancel")}
          </Button>
        </footer>
      </div>
    </Dialog>
  );
}

function Found({ outcome }: { outcome: Outcome }) {
  const span =
    outcome.first_date && outcome.last_date
      ? `${formatMonthDay(outcome.first_date)} – ${formatMonthDay(outcome.last_date)}`
      : "";
  const parts = [
    t("found.what", { n: outcome.people ?? 0, cells: outcome.cells ?? 0, span }),
    t("found.changes", {
      added: outcome.added ?? 0,
      moved: outcome.moved ?? 0,
      cleared: outcome.cleared ?? 0,
      same: outcome.same ?? 0,
    }),
    outcome.new_people?.length ? t("found.people", { names: outcome.new_people.join(t("list.comma")) }) : "",
    outcome.new_shifts?.length ? t("found.shifts", { codes: outcome.new_shifts.join(t("list.comma")) }) : "",
    outcome.problem_count ? t("found.problems", { n: outcome.problem_count }) : t("found.clean"),
  ];
  return (
    <>
      {parts
        .filter((part) => part)
        .map((part) => (
          <p key={part}>{part}</p>
        ))}
    </>
  );
}

interface TableProps {
  unknown: readonly Unknown[];
  fetchOrCached: readonly Remembered[];
  onForget: (memory: Remembered) => void;
  meanings: Meanings;
  onMeanings: (meanings: Meanings) => void;
}

function PeopleTable(props: TableProps & { people: readonly { value: number; name: string }[] }) {
  const { unknown, fetchOrCached, onForget, meanings, onMeanings, people } = props;
  return (
    <section>
      <h3>{t("import.people", { n: unknown.length })}</h3>
      <ul class="import-words">
        {unknown.map((each) => (
          <li key={each.word}>
            <WordOf each={each} />
            <SelectField<PersonMeaning>
              label={t("import.means", { word: each.word })}
              isLabelHidden
              value={meanings.people[each.word] ?? ""}
              choices={[
                { value: "", label: t("import.undecided") },
                { value: "new", label: t("import.new_person") },
                { value: "skip", label: t("import.skip") },
                ...likeliestFirst(each.word, people).map(({ value, name }) => ({ value, label: name })),
              ]}
              onValue={(meaning) =>
                onMeanings({ ...meanings, people: { ...meanings.people, [each.word]: meaning } })
              }
            />
            <AsLastTime
              memory={memoryOf(fetchOrCached, "person", each.word)}
              meaning={meanings.people[each.word]}
              onForget={onForget}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function WordOf({ each }: { each: Unknown }) {
  return (
    <span class="import-word">
      <b>{each.word}</b>{" "}
      <span class="soft small">{t("import.where", { n: each.rows, row: each.firstRow })}</span>
    </span>
  );
}

/** Says that a choice is the last import's, and lets it go. */
function AsLastTime(props: {
  memory: Remembered | undefined;
  meaning: PersonMeaning | ShiftMeaning | undefined;
  onForget: (memory: Remembered) => void;
}) {
  const { memory, meaning, onForget } = props;
  if (!memory) return null;
  return (
    <span class="import-memory small">
      {meaning === meaningOf(memory) && <span class="soft">{t("import.as_last_time")}</span>}
      <Button
        look="quiet"
        aria-label={t("import.forget_word", { word: memory.word })}
        onClick={() => onForget(memory)}
      >
        {t("import.forget")}
      </Button>
    </span>
  );
}

function ShiftTable(props: TableProps & { shifts: readonly { value: number; name: string }[] }) {
  const { unknown, fetchOrCached, onForget, meanings, onMeanings, shifts } = props;
  const draft = (text: string, change: Partial<NewShift>) =>
    onMeanings({
      ...meanings,
      drafts: { ...meanings.drafts, [text]: { ...(meanings.drafts[text] ?? draftFor(text)), ...change } },
    });
  return (
    <section>
      <h3>{t("import.shifts", { n: unknown.length })}</h3>
      <ul class="import-words">
        {unknown.map((each) => {
          const meaning = meanings.shifts[each.word] ?? "";
          const made = meanings.drafts[each.word] ?? draftFor(each.word);
          return (
            <li key={each.word}>
              <WordOf each={each} />
              <SelectField<ShiftMeaning>
                label={t("import.means", { word: each.word })}
                isLabelHidden
                value={meaning}
                choices={[
                  { value: "", label: t("import.undecided") },
                  { value: "new", label: t("import.new_shift") },
                  { value: "skip", label: t("import.skip_cells") },
                  { value: "clear", label: t("import.clear_cells") },
                  ...likeliestFirst(each.word, shifts).map(({ value, name }) => ({ value, label: name })),
                ]}
                onValue={(next) =>
                  onMeanings({ ...meanings, shifts: { ...meanings.shifts, [each.word]: next } })
                }
              />
              <AsLastTime
                memory={memoryOf(fetchOrCached, "shift", each.word)}
                meaning={meanings.shifts[each.word]}
                onForget={onForget}
              />
              {meaning === "new" && (
                <div class="form-row import-new">
                  <TextField
                    label={t("shift.name")}
                    value={made.name}
                    maxLength={40}
                    onValue={(name) => draft(each.word, { name })}
                  />
                  <TextField
                    label={t("shift.code")}
                    value={made.code}
                    maxLength={4}
                    onValue={(code) => draft(each.word, { code })}
                  />
                  {!made.isRest && (
                    <>
                      <TextField
                        label={t("shift.start")}
                        type="time"
                        value={made.start}
                        onValue={(start) => draft(each.word, { start })}
                      />
                      <TextField
                        label={t("shift.end")}
                        type="time"
                        value={made.end}
                        onValue={(end) => draft(each.word, { end })}
                      />
                    </>
                  )}
                  <CheckField
                    label={t("shift.is_rest")}
                    checked={made.isRest}
                    onValue={(isRest) => draft(each.word, { isRest })}
                  />
                </div>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
