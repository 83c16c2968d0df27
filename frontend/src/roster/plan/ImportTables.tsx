import type { ComponentChildren } from "preact";
import { Button } from "../../ui/Button";
import { CheckField, type Choice, SelectField, TextField } from "../../ui/Field";
import {
  draftFor,
  isComplete,
  likeliestFirst,
  type Meanings,
  meaningOf,
  type NewShift,
  type PersonMeaning,
  type SavedMapping,
  type ShiftMeaning,
  savedMappingOf,
  type Unknown,
  withNewShift,
} from "./importing";
import { t } from "./words";

interface TableProps {
  unknown: readonly Unknown[];
  savedMappings: readonly SavedMapping[];
  onForget: (saved: SavedMapping) => void;
  meanings: Meanings;
  onMeanings: (meanings: Meanings) => void;
  /** Shows the first cell with the word; null when it is not drawn. */
  onPlace: (word: string) => (() => void) | null;
  /** The people or shifts that there are. */
  choices: readonly Choice<number>[];
}

interface WordsProps<M extends string | number> extends TableProps {
  title: string;
  kind: SavedMapping["kind"];
  of: Readonly<Record<string, M>>;
  /** What a word may mean beside those that there are. */
  others: readonly Choice<M>[];
  onMeaning: (word: string, meaning: M) => void;
  /** More about a word. */
  more?: (word: string) => ComponentChildren;
}

/** The words of a file that are not known, and what each means. */
function WordTable<M extends PersonMeaning | ShiftMeaning>(props: WordsProps<M>) {
  const { unknown, savedMappings, onForget, onPlace, of, others } = props;
  return (
    <section>
      <h3>{props.title}</h3>
      <ul class="import-words">
        {unknown.map(({ word, rows, firstRow }) => (
          <li key={word}>
            <span class="import-word">
              <b>{word}</b>{" "}
              <Place onShow={onPlace(word)}>{t("import.where", { n: rows, row: firstRow })}</Place>
            </span>
            <SelectField<M>
              label={t("import.means", { word })}
              isLabelHidden
              value={of[word] ?? ("" as M)}
              choices={[...others, ...(likeliestFirst(word, props.choices) as Choice<M>[])]}
              onValue={(meaning) => props.onMeaning(word, meaning)}
            />
            <AsLastTime
              saved={savedMappingOf(savedMappings, props.kind, word)}
              meaning={of[word]}
              onForget={onForget}
            />
            {props.more?.(word)}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Where something is; with the cell drawn, a way to it. */
export function Place({ onShow, children }: { onShow: (() => void) | null; children: ComponentChildren }) {
  if (!onShow) return <span class="soft small">{children}</span>;
  return (
    <button type="button" class="import-place small" onClick={onShow}>
      {children}
    </button>
  );
}

/** Marks a choice that comes from an earlier import, and forgets it on request. */
function AsLastTime(props: {
  saved: SavedMapping | undefined;
  meaning: PersonMeaning | ShiftMeaning | undefined;
  onForget: (saved: SavedMapping) => void;
}) {
  const { saved, meaning, onForget } = props;
  if (!saved) return null;
  return (
    <span class="import-memory small">
      {meaning === meaningOf(saved) && <span class="soft">{t("import.as_last_time")}</span>}
      <Button
        look="quiet"
        aria-label={t("import.forget_word", { word: saved.word })}
        onClick={() => onForget(saved)}
      >
        {t("import.forget")}
      </Button>
    </span>
  );
}

/** Words that mean a person, a new one, or nobody. */
export function PeopleTable(props: TableProps) {
  const { meanings, onMeanings } = props;
  return (
    <WordTable<PersonMeaning>
      {...props}
      title={t("import.people", { n: props.unknown.length })}
      kind="person"
      of={meanings.people}
      others={[
        { value: "", label: t("import.undecided") },
        { value: "new", label: t("import.new_person") },
        { value: "skip", label: t("import.skip") },
      ]}
      onMeaning={(word, meaning) =>
        onMeanings({ ...meanings, people: { ...meanings.people, [word]: meaning } })
      }
    />
  );
}

/** Words that mean a shift, a new one, or nothing. */
export function ShiftTable(props: TableProps) {
  const { meanings, onMeanings } = props;
  return (
    <WordTable<ShiftMeaning>
      {...props}
      title={t("import.shifts", { n: props.unknown.length })}
      kind="shift"
      of={meanings.shifts}
      others={[
        { value: "", label: t("import.undecided") },
        { value: "new", label: t("import.new_shift") },
        { value: "skip", label: t("import.skip_cells") },
        { value: "clear", label: t("import.clear_cells") },
      ]}
      onMeaning={(word, meaning) => {
        const unknown = props.unknown.find((each) => each.word === word);
        onMeanings(
          meaning === "new" && unknown
            ? withNewShift(meanings, unknown)
            : { ...meanings, shifts: { ...meanings.shifts, [word]: meaning } },
        );
      }}
      more={(word) =>
        meanings.shifts[word] === "new" && (
          <NewShiftFields
            shift={meanings.drafts[word] ?? draftFor({ word })}
            onShift={(draft) => onMeanings({ ...meanings, drafts: { ...meanings.drafts, [word]: draft } })}
          />
        )
      }
    />
  );
}

function NewShiftFields({ shift, onShift }: { shift: NewShift; onShift: (shift: NewShift) => void }) {
  const bind = <K extends keyof NewShift>(name: K) => ({
    value: shift[name],
    onValue: (value: NewShift[K]) => onShift({ ...shift, [name]: value }),
  });
  return (
    <div class="form-row import-new">
      <TextField label={t("field.name")} maxLength={40} {...bind("name")} />
      <TextField label={t("shift.code")} maxLength={4} {...bind("code")} />
      {!shift.isRest && (
        <>
          <TextField label={t("shift.start")} type="time" {...bind("start")} />
          <TextField label={t("shift.end")} type="time" {...bind("end")} />
        </>
      )}
      <CheckField label={t("shift.is_rest")} {...bind("isRest")} />
      {!isComplete(shift) && <p class="import-times-needed small">{t("import.times_needed")}</p>}
    </div>
  );
}
