import { useState } from "preact/hooks";
import { api } from "../api/client";
import { problemText } from "../api/problem";
import type { components } from "../api/schema";
import { TestDialog } from "../forms/TestDialog";
import { listed, localized } from "../i18n";
import { ProviderWords } from "../parts/ProviderWords";
import { useAttempt } from "../ui/attempt";
import { Button } from "../ui/Button";
import { ShapeAndWord } from "../ui/StateMark";
import type { Source } from "./source";
import { type Vendor, vendorOf } from "./vendors";
import { ownTranslation, t } from "./words";

export type Pull = components["schemas"]["PullRead"];

/** Reads the roster ahead from a vendor, shows what would change, and writes it on a click. */
export function RosterPull({ item: source, onClose }: { item: Source; onClose: () => void }) {
  const path = { source_id: source.id };
  const vendor = vendorOf(source.kind);
  return (
    <TestDialog<Pull>
      title={t("roster.title", { name: source.name })}
      action={t("roster.preview")}
      running={t("roster.reading")}
      run={() =>
        api.post("/api/v1/punch-sources/{source_id}/roster/preview", { path, body: { departments: [] } })
      }
      outcome={(found) => vendor && <Pulling vendor={vendor} path={path} found={found} />}
      onClose={onClose}
    />
  );
}

function Pulling(props: { vendor: Vendor; path: { source_id: number }; found: Pull }) {
  const { vendor, path, found } = props;
  const [pulled, setPulled] = useState<Pull | null>(null);
  const { isBusy, problem, attempt } = useAttempt();
  const pull = (addsPeople: boolean) =>
    attempt(async () => {
      if (addsPeople)
        await api.post("/api/v1/punch-sources/{source_id}/people", { path, body: { departments: [] } });
      const body = { accepts_gone: found.outcome === "stale" };
      setPulled(await api.post("/api/v1/punch-sources/{source_id}/roster/pull", { path, body }));
    });
  const shown = pulled ?? found;
  if (!isRead(shown)) return <Failed found={shown} />;
  const action = found.outcome === "stale" ? "roster.accept" : "roster.begin";
  return (
    <>
      <Found vendor={vendor} found={shown} isDone={pulled?.outcome === "ok"} />
      {problem !== null && <p class="urgent">{problemText(problem)}</p>}
      {pulled?.outcome !== "ok" && (
        <p>
          {(shown.newcomers ?? []).length > 0 && (
            <Button look="main" isBusy={isBusy} onClick={() => void pull(true)}>
              {t("roster.begin_with_people", { n: (shown.newcomers ?? []).length })}
            </Button>
          )}{" "}
          <Button
            look={(shown.newcomers ?? []).length > 0 ? "plain" : "main"}
            isBusy={isBusy}
            onClick={() => void pull(false)}
          >
            {t(action)}
          </Button>
        </p>
      )}
    </>
  );
}

const isRead = ({ outcome }: { outcome: string }) => outcome === "ok" || outcome === "stale";

/** Why nothing was read, and what to do. */
export function Failed({
  found,
}: {
  found: Pick<Pull, "outcome" | "provider_code" | "provider_message" | "remedy">;
}) {
  const remedy = localized(found.remedy ?? {});
  return (
    <div class="test-answer lines">
      <p>
        <ShapeAndWord look="missed" word={ownTranslation(`outcome.${found.outcome}`) ?? found.outcome} />
      </p>
      <p>
        <ProviderWords answer={found} />
      </p>
      {remedy && <p>{remedy}</p>}
    </div>
  );
}

/** What was read, and what changes or has changed. */
export function Found(props: { vendor: Vendor; found: Pull; isDone?: boolean }) {
  const { vendor, found, isDone = false } = props;
  const named = { vendor: localized(vendor.name) ?? "" };
  if (!isRead(found)) return <Failed found={found} />;
  return (
    <div class="test-answer lines">
      <p>
        <ShapeAndWord
          look={found.outcome === "ok" ? "done" : "missed"}
          word={t("roster.found", {
            ...named,
            people: found.people,
            shifts: found.shifts.length,
            days: found.days,
          })}
        />
      </p>
      {found.shifts.length > 0 && <p class="soft">{listed(found.shifts)}</p>}
      <p>{t(isDone ? "roster.done" : "roster.change", { n: found.changed })}</p>
      {!isDone && found.replaced > 0 && <p>{t("roster.replaced", { n: found.replaced })}</p>}
      {found.outcome === "stale" && <p class="urgent">{t("roster.gone", { ...named, n: found.gone })}</p>}
      <Names label={t("roster.vanished", named)} names={found.vanished} />
      {found.leaves > 0 && <p>{t("roster.leaves", { n: found.leaves })}</p>}
      {found.kept > 0 && <p>{t("roster.kept", { n: found.kept })}</p>}
      {found.unclear > 0 && <p>{t("roster.unclear", { n: found.unclear })}</p>}
      <Names label={t("roster.without")} names={found.without_schedule} />
      <Names label={t("roster.not_found", named)} names={found.not_found} />
      <Names label={t("roster.same_ids", named)} names={found.same_ids} />
      <Names label={t("roster.newcomers", named)} names={found.newcomers} />
      <Names label={t("roster.leavers", named)} names={found.leavers} />
      <p class="soft small">{t("roster.calls", { n: found.calls })}</p>
    </div>
  );
}

const Names = ({ label, names }: { label: string; names: string[] }) =>
  names.length === 0 ? null : (
    <p class="small">
      {label}
      {listed(names)}
    </p>
  );
