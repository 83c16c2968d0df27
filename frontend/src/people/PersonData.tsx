import { useState } from "preact/hooks";
import { api } from "../api/client";
import { isAdmin, me } from "../api/session";
import { addressOf, go } from "../lib/router";
import { DownloadButton } from "../parts/DownloadButton";
import { AskFirst } from "../ui/AskFirst";
import { attempt } from "../ui/attempt";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { FormDialog, useForm } from "../ui/Form";
import { Section } from "../ui/Page";
import { showToast } from "../ui/Toast";
import type { Person } from "./person";
import { t } from "./words";

/** Exports a person's data, deletes the account (past records keep the name) or erases it (they do not). */
export function PersonData({ person }: { person: Person }) {
  const [isErasing, setErasing] = useState(false);
  const { id, display_name: name } = person;
  if (id === me.value?.id) return null;

  async function remove() {
    const work = () => api.delete("/api/v1/users/{user_id}", { path: { user_id: id } });
    if (await attempt(work, t("leave.deleted", { name }))) go(addressOf("people"));
  }

  return (
    <Section title={t("leave.title")}>
      <div class="form-foot">
        {isAdmin.value && (
          <DownloadButton
            address={`/api/v1/users/${id}/export`}
            name={`daka-user-${id}.json`}
            label={t("leave.export")}
          />
        )}
        <AskFirst
          look="quiet"
          label={t("action.delete")}
          title={t("leave.delete_title", { name })}
          text={t("leave.delete_text")}
          onYes={remove}
        />
        {isAdmin.value && (
          <Button look="quiet" onClick={() => setErasing(true)}>
            {t("leave.erase")}
          </Button>
        )}
      </div>
      {isErasing && <Erase person={person} onClose={() => setErasing(false)} />}
    </Section>
  );
}

/** The username has to be typed, so that a slip of the hand erases nobody. */
function Erase({ person, onClose }: { person: Person; onClose: () => void }) {
  const form = useForm({ username: "" }, async ({ username }) => {
    const body = { username: username.trim() };
    await api.post("/api/v1/users/{user_id}/erase", { path: { user_id: person.id }, body });
    showToast(t("leave.erased"));
    go(addressOf("people"));
  });
  return (
    <FormDialog
      title={t("leave.erase_title", { name: person.display_name })}
      of={form}
      look="act"
      action={t("leave.erase")}
      isDisabled={form.values.username.trim().toLowerCase() !== person.username}
      onClose={onClose}
    >
      <p>{t("leave.erase_text")}</p>
      <TextField
        label={t("leave.erase_confirm", { username: person.username })}
        autocapitalize="none"
        autocomplete="off"
        spellcheck={false}
        required
        {...form.bind("username")}
      />
    </FormDialog>
  );
}
