import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { LANGUAGES, language, speak, t } from "../i18n";
import { now } from "../lib/now";
import { dateOf, sayClock, sayDate } from "../lib/time";
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
        <p class="soft">{sayDate(dateOf(now.value))}</p>
        <p class="entrance-time">
          <time>{sayClock(now.value)}</time>
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
            onClick={() => void speak(other, { remember: true })}
          >
            {t(`language.${other}`)}
          </button>
        </p>
      </div>
    </main>
  );
}
