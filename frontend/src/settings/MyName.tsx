import { api } from "../api/client";
import { me, reloadMe } from "../api/session";
import { t } from "../i18n";
import { MessageLanguage, type MessageLanguageChoice } from "../parts/MessageLanguage";
import { TextField } from "../ui/Field";
import { Form, useForm } from "../ui/Form";
import { Section } from "../ui/Page";
import { showToast } from "../ui/Toast";

export function MyName() {
  const initial = {
    display_name: me.value?.display_name ?? "",
    mobile: me.value?.mobile ?? "",
    language: (me.value?.language ?? "") as MessageLanguageChoice,
  };
  const form = useForm(initial, async ({ display_name, mobile, language }) => {
    await api.patch("/api/v1/me", {
      body: { display_name: display_name.trim(), mobile: mobile.trim() || null, language: language || null },
    });
    await reloadMe();
    showToast(t("settings.kept"));
  });
  return (
    <Section title={t("settings.me")}>
      <Form of={form}>
        <TextField
          label={t("person.display_name")}
          autocomplete="name"
          required
          maxLength={80}
          {...form.field("display_name")}
        />
        <TextField
          label={t("person.mobile")}
          hint={t("person.mobile_hint")}
          type="tel"
          autocomplete="tel"
          {...form.field("mobile")}
        />
        <MessageLanguage {...form.bind("language")} />
      </Form>
    </Section>
  );
}
