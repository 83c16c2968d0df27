import { api } from "../api/client";
import { useGet } from "../api/get";
import type { components } from "../api/schema";
import { Loaded } from "../ui/EmptyState";
import { CheckField, TextField } from "../ui/Field";
import { Form, useForm } from "../ui/Form";
import { Section } from "../ui/Page";
import { showToast } from "../ui/Toast";
import { t } from "./words";

type Kept = components["schemas"]["NoticesRead"];

/** Notices about one's own roster, on one's own channels. */
export function Notices() {
  const notices = useGet("/api/v1/me/notices", {});
  return (
    <Section title={t("notices.title")} text={t("notices.text")}>
      <Loaded from={notices}>{(kept) => <NoticesForm kept={kept} onKept={notices.set} />}</Loaded>
    </Section>
  );
}

function NoticesForm({ kept, onKept }: { kept: Kept; onKept: (kept: Kept) => void }) {
  const form = useForm(
    { ...kept, tellsTomorrow: kept.tomorrow_at !== null, tomorrow_at: kept.tomorrow_at ?? "20:00" },
    async ({ tells_changes, tellsTomorrow, tomorrow_at, tells_month }) => {
      const body = { tells_changes, tomorrow_at: tellsTomorrow ? tomorrow_at : null, tells_month };
      onKept(await api.put("/api/v1/me/notices", { body }));
      showToast(t("settings.kept"));
    },
  );
  return (
    <Form of={form}>
      <CheckField
        label={t("notices.changes")}
        hint={t("notices.changes_hint")}
        {...form.bind("tells_changes")}
      />
      <CheckField
        label={t("notices.tomorrow")}
        hint={t("notices.tomorrow_hint")}
        {...form.bind("tellsTomorrow")}
      />
      {form.values.tellsTomorrow && (
        <TextField label={t("notices.hour")} type="time" required {...form.field("tomorrow_at")} />
      )}
      <CheckField label={t("notices.month")} hint={t("notices.month_hint")} {...form.bind("tells_month")} />
    </Form>
  );
}
