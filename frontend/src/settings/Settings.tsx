import { useState } from "preact/hooks";
import { api } from "../api/client";
import { sayProblem } from "../api/problem";
import { useResource } from "../api/resource";
import { me, reloadMe, signOut } from "../api/session";
import { SHORTEST_PASSWORD } from "../auth/SetUp";
import { type Language, language, speak, t } from "../i18n";
import { currentTheme, type Theme, wearTheme } from "../lib/theme";
import { Button } from "../ui/Button";
import { Segments, TextField } from "../ui/Field";
import { Page } from "../ui/Page";
import { say } from "../ui/Toast";
import { Tokens } from "./Tokens";

export function Settings() {
  const [theme, setTheme] = useState<Theme>(currentTheme);
  const health = useResource("health", () => api.get("/api/health"));
  const person = me.value;
  return (
    <Page title={t("page.settings")}>
      <section class="section">
        <h2>{t("settings.look")}</h2>
        <Segments<Language>
          label={t("settings.language")}
          value={language.value}
          choices={[
            { value: "zh", label: t("language.zh") },
            { value: "en", label: t("language.en") },
          ]}
          onValue={(next) => void speak(next, { remember: true })}
        />
        <Segments<Theme>
          label={t("settings.theme")}
          value={theme}
          choices={[
            { value: "system", label: t("settings.theme_system") },
            { value: "light", label: t("settings.theme_light") },
            { value: "dark", label: t("settings.theme_dark") },
          ]}
          onValue={(next) => {
            setTheme(next);
            wearTheme(next);
          }}
        />
      </section>
      <MyName />
      <MyPassword />
      <Tokens />
      <section class="section">
        <p class="soft">
          {person?.display_name} · {person?.username} · {person?.timezone}
          <br />
          Daka {health.value?.version}
        </p>
        <div>
          <Button onClick={() => void signOut()}>{t("settings.sign_out")}</Button>
        </div>
      </section>
    </Page>
  );
}

function MyName() {
  const [name, setName] = useState(me.value?.display_name ?? "");
  const [mobile, setMobile] = useState(me.value?.mobile ?? "");
  const [problem, setProblem] = useState<unknown>(null);
  async function save(event: Event) {
    event.preventDefault();
    setProblem(null);
    try {
      await api.patch("/api/v1/me", { body: { display_name: name.trim(), mobile: mobile.trim() || null } });
      await reloadMe();
      say(t("settings.kept"));
    } catch (error) {
      setProblem(error);
    }
  }
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
          onValue={setName}
        />
        <TextField
          label={t("person.mobile")}
          hint={t("person.mobile_hint")}
          type="tel"
          autocomplete="tel"
          value={mobile}
          onValue={setMobile}
        />
        <p class="form-problem" role="alert">
          {problem !== null && sayProblem(problem)}
        </p>
        <div>
          <Button type="submit">{t("action.save")}</Button>
        </div>
      </form>
    </section>
  );
}

function MyPassword() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  async function change(event: Event) {
    event.preventDefault();
    setProblem(null);
    try {
      await api.post("/api/v1/me/password", { body: { current_password: current, new_password: next } });
      setCurrent("");
      setNext("");
      say(t("settings.password_changed"));
    } catch (error) {
      setProblem(error);
    }
  }
  return (
    <section class="section">
      <h2>{t("settings.password")}</h2>
      <form class="form" onSubmit={change}>
        <TextField
          label={t("settings.password_current")}
          type="password"
          autocomplete="current-password"
          required
          value={current}
          onValue={setCurrent}
        />
        <TextField
          label={t("settings.password_new")}
          hint={t("auth.password_hint", { n: SHORTEST_PASSWORD })}
          type="password"
          autocomplete="new-password"
          required
          minLength={SHORTEST_PASSWORD}
          value={next}
          onValue={setNext}
        />
        <p class="form-problem" role="alert">
          {problem !== null && sayProblem(problem)}
        </p>
        <div>
          <Button type="submit">{t("settings.password_change")}</Button>
        </div>
      </form>
    </section>
  );
}
