import { useState } from "preact/hooks";
import { type Language, language, setLanguage, t } from "../i18n";
import { applyTheme, currentTheme, type Theme } from "../lib/theme";
import { Segments } from "../ui/Field";
import { Section } from "../ui/Page";

export function Look() {
  const [theme, setTheme] = useState<Theme>(currentTheme);
  return (
    <Section title={t("settings.look")}>
      <Segments<Language>
        label={t("settings.language")}
        value={language.value}
        choices={[
          { value: "zh", label: t("language.zh") },
          { value: "en", label: t("language.en") },
        ]}
        onValue={(next) => void setLanguage(next, { remember: true })}
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
          applyTheme(next);
        }}
      />
    </Section>
  );
}
