import { useState } from "preact/hooks";
import { api } from "../api/client";
import { problemText } from "../api/problem";
import type { components } from "../api/schema";
import { TestDialog } from "../forms/TestDialog";
import { localized } from "../i18n";
import { Button } from "../ui/Button";
import { ShapeAndWord } from "../ui/StateMark";
import type { Source } from "./source";
import { ownTranslation, t } from "./words";

type Pull = components["schemas"]["PullRead"];

/** Reads the roster ahead from DingTalk, shows what would change, and writes it on a click. */
export function RosterPull({ item: source, onClose }: { item: Source; onClose: () => void }) {
  return (
    <TestDialog<Pull>
      title={t("roster.title", { name: source.name })}
      action={t("roster.preview")}
      running={t("roster.reading")}
      run={() =>
        api.post("/api/v1/punch-sources/{source_id}/roster/preview", { path: { source_id: source.id } })
      }
      outcome={(found) => <Found source={source} found={found} />}
      onClose={onClose}
    />
  );
}

function Found({ source, found }: { source: Source; found: Pull }) {
  const [pulled, setPulled] = useState<Pull | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  async function pull() {
    setBusy(true);
    setProblem(null);
    try {
      const order = { accepts_gone: found.outcome === "stale" };
      setPulled(
        await api.post("/api/v1/punch-sources/{source_id}/roster/pull", {
          path: { source_id: source.id },
          body: order,
        }),
      );
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  }
  const shown = pulled ?? found;
  const isRead = shown.outcome === "ok" || shown.outcome === "stale";
  const remedy = localized(shown.remedy);
  if (!isRead)
    return (
      <div class="test-answer">
        <p>
          <ShapeAndWord look="missed" word={ownTranslation(`outcome.${shown.outcome}`) ?? shown.outcome} />
        </p>
        <p>
          <code>{shown.provider_code}</code> {shown.provider_message}
        </p>
        {remedy && <p>{remedy}</p>}
        <p class="soft">{t("roster.permissions")}</p>
      </div>
    );
  return (
    <div class="test-answer">
      <p>
        <ShapeAndWord
          look={shown.outcome === "ok" ? "done" : "missed"}
          word={t("roster.found", { people: shown.people, shifts: shown.shifts.length, days: shown.days })}
        />
      </p>
      {shown.shifts.length > 0 && <p class="soft">{shown.shifts.join("、")}</p>}
      <p>
        {pulled?.outcome === "ok"
          ? t("roster.done", { n: shown.changed })
          : t("roster.change", { n: shown.changed })}
      </p>
      {!pulled && shown.replaced > 0 && <p>{t("roster.replaced", { n: shown.replaced })}</p>}
      {shown.outcome === "stale" && <p class="urgent">{t("roster.gone", { n: shown.gone })}</p>}
      {shown.kept > 0 && <p>{t("roster.kept", { n: shown.kept })}</p>}
      {shown.unclear > 0 && <p>{t("roster.unclear", { n: shown.unclear })}</p>}
      <Names label={t("roster.without")} names={shown.without_schedule} />
      <Names label={t("roster.not_found")} names={shown.not_found} />
      <p class="soft small">{t("roster.calls", { n: shown.calls })}</p>
      {problem !== null && <p class="urgent">{problemText(problem)}</p>}
      {pulled?.outcome !== "ok" && (
        <Button look="main" isBusy={isBusy} onClick={() => void pull()}>
          {t(found.outcome === "stale" ? "roster.accept" : "roster.begin")}
        </Button>
      )}
    </div>
  );
}

const Names = ({ label, names }: { label: string; names: string[] }) =>
  names.length === 0 ? null : (
    <p class="small">
      {label}
      {names.join("、")}
    </p>
  );
