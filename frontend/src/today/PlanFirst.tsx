import { useEffect } from "preact/hooks";
import { api } from "../api/client";
import { usePeople } from "../api/people";
import { namedChoices } from "../api/teams";
import { betweenSentences } from "../i18n";
import { currentDate } from "../lib/now";
import { addressOf, go } from "../lib/router";
import { formatMonthDay } from "../lib/time";
import { type Shift, useShifts } from "../shifts/useShifts";
import { Segments, SelectField } from "../ui/Field";
import { FormDialog, useForm } from "../ui/Form";
import { type DaysToFill, fillsOf, lastDay } from "./firstPlan";
import { t } from "./words";

const DAYS: readonly DaysToFill[] = ["workdays", "daily", "today"];
const UNTIL = { workdays: "plan.until", daily: "plan.until_daily" } as const;
const EVERYBODY = 0;
const DEFAULTS = { overwrite: false, dry_run: false, offset: 0, continues: false };

interface PlanFirstProps {
  onClose: () => void;
  onSaved: () => void;
}

/** The first days of the roster, without the roster's page. */
export function PlanFirst(props: PlanFirstProps) {
  const shifts = useShifts().value?.filter((shift) => !shift.is_rest);
  const people = usePeople().value?.filter((person) => person.is_active);
  const isPossible = shifts?.length !== 0;
  useEffect(() => {
    if (!isPossible) go(addressOf("roster")); // only rests, say: the roster's page tells what is missing
  }, [isPossible]);
  if (!shifts?.length || !people?.length) return null;
  return <PlanForm shifts={shifts} people={people} {...props} />;
}

interface PlanFormProps extends PlanFirstProps {
  shifts: readonly Shift[];
  people: readonly { id: number; display_name: string }[];
}

function PlanForm({ shifts, people, onClose, onSaved }: PlanFormProps) {
  const today = currentDate.value;
  const initial = { shift_id: shifts[0]?.id ?? 0, person: EVERYBODY, days: "workdays" as DaysToFill };
  const form = useForm(initial, async ({ shift_id, person, days }) => {
    const user_ids = person === EVERYBODY ? people.map(({ id }) => id) : [person];
    for (const fill of fillsOf(days, shift_id, today))
      await api.post("/api/v1/roster/fill", { body: { user_ids, ...DEFAULTS, ...fill } });
    onSaved();
  });
  const names = people.map(({ id, display_name }) => ({ value: id, label: display_name }));
  return (
    <FormDialog title={t("step.roster")} of={form} onClose={onClose}>
      {shifts.length > 1 && (
        <SelectField label={t("plan.shift")} choices={namedChoices([...shifts])} {...form.bind("shift_id")} />
      )}
      {people.length > 1 && (
        <SelectField
          label={t("plan.who")}
          choices={[{ value: EVERYBODY, label: t("plan.everybody", { n: people.length }) }, ...names]}
          {...form.bind("person")}
        />
      )}
      <Segments
        label={t("plan.days")}
        choices={DAYS.map((value) => ({ value, label: t(`plan.${value}`) }))}
        {...form.bind("days")}
      />
      <p class="note">
        {form.values.days !== "today" && t(UNTIL[form.values.days], { date: formatMonthDay(lastDay(today)) })}
        {betweenSentences()}
        <a href={addressOf("roster")}>{t("plan.elsewhere")}</a>
      </p>
    </FormDialog>
  );
}
