import { useEffect, useState } from "preact/hooks";
import { api } from "../api/client";
import { useList } from "../api/get";
import { problemText } from "../api/problem";
import type { components } from "../api/schema";
import { pretty } from "../channels/pretty";
import { type Language, localized } from "../i18n";
import { Raw } from "../parts/Raw";
import { Segments, SelectField } from "../ui/Field";
import type { Stage, Variant } from "./template";
import { t } from "./words";

type Shown = components["schemas"]["TemplatePreview"];

interface PreviewProps {
  stage: Stage;
  language: Language;
  variant: Variant;
  /** What is wrong with the texts, shown beside their fields. */
  onProblem: (problem: unknown) => void;
}

/** The message to sample people, as a kind of channel would show it. The last valid one stays. */
export function Preview({ stage, language, variant, onProblem }: PreviewProps) {
  const kinds = useList("/api/v1/channels/kinds");
  const [kind, setKind] = useState("dingtalk_robot");
  const [people, setPeople] = useState<1 | 3>(1);
  const [shown, setShown] = useState<Shown | null>(null);
  const [problem, setProblem] = useState<unknown>(null);

  useEffect(() => {
    const stop = new AbortController();
    api
      .post("/api/v1/templates/preview", {
        body: { stage, language, variant, kind, people },
        signal: stop.signal,
      })
      .then(
        (next) => {
          setShown(next);
          setProblem(null);
          onProblem(null);
        },
        (error) => {
          if (stop.signal.aborted) return;
          setProblem(error);
          onProblem(error);
        },
      );
    return () => stop.abort();
  }, [stage, language, variant.title, variant.line, kind, people]);

  return (
    <section class="preview" aria-label={t("preview")}>
      <h2>{t("preview")}</h2>
      <div class="preview-choice">
        <SelectField
          label={t("kind")}
          value={kind}
          choices={(kinds.value ?? []).map((each) => ({
            value: each.kind,
            label: localized(each.labels) ?? each.kind,
          }))}
          onValue={setKind}
        />
        <Segments
          label={t("people")}
          value={people}
          choices={[
            { value: 1, label: t("one") },
            { value: 3, label: t("three") },
          ]}
          onValue={setPeople}
        />
      </div>
      {problem !== null && <p class="urgent small">{problemText(problem)}</p>}
      {shown && (
        <div aria-live="polite" class={problem === null ? "" : "soft"}>
          <div class="bubble" lang={language === "zh" ? "zh-CN" : "en"}>
            <p class="bubble-title">{shown.title}</p>
            {shown.paragraphs.map((line, index) => (
              <p key={index}>{line}</p>
            ))}
            {shown.buttons.length > 0 && (
              <p class="bubble-buttons">
                {shown.buttons.map((label) => (
                  <span key={label}>{label}</span>
                ))}
              </p>
            )}
          </div>
          <p class="small soft">
            {shown.mentions.length > 0
              ? `${t("calls")} ${shown.mentions.map((name) => `@${name}`).join(" ")}`
              : t("calls_nobody")}
          </p>
          {shown.buttons.length === 0 && stage !== "escalation" && (
            <p class="small soft">{t("no_buttons")}</p>
          )}
          <details class="advanced">
            <summary>{t("raw")}</summary>
            <Raw label={t("raw")}>{pretty(shown.body)}</Raw>
          </details>
        </div>
      )}
    </section>
  );
}
