import { useState } from "preact/hooks";
import { api } from "../api/client";
import { useList } from "../api/get";
import type { components } from "../api/schema";
import { byId, type Shift, useShifts } from "../shifts/useShifts";
import { Button } from "../ui/Button";
import { Loaded } from "../ui/EmptyState";
import { CheckField, NumberField } from "../ui/Field";
import { FormDialog, useForm } from "../ui/Form";
import { Section } from "../ui/Page";
import { showToast } from "../ui/Toast";
import type { Person } from "./person";
import { type Terms, termsText } from "./terms";
import { t } from "./words";

const MOST_HOURS = 400;
const MOST_DAYS = 31;

/** What the contract says: proposals of shifts keep to it. */
export function PersonTerms({ person, teamId }: { person: Person; teamId: number }) {
  const terms = useList("/api/v1/roster/work-terms", { query: { team_id: teamId } });
  const shifts = useShifts(teamId);
  const [isEditing, setEditing] = useState(false);
  return (
    <Section title={t("terms.title")}>
      <Loaded from={terms}>
        {(all) => (
          <Loaded from={shifts}>
            {(known) => {
              const mine = all.find((each) => each.user_id === person.id);
              return (
                <>
                  <p>{termsText(mine, byId(known))}</p>
                  <p>
                    <Button onClick={() => setEditing(true)}>{t("terms.edit")}</Button>
                  </p>
                  {isEditing && (
                    <TermsDialog
                      person={person}
                      terms={mine}
                      shifts={known.filter(
                        (each) => !each.is_rest && (each.team_id === null || each.team_id === teamId),
                      )}
                      onClose={() => setEditing(false)}
                      onSaved={terms.reload}
                    />
                  )}
                </>
              );
            }}
          </Loaded>
        )}
      </Loaded>
      <p class="note">{t("terms.note")}</p>
    </Section>
  );
}

interface TermsDialogProps {
  person: Person;
  terms: Terms | undefined;
  shifts: Shift[];
  onClose: () => void;
  onSaved: () => Promise<void>;
}

function TermsDialog({ person, terms, shifts, onClose, onSaved }: TermsDialogProps) {
  const initial: components["schemas"]["TermsBody"] & { chosen: number[] } = {
    chosen: terms?.shift_ids ?? shifts.map((shift) => shift.id),
    least_hours: terms?.least_hours ?? null,
    most_hours: terms?.most_hours ?? null,
    most_days: terms?.most_days ?? null,
  };
  const form = useForm(initial, async ({ chosen, least_hours, most_hours, most_days }) => {
    const areAll = shifts.every((shift) => chosen.includes(shift.id));
    await api.put("/api/v1/roster/work-terms/{user_id}", {
      path: { user_id: person.id },
      body: { shift_ids: areAll ? null : chosen, least_hours, most_hours, most_days },
    });
    showToast(t("terms.saved"));
    onClose();
    await onSaved();
  });
  const { chosen } = form.values;
  return (
    <FormDialog title={t("terms.title")} of={form} onClose={onClose}>
      <fieldset class="checks">
        <legend class="field-label">{t("terms.shifts")}</legend>
        {shifts.map((shift) => (
          <CheckField
            key={shift.id}
            label={shift.name}
            value={chosen.includes(shift.id)}
            onValue={(isChosen) =>
              form.set({
                chosen: isChosen ? [...chosen, shift.id] : chosen.filter((id) => id !== shift.id),
              })
            }
          />
        ))}
      </fieldset>
      <div class="form-row">
        <NumberField
          label={t("terms.least_hours")}
          min={0}
          max={MOST_HOURS}
          placeholder={t("terms.no_limit")}
          value={form.values.least_hours ?? null}
          onValue={(least_hours) => form.set({ least_hours })}
        />
        <NumberField
          label={t("terms.most_hours")}
          min={0}
          max={MOST_HOURS}
          placeholder={t("terms.no_limit")}
          value={form.values.most_hours ?? null}
          onValue={(most_hours) => form.set({ most_hours })}
        />
      </div>
      <NumberField
        label={t("terms.most_days")}
        min={1}
        max={MOST_DAYS}
        placeholder="6"
        value={form.values.most_days ?? null}
        onValue={(most_days) => form.set({ most_days })}
      />
    </FormDialog>
  );
}
