import { useState } from "preact/hooks";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { localized } from "../i18n";
import { Button } from "../ui/Button";
import { Loaded } from "../ui/EmptyState";
import { FormProblem, useForm } from "../ui/Form";
import { Section } from "../ui/Page";
import { type Mark, ShapeAndWord } from "../ui/StateMark";
import { t } from "./words";

type Finding = components["schemas"]["DiagnosisRead"];

const LOOK: Readonly<Record<Finding["level"], Mark>> = { ok: "done", warning: "waiting", error: "missed" };
const WORST_FIRST: readonly Finding["level"][] = ["error", "warning", "ok"];

/** What `daka doctor` checks, and whether server and browser agree. */
export function Doctor() {
  const doctor = useResource("doctor", () =>
    api.get("/api/v1/doctor", { query: { origin: location.origin, now: new Date().toISOString() } }),
  );
  return (
    <Section title={t("doctor.title")} text={t("doctor.text")}>
      <Loaded from={doctor}>
        {({ findings, can_look_up_release }) => (
          <>
            <Findings
              of={findings.toSorted(
                (one, other) => WORST_FIRST.indexOf(one.level) - WORST_FIRST.indexOf(other.level),
              )}
            />
            <Release isPossible={can_look_up_release} />
          </>
        )}
      </Loaded>
      <div>
        <Button onClick={() => void doctor.reload()}>{t("doctor.again")}</Button>
      </div>
    </Section>
  );
}

/** The command writes these after a colon; a path or an address keeps its first letter. */
const sentence = (words: string | null) =>
  words?.replace(/^[a-z](?=[a-z'-]*(?:[ ,;]|$))/, (letter) => letter.toUpperCase());

const Findings = ({ of }: { of: readonly Finding[] }) => (
  <ul class="rows findings">
    {of.map((found) => (
      <li key={`${found.check} ${found.message.en}`}>
        <ShapeAndWord look={LOOK[found.level]} word={t(`level.${found.level}`)} />
        <b>{t(`check.${found.check}` as "check.disk")}</b>
        <div>
          <p>{sentence(localized({ ...found.message }))}</p>
          {found.remedy && <p class="soft">{sentence(localized({ ...found.remedy }))}</p>}
        </div>
      </li>
    ))}
  </ul>
);

/** Nothing is looked up elsewhere unless somebody asks. */
function Release({ isPossible }: { isPossible: boolean }) {
  const [found, setFound] = useState<Finding | null>(null);
  const form = useForm({}, async () => setFound(await api.post("/api/v1/doctor/release", {})));
  return (
    <form class="form" onSubmit={form.onSubmit}>
      <div role="status">{found && <Findings of={[found]} />}</div>
      <FormProblem of={form} />
      {isPossible ? (
        <div>
          <Button type="submit" isBusy={form.isBusy}>
            {t("doctor.release")}
          </Button>
        </div>
      ) : (
        <p class="soft">{t("doctor.no_release_url")}</p>
      )}
    </form>
  );
}
