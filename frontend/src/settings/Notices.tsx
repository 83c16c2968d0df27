import { useEffect, useState } from "preact/hooks";
import { api } from "../api/client";
import { problemOf } from "../api/problem";
import { useResource } from "../api/resource";
import { Button } from "../ui/Button";
import { Loaded } from "../ui/EmptyState";
import { CheckField, TextField } from "../ui/Field";
import { FormProblem } from "../ui/FormProblem";
import { showToast } from "../ui/Toast";
import { t } from "./words";

const USUAL_HOUR = "20:00";

/** Notices about one's own roster, on one's own channels. */
export function Notices() {
  const notices = useResource("notices", () => api.get("/api/v1/me/notices"));
  const [tellsChanges, setTellsChanges] = useState(true);
  const [tellsTomorrow, setTellsTomorrow] = useState(false);
  const [hour, setHour] = useState(USUAL_HOUR);
  const [problem, setProblem] = useState<unknown>(null);
  const kept = notices.value;
  useEffect(() => {
    if (!kept) return;
    setTellsChanges(kept.tells_changes);
    setTellsTomorrow(kept.tomorrow_at !== null);
    setHour(kept.tomorrow_at ?? USUAL_HOUR);
  }, [kept]);

  async function save(event: Event) {
    event.preventDefault();
    setProblem(null);
    try {
      const body = { tells_changes: tellsChanges, tomorrow_at: tellsTomorrow ? hour : null };
      notices.set(await api.put("/api/v1/me/notices", { body }));
      showToast(t("settings.kept"));
    } catch (error) {
      setProblem(error);
    }
  }

  const isInPlace = problemOf(problem, "tomorrow_at");
  return (
    <section class="section">
      <h2>{t("notices.title")}</h2>
      <p class="soft">{t("notices.text")}</p>
      <Loaded from={notices}>
        {() => (
          <form class="form" onSubmit={save}>
            <CheckField
              label={t("notices.changes")}
              hint={t("notices.changes_hint")}
              checked={tellsChanges}
              onValue={setTellsChanges}
            />
            <CheckField
              label={t("notices.tomorrow")}
              hint={t("notices.tomorrow_hint")}
              checked={tellsTomorrow}
              onValue={setTellsTomorrow}
            />
            {tellsTomorrow && (
              <TextField
                label={t("notices.hour")}
                type="time"
                required
                value={hour}
                error={isInPlace}
                onValue={setHour}
              />
            )}
            <FormProblem problem={problem} isBesideField={isInPlace !== null} />
            <div>
              <Button type="submit">{t("action.save")}</Button>
            </div>
          </form>
        )}
      </Loaded>
    </section>
  );
}
