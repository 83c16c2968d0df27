import type { ComponentChildren } from "preact";
import { listed } from "../../i18n";
import { formatDateRange } from "../../lib/time";
import { QuietLine } from "../../ui/EmptyState";
import { CheckField } from "../../ui/Field";
import { Place } from "./ImportTables";
import {
  columnName,
  type ImportProblem,
  inWords,
  type Meanings,
  type Outcome,
  otherProblems,
  placeOf,
  withColumn,
} from "./importing";
import { type CellPlace, placed } from "./importPreview";
import { brings } from "./importState";
import { ownTranslation, t } from "./words";

const MAX_LISTED = 200;

/** What a check or an import found. */
export function ImportFindings({ outcome }: { outcome: Outcome }) {
  const { failure } = outcome;
  if (failure)
    return (
      <QuietLine isUrgent>
        {ownTranslation(`failure.${failure}`) ?? outcome.failure_detail ?? failure}
      </QuietLine>
    );
  const span =
    outcome.first_date && outcome.last_date ? formatDateRange(outcome.first_date, outcome.last_date) : "";
  const parts = [
    t("found.what", { n: outcome.people ?? 0, cells: outcome.cells ?? 0, span }),
    t("found.changes", {
      added: outcome.added ?? 0,
      moved: outcome.moved ?? 0,
      cleared: outcome.cleared ?? 0,
      same: outcome.same ?? 0,
    }),
    outcome.new_people?.length ? t("found.people", { names: listed(outcome.new_people) }) : "",
    outcome.new_shifts?.length ? t("found.shifts", { codes: listed(outcome.new_shifts) }) : "",
    outcome.over_imported ? t("found.imported", { n: outcome.over_imported }) : "",
    outcome.problem_count ? t("found.problems", { n: outcome.problem_count }) : t("found.clean"),
    outcome.cells && !brings(outcome) ? t("found.same") : "",
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

interface ProblemsProps {
  outcome: Outcome;
  onShow: (place: CellPlace) => void;
  meanings: Meanings;
  onMeanings: (meanings: Meanings) => void;
}

/** Rows that no meaning of a word can make right, and where they are; a column of other people may be left out. */
export function ImportProblems({ outcome, onShow, meanings, onMeanings }: ProblemsProps) {
  const problems = otherProblems(outcome);
  const asked = new Set(problems.map((problem) => inWords(problem).column));
  const choice = (column: string) => (
    <CheckField
      key={column}
      label={t("import.not_read", { column: columnName(column) })}
      value={meanings.notRead.includes(column)}
      onValue={(isLeftOut) => onMeanings(withColumn(meanings, column, !isLeftOut))}
    />
  );
  return (
    <>
      <PlaceList
        title={t("import.problems", { n: problems.length })}
        problems={problems}
        onShow={onShow}
        answer={(problem) => {
          const { column } = inWords(problem);
          return column ? choice(column) : null;
        }}
      />
      {meanings.notRead.filter((column) => !asked.has(column)).map(choice)}
    </>
  );
}

/** What is noted at the file's cells. */
export function ImportNotes(props: { outcome: Outcome; onShow: (place: CellPlace) => void }) {
  const notes = props.outcome.notes ?? [];
  return <PlaceList title={t("import.notes", { n: notes.length })} problems={notes} onShow={props.onShow} />;
}

function PlaceList(props: {
  title: string;
  problems: readonly ImportProblem[];
  onShow: (place: CellPlace) => void;
  /** What can be chosen about a problem. */
  answer?: (problem: ImportProblem) => ComponentChildren;
}) {
  const { title, problems, onShow, answer } = props;
  if (problems.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul class="import-problems">
        {problems.slice(0, MAX_LISTED).map((each) => (
          <li key={`${each.sheet} ${each.row} ${each.column} ${each.code} ${each.value}`}>
            <Place onShow={placed(each, onShow)}>{placeOf(each)}</Place>
            <span class="soft">{each.sheet}</span>
            <b>{inWords(each).about}</b>
            <span>{inWords(each).wrong}</span>
            {answer?.(each)}
          </li>
        ))}
      </ul>
      {problems.length > MAX_LISTED && (
        <p class="note">{t("report.more", { n: problems.length - MAX_LISTED })}</p>
      )}
    </section>
  );
}
