import { useEffect, useRef, useState } from "preact/hooks";
import { api, send } from "../../api/client";
import { Problem, sayProblem } from "../../api/problem";
import { useResource } from "../../api/resource";
import { me } from "../../api/session";
import { t } from "../../i18n";
import { addMonths, monthOf } from "../../lib/dates";
import { saveAnswer } from "../../lib/keep";
import { sayMonth, sayMonthDay } from "../../lib/time";
import { useShifts } from "../../shifts/useShifts";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { QuietLine } from "../../ui/EmptyState";
import { CheckField, Field, Segments, SelectField, TextField } from "../../ui/Field";
import { say } from "../../ui/Toast";
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
import { word } from "./words";
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

const sayFailure = (outcome: Outcome) => {
  const known = FAILURES.find((each) => each === outcome.failure);
  return known ? word(`failure.${known}`) : (outcome.failure_detail ?? outcome.failure ?? "");
};
const sayKind = (code: string, detail: string) => {
  const known = PROBLEMS.find((each) => each === code);
  return known ? word(`problem.${known}`) : detail;
};

/** From a file to the roster: what is in it, what its words mean, and then all of it or nothing. */
export function ImportDialog({ scope, onClose }: PlanDialogProps) {
  const { teamId } = scope;
  const [file, setFile] = useState<File | null>(null);
  const [month, setMonth] = useState("");
  const [clears, setClears] = useState(false);
  const [onlyGood, setOnlyGood] = useState(false);
  const [owner, setOwner] = useState(0);
  const [meanings, setMeanings] = useState<Meanings>(NOTHING_MEANT);
  const [unknown, setUnknown] = useState<{ people: Unknown[]; shifts: Unknown[] }>({
    people: [],
    shifts: [],
  });
  const [remembered, setRemembered] = useState<readonly Remembered[]>([]);
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
      if (words.length === remembered.length && wordsOf !== null)
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
      setRemembered(remembered.filter((each) => !words.includes(each)));
    } catch (error) {
      say(sayProblem(error), { isProblem: true });
    }
  }

  async function carryOut(given: File, isDryRun: boolean, meant: Meanings, isFirstLook = false) {
    setProblem(null);
    const refused = refusedBefore(given);
    if (refused) {
      setJob(null);
      setProblem(word(`refused.${refused}`));
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
        only_good: String(onlyGood),
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
        say(word("import.done", { n: added + moved + cleared }), { staysMs: 15_000 });
        onClose();
      } else if (end.status === "cancelled") say(word("import.cancelled"));
      else if (end.status === "interrupted") setProblem(word("import.interrupted"));
    } catch (error) {
      setJob(null);
      const isTooLarge = error instanceof Problem && error.status === 413;
      setProblem(isTooLarge ? word("refused.too_large") : sayProblem(error));
    }
    setSending(false);
  }

  async function cancel() {
    if (!job) return;
    try {
      await api.delete("/api/v1/roster/imports/{import_id}", { path: { import_id: job.id } });
    } catch (error) {
      say(sayProblem(error), { isProblem: true });
    }
  }

  async function fetchTemplate() {
    const of = addMonths(monthOf(scope.from), 1);
    const query = new URLSearchParams({ month: of, ...(teamId ? { team_id: String(teamId) } : {}) });
    try {
      await saveAnswer(await send(`/api/v1/roster/import/template?${query}`), `roster-template-${of}.xlsx`);
    } catch (error) {
      say(sayProblem(error), { isProblem: true });
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
    ...unknown.people.flatMap((each) => memoryOf(remembered, "person", each.word) ?? []),
    ...unknown.shifts.flatMap((each) => memoryOf(remembered, "shift", each.word) ?? []),
  ];
  const canWrite =
    isChecked &&
    outcome !== null &&
    !outcome.failure &&
    (!outcome.problem_count || onlyGood) &&
    (outcome.cells ?? 0) > 0;

  return (
    <Dialog title={word("import.title")} onClose={onClose}>
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
          <Field label={word("import.file")} hint={word("import.file_hint")} error={problem}>
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
            {word("export.template", { month: sayMonth(addMonths(here, 1)) })}
          </Button>
        </div>
        <div class="plan-options">
          <SelectField
            label={word("import.month")}
            hint={word("import.month_hint")}
            value={month}
            choices={months.map((each) => ({
              value: each,
              label: each ? sayMonth(each) : word("import.month_in_file"),
            }))}
            onValue={setMonth}
          />
          <Segments
            label={word("import.blanks")}
            value={clears ? "clear" : "keep"}
            choices={[
              { value: "keep", label: word("import.blanks_keep") },
              { value: "clear", label: word("import.blanks_clear") },
            ]}
            onValue={(value) => setClears(value === "clear")}
          />
          {outcome?.layout === "older_json" && (
            <SelectField
              label={word("import.owner")}
              value={owner}
              choices={[
                { value: 0, label: word("import.owner_me") },
                ...(people.value ?? []).map((each) => ({ value: each.value, label: each.name })),
              ]}
              onValue={setOwner}
            />
          )}
        </div>
        <div role="status">
          {isSending && !isRunning && <p>{word("import.sending")}</p>}
          {isRunning && job && (
            <div class="import-progress">
              <label>
                {word(job.is_dry_run ? "import.reading" : "import.writing", { percent: job.percent })}
                <progress max={100} value={job.percent} />
              </label>
              <Button onClick={() => void cancel()}>{word("import.cancel")}</Button>
            </div>
          )}
          {outcome?.failure && <QuietLine isUrgent>{sayFailure(outcome)}</QuietLine>}
          {outcome && !outcome.failure && <Found outcome={outcome} />}
        </div>
        {outcome && !outcome.failure && (
          <>
            {used.length > 0 && (
              <QuietLine
                action={
                  <Button isBusy={isBusy} onClick={() => void forget(remembered)}>
                    {word("import.forget_all")}
                  </Button>
                }
              >
                {word("import.remembered", { n: used.length })}
              </QuietLine>
            )}
            {unknown.people.length > 0 && (
              <PeopleTable
                unknown={unknown.people}
                remembered={remembered}
                onForget={(memory) => void forget([memory])}
                meanings={meanings}
                onMeanings={setMeanings}
                people={people.value ?? []}
              />
            )}
            {unknown.shifts.length > 0 && (
              <ShiftTable
                unknown={unknown.shifts}
                remembered={remembered}
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
                <h3>{word("import.problems", { n: rest.length })}</h3>
                <ul class="import-problems">
                  {rest.slice(0, MOST_LISTED).map((each) => (
                    <li key={`${each.sheet} ${each.row} ${each.column} ${each.code} ${each.value}`}>
                      <span class="figures">{placeOf(each)}</span>
                      <span class="soft">{each.sheet}</span>
                      <b>{each.value}</b>
                      <span>{sayKind(each.code, each.detail)}</span>
                    </li>
                  ))}
                </ul>
                {rest.length > MOST_LISTED && (
                  <p class="note">{word("report.more", { n: rest.length - MOST_LISTED })}</p>
                )}
              </section>
            )}
            {(outcome.problem_count ?? 0) > 0 && (
              <CheckField
                label={word("import.only_good")}
                hint={word("import.only_good_hint")}
                checked={onlyGood}
                onValue={setOnlyGood}
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
                {word("import.write", { n: changes })}
              </Button>
              <Button
                look={canWrite ? "plain" : "main"}
                disabled={!file || isBusy}
                onClick={() => file && void carryOut(file, true, meanings)}
              >
                {word("import.check")}
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
      ? `${sayMonthDay(outcome.first_date)} – ${sayMonthDay(outcome.last_date)}`
      : "";
  const parts = [
    word("found.what", { n: outcome.people ?? 0, cells: outcome.cells ?? 0, span }),
    word("found.changes", {
      added: outcome.added ?? 0,
      moved: outcome.moved ?? 0,
      cleared: outcome.cleared ?? 0,
      same: outcome.same ?? 0,
    }),
    outcome.new_people?.length
      ? word("found.people", { names: outcome.new_people.join(t("list.comma")) })
      : "",
    outcome.new_shifts?.length
      ? word("found.shifts", { codes: outcome.new_shifts.join(t("list.comma")) })
      : "",
    outcome.problem_count ? word("found.problems", { n: outcome.problem_count }) : word("found.clean"),
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
  remembered: readonly Remembered[];
  onForget: (memory: Remembered) => void;
  meanings: Meanings;
  onMeanings: (meanings: Meanings) => void;
}

function PeopleTable(props: TableProps & { people: readonly { value: number; name: string }[] }) {
  const { unknown, remembered, onForget, meanings, onMeanings, people } = props;
  return (
    <section>
      <h3>{word("import.people", { n: unknown.length })}</h3>
      <ul class="import-words">
        {unknown.map((each) => (
          <li key={each.word}>
            <WordOf each={each} />
            <SelectField<PersonMeaning>
              label={word("import.means", { word: each.word })}
              isLabelHidden
              value={meanings.people[each.word] ?? ""}
              choices={[
                { value: "", label: word("import.undecided") },
                { value: "new", label: word("import.new_person") },
                { value: "skip", label: word("import.skip") },
                ...likeliestFirst(each.word, people).map(({ value, name }) => ({ value, label: name })),
              ]}
              onValue={(meaning) =>
                onMeanings({ ...meanings, people: { ...meanings.people, [each.word]: meaning } })
              }
            />
            <AsLastTime
              memory={memoryOf(remembered, "person", each.word)}
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
      <span class="soft small">{word("import.where", { n: each.rows, row: each.firstRow })}</span>
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
      {meaning === meaningOf(memory) && <span class="soft">{word("import.as_last_time")}</span>}
      <Button
        look="quiet"
        aria-label={word("import.forget_word", { word: memory.word })}
        onClick={() => onForget(memory)}
      >
        {word("import.forget")}
      </Button>
    </span>
  );
}

function ShiftTable(props: TableProps & { shifts: readonly { value: number; name: string }[] }) {
  const { unknown, remembered, onForget, meanings, onMeanings, shifts } = props;
  const draft = (text: string, change: Partial<NewShift>) =>
    onMeanings({
      ...meanings,
      drafts: { ...meanings.drafts, [text]: { ...(meanings.drafts[text] ?? draftFor(text)), ...change } },
    });
  return (
    <section>
      <h3>{word("import.shifts", { n: unknown.length })}</h3>
      <ul class="import-words">
        {unknown.map((each) => {
          const meaning = meanings.shifts[each.word] ?? "";
          const made = meanings.drafts[each.word] ?? draftFor(each.word);
          return (
            <li key={each.word}>
              <WordOf each={each} />
              <SelectField<ShiftMeaning>
                label={word("import.means", { word: each.word })}
                isLabelHidden
                value={meaning}
                choices={[
                  { value: "", label: word("import.undecided") },
                  { value: "new", label: word("import.new_shift") },
                  { value: "skip", label: word("import.skip_cells") },
                  { value: "clear", label: word("import.clear_cells") },
                  ...likeliestFirst(each.word, shifts).map(({ value, name }) => ({ value, label: name })),
                ]}
                onValue={(next) =>
                  onMeanings({ ...meanings, shifts: { ...meanings.shifts, [each.word]: next } })
                }
              />
              <AsLastTime
                memory={memoryOf(remembered, "shift", each.word)}
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
