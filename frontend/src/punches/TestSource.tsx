import { useState } from "preact/hooks";
import { api } from "../api/client";
import { peopleChoices, usePeople } from "../api/people";
import type { components } from "../api/schema";
import { me } from "../api/session";
import { TestDialog } from "../forms/TestDialog";
import { localized } from "../i18n";
import { now } from "../lib/now";
import { formatDateTime } from "../lib/time";
import { ProviderWords } from "../parts/ProviderWords";
import { SelectField } from "../ui/Field";
import { ShapeAndWord } from "../ui/StateMark";
import type { Source } from "./source";
import { ownTranslation, t } from "./words";

export type Result = components["schemas"]["PunchSourceTestResult"];

/** Queries a source about one person's punches of today, and shows its answer. */
export function TestSource({ item: source, onClose }: { item: Source; onClose: () => void }) {
  const people = usePeople();
  const mine = (people.value ?? []).filter(
    (person) => source.team_id === null || person.team_id === source.team_id,
  );
  const [chosen, setChosen] = useState(0);
  const only = typeof source.config.user_id === "number" ? source.config.user_id : 0;
  const user = chosen || only || mine[0]?.id || me.value?.id || 0;
  return (
    <TestDialog<Result>
      title={t("test_title", { name: source.name })}
      options={
        <>
          <p class="soft">{t("test_text")}</p>
          <SelectField label={t("person")} value={user} choices={peopleChoices(mine)} onValue={setChosen} />
        </>
      }
      action={t("ask")}
      run={() =>
        api.post("/api/v1/punch-sources/{source_id}/test", {
          path: { source_id: source.id },
          body: { user_id: user },
        })
      }
      outcome={(result) => <Outcome result={result} />}
      onClose={onClose}
    />
  );
}

/** What the source answered, and what to do. */
export function Outcome({ result }: { result: Result }) {
  const isDone = result.outcome === "ok";
  const remedy = localized(result.remedy);
  return (
    <div class="test-answer lines">
      <p>
        <ShapeAndWord
          look={isDone ? "done" : "missed"}
          word={ownTranslation(`outcome.${result.outcome}`) ?? result.outcome}
        />{" "}
        <span class="soft">{t("story.latency", { n: result.latency_ms })}</span>
      </p>
      {(result.provider_code || result.provider_message) && (
        <p>
          <ProviderWords answer={result} />
        </p>
      )}
      {remedy && <p>{remedy}</p>}
      {isDone && result.results.length === 0 && <p>{t("nothing")}</p>}
      {isDone &&
        result.results.map((found, index) => (
          <p key={`${index}-${found.kind}`}>
            {t(found.kind === "clock_in" ? "punch.clock_in" : "punch.clock_out")}:{" "}
            <b>{t(`state.${found.state}`)}</b>{" "}
            <span class="soft">
              {found.at
                ? t("at", { when: formatDateTime(found.at, now.peek()) })
                : (localized(found.reason_text) ?? "")}
            </span>
          </p>
        ))}
    </div>
  );
}
