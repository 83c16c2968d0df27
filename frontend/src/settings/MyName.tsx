import { useState } from "preact/hooks";
import { api } from "../api/client";
import { problemOf } from "../api/problem";
import { me, reloadMe } from "../api/session";
import { t } from "../i18n";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { FormProblem } from "../ui/FormProblem";
import { showToast } from "../ui/Toast";

export function MyName() {
  const [name, setName] = useState(me.value?.display_name ?? "");
  const [mobile, setMobile] = useState(me.value?.mobile ?? "");
  const [problem, setProblem] = useState<unknown>(null);
  async function save(event: Event) {
    event.preventDefault();
    setProblem(null);
    try {
      await api.patch("/api/v1/me", { body: { display_name: name.trim(), mobile: mobile.trim() || null } });
      await reloadMe();
      showToast(t("settings.kept"));
    } catch (error) {
      setProblem(error);
    }
  }
  const isInPlace = problemOf(problem, "display_name") ?? problemOf(problem, "mobile");
  return (
    <section class="section">
      <h2>{t("settings.me")}</h2>
      <form class="form" onSubmit={save}>
        <TextField
          label={t("person.display_name")}
          autocomplete="name"
          required
          maxLength={80}
          value={name}
          error={problemOf(problem, "display_name")}
          onValue={setName}
        />
        <TextField
          label={t("person.mobile")}
          hint={t("person.mobile_hint")}
          type="tel"
          autocomplete="tel"
          value={mobile}
          error={problemOf(problem, "mobile")}
          onValue={setMobile}
        />
        <FormProblem problem={problem} isBesideField={isInPlace !== null} />
        <div>
          <Button type="submit">{t("action.save")}</Button>
        </div>
      </form>
    </section>
  );
}
