import { api } from "../api/client";
import { namedChoices } from "../api/teams";
import { t } from "../i18n";
import { SelectField } from "../ui/Field";
import { FormDialog, useForm } from "../ui/Form";
import type { Shift } from "./useShifts";

/** A shift on rosters can be deleted only when another one takes its place. */
export function ReplaceShift(props: {
  shift: Shift;
  others: Shift[];
  onClose: () => void;
  onSaved: () => void;
}) {
  const form = useForm({ replace_with: props.others[0]?.id ?? 0 }, async (query) => {
    await api.delete("/api/v1/shifts/{shift_id}", { path: { shift_id: props.shift.id }, query });
    props.onSaved();
  });
  return (
    <FormDialog
      title={t("shift.in_use", { name: props.shift.name })}
      of={form}
      action={t("shift.replace")}
      isDisabled={form.values.replace_with === 0}
      onClose={props.onClose}
    >
      <p>{t("shift.in_use_text")}</p>
      <SelectField
        label={t("shift.replace_with")}
        choices={namedChoices(props.others)}
        {...form.bind("replace_with")}
      />
    </FormDialog>
  );
}
