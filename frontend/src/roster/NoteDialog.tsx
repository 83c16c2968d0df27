import { api } from "../api/client";
import type { PlainDate } from "../lib/dates";
import { formatDate } from "../lib/time";
import { TextField } from "../ui/Field";
import { FormDialog, useForm } from "../ui/Form";
import { t } from "./words";

interface NoteDialogProps {
  person: { id: number; name: string };
  date: PlainDate;
  text: string;
  onDone: () => void;
  onClose: () => void;
}

/** A planner's words about one cell. */
export function NoteDialog({ person, date, text, onDone, onClose }: NoteDialogProps) {
  const form = useForm({ text }, async (values) => {
    await api.put("/api/v1/roster/notes", { body: { user_id: person.id, date, ...values } });
    onDone();
    onClose();
  });
  return (
    <FormDialog title={`${person.name} · ${formatDate(date)}`} of={form} onClose={onClose}>
      <TextField
        label={t("note.title")}
        hint={t("note.hint")}
        maxLength={200}
        isFirst
        {...form.field("text")}
      />
    </FormDialog>
  );
}
