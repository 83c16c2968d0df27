import { useState } from "preact/hooks";
import { send } from "../../api/client";
import { Problem, problemText } from "../../api/problem";
import type { Resource } from "../../api/resource";
import type { components } from "../../api/schema";
import { listed } from "../../i18n";
import { formatMonthDay } from "../../lib/time";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { showToast } from "../../ui/Toast";
import { ownTranslation, t } from "./words";
import type { CalendarYear } from "./year";

type Imported = components["schemas"]["CalendarImported"];

const MAX_BYTES = 2_000_000;
function refusalText(error: unknown): string {
  const codes = error instanceof Problem ? [error.errors[0]?.code, error.code] : [];
  const texts = codes.map((code) => ownTranslation(`days.refused.${code}`));
  return texts.find((text) => text !== null) ?? problemText(error);
}

/** A file is sent twice: to preview what it changes, then to apply it. */
export function CalendarFile({
  calendar,
  onYear,
}: {
  calendar: Resource<CalendarYear>;
  onYear: (year: number) => void;
}) {
  const [file, setFile] = useState<File | null>(null);
  const [found, setFound] = useState<Imported | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function read(given: File, isDryRun: boolean) {
    setBusy(true);
    setProblem(null);
    try {
      if (given.size > MAX_BYTES) throw new Problem(413, { code: "body_too_large" });
      const body = new FormData();
      body.append("file", given);
      const answer = await send(`/api/v1/calendar/import?dry_run=${isDryRun}`, { method: "POST", body });
      const result = (await answer.json()) as Imported;
      if (isDryRun) setFound(result);
      else {
        setFound(null);
        setFile(null);
        showToast(t("days.imported", { n: result.changed.length }));
        if (result.years[0]) onYear(result.years[0]);
        await calendar.reload();
      }
    } catch (error) {
      setFound(null);
      setProblem(refusalText(error));
    }
    setBusy(false);
  }

  return (
    <section class="form year-file">
      <Field label={t("days.file")} hint={t("days.file_hint")} error={problem}>
        {(wiring) => (
          <input
            {...wiring}
            type="file"
            accept=".json,application/json"
            class="input"
            onChange={(event) => {
              const [given] = event.currentTarget.files ?? [];
              setFile(given ?? null);
              setFound(null);
              if (given) void read(given, true);
            }}
          />
        )}
      </Field>
      <div role="status">
        {found && file && (
          <>
            <p>
              {t("days.would", {
                years: listed(found.years.map(String)),
                days: found.days,
                n: found.changed.length,
              })}
              {found.kept.length > 0 && ` ${t("days.kept", { n: found.kept.length })}`}
            </p>
            <ul class="year-changes">
              {found.changed.map((each) => (
                <li key={each.date}>
                  {formatMonthDay(each.date)}: {t(`kind.${each.before.kind}`)} →{" "}
                  <b>{t(`kind.${each.after.kind}`)}</b> {each.after.name}
                </li>
              ))}
            </ul>
            <Button look="main" isBusy={isBusy} onClick={() => void read(file, false)}>
              {t("days.import")}
            </Button>
          </>
        )}
      </div>
    </section>
  );
}
