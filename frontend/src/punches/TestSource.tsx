import { useState } from "preact/hooks";
import { api } from "../api/client";
import { problemText } from "../api/problem";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { me } from "../api/session";
import { localized } from "../i18n";
import { formatDateTime } from "../lib/time";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { SelectField } from "../ui/Field";
import type { Source } from "./source";
import { t } from "./words";

type Result = components["schemas"]["PunchSourceTestResult"];

const MOST_PEOPLE = 500;
const OUTCOMES = {
  ok: "outcome.ok",
  broken: "outcome.broken",
  passing: "outcome.passing",
  throttled: "outcome.throttled",
  over_budget: "outcome.over_budget",
} as const;

/** Asks a source about one person's punches of today, and shows what it says. */
export function TestSource({ source, onClose }: { source: Source; onClose: () => void }) {
  const people = useResource(
    "people",
    async () => (await api.get("/api/v1/users", { query: { limit: MOST_PEOPLE } })).items,
  );
  const mine = (people.value ?? []).filter(
    (person) => source.team_id === null || person.team_id === source.team_id,
  );
  const [chosen, setChosen] = useState(0);
  const only = typeof source.config.user_id === "number" ? source.config.user_id : 0;
  const user = chosen || only || mine[0]?.id || me.value?.id || 0;
  const [result, setResult] = useState<Result | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [isAsking, setAsking] = useState(false);

  async function ask() {
    setAsking(true);
    setProblem(null);
    setResult(null);
    try {
      setResult(
        await api.post("/api/v1/punch-sources/{source_id}/test", {
          path: { source_id: source.id },
          body: { user_id: user },
        }),
      );
    } catch (error) {
      setProblem(error);
    }
    setAsking(false);
  }

  return (
    <Dialog title={t("test_title", { name: source.name })} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void ask();
        }}
      >
        <p class="soft">{t("test_text")}</p>
        <SelectField
          label={t("person")}
          value={user}
          choices={mine.map((person) => ({ value: person.id, label: person.display_name }))}
          onValue={setChosen}
        />
        <div role="status" class="test-outcome">
          {problem !== null && <p class="urgent">{problemText(problem)}</p>}
          {result && <Said result={result} />}
        </div>
        <footer class="form-foot">
          <Button look="main" type="submit" isBusy={isAsking}>
            {t("ask")}
          </Button>
          <Button look="quiet" onClick={onClose}>
            {t("action.close")}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

function Said({ result }: { result: Result }) {
  const isDone = result.outcome === "ok";
  const outcome = OUTCOMES[result.outcome as keyof typeof OUTCOMES];
  const remedy = localized(result.remedy);
  return (
    <div class="test-answer">
      <p class={`mark ${isDone ? "done" : "missed"}`}>
        <span class="shape" aria-hidden="true">
          {isDone ? "●" : "✕"}
        </span>
        <span>
          {outcome ? t(outcome) : result.outcome}{" "}
          <span class="soft">{t("story.latency", { n: result.latency_ms })}</span>
        </span>
      </p>
      {(result.provider_code || result.provider_message) && (
        <p>
          <code>{result.provider_code}</code> {result.provider_message}
        </p>
      )}
      {remedy && <p>{remedy}</p>}
      {isDone && result.findings.length === 0 && <p>{t("nothing")}</p>}
      {isDone &&
        result.findings.map((finding, index) => (
          <p key={`${index}-${finding.kind}`}>
            {t(finding.kind === "clock_in" ? "punch.clock_in" : "punch.clock_out")}:{" "}
            <b>{t(`known.${finding.known}`)}</b>{" "}
            <span class="soft">
              {finding.at
                ? t("at", { when: formatDateTime(finding.at) })
                : (localized(finding.reason_text) ?? "")}
            </span>
          </p>
        ))}
    </div>
  );
}
