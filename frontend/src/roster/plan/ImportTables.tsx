import { Button } from "../../ui/Button";
import { CheckField, SelectField, TextField } from "../../ui/Field";
import {
  draftFor,
  likeliestFirst,
  type Meanings,
  meaningOf,
  type NewShift,
  type PersonMeaning,
  type SavedMapping,
  type ShiftMeaning,
  savedMappingOf,
  type Unknown,
} from "./importing";
import { t } from "./words";

interface TableProps {
  unknown: readonly Unknown[];
  savedMappings: readonly SavedMapping[];
  onForget: (saved: SavedMapping) => void;
  meanings: Meanings;
  onMeanings: (meanings: Meanings) => void;
}

/** Words that mean a person, a new one, or nobody. */
export function PeopleTable(props: TableProps & { people: readonly { value: number; name: string }[] }) {
  const { unknown, savedMappings, onForget, meanings, onMeanings, people } = props;
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
              saved={savedMappingOf(savedMappings, "person", each.word)}
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

/** Words that mean a shift, a new one, or nothing. */
export function ShiftTable(props: TableProps & { shifts: readonly { value: number; name: string }[] }) {
  const { unknown, savedMappings, onForget, meanings, onMeanings, shifts } = props;
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
                saved={savedMappingOf(savedMappings, "shift", each.word)}
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
                    value={made.isRest}
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
