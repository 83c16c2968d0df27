import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { LANGUAGES, language, setLanguage, t } from "../i18n";
import { currentDate, now } from "../lib/now";
import { formatDate, formatTime } from "../lib/time";
import "./auth.css";

/** The page before the door: what time it is, and one form. */
export function Entrance({ title, children }: { title: string; children: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} · ${t("app.name")}`;
  }, [title]);
  const other = LANGUAGES.find((each) => each !== language.value) ?? "zh";
  return (
    <main class="entrance">
      <div class="entrance-clock">
        <p class="soft">{formatDate(currentDate.value)}</p>
        <p class="entrance-time">
          <time>{formatTime(now.value)}</time>
        </p>
      </div>
      <div class="entrance-form">
        <h1>{title}</h1>
        {children}
        <p class="entrance-foot">
          <button
            type="button"
            class="button quiet"
            lang={other}
            onClick={() => void setLanguage(other, { remember: true })}
          >
            {t(`language.${other}`)}
          </button>
        </p>
      </div>
    </main>
  );
}
