import { useEffect, useState } from "preact/hooks";
import { api } from "../api/client";
import { problemOf, sayProblem } from "../api/problem";
import { useResource } from "../api/resource";
import { t } from "../i18n";
import { Button } from "../ui/Button";
import { Loaded } from "../ui/EmptyState";
import { CheckField, TextField } from "../ui/Field";
import { say } from "../ui/Toast";
import { word } from "./words";

const USUAL_HOUR = "20:00";

/** What one is told of one's own roster, on one's own channels. */
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
      say(t("settings.kept"));
    } catch (error) {
      setProblem(error);
    }
  }

  const isInPlace = problemOf(problem, "tomorrow_at");
  return (
    <section class="section">
      <h2>{word("notices.title")}</h2>
      <p class="soft">{word("notices.text")}</p>
      <Loaded from={notices}>
        {() => (
          <form class="form" onSubmit={save}>
            <CheckField
              label={word("notices.changes")}
              hint={word("notices.changes_hint")}
              checked={tellsChanges}
              onValue={setTellsChanges}
            />
            <CheckField
              label={word("notices.tomorrow")}
              hint={word("notices.tomorrow_hint")}
              checked={tellsTomorrow}
              onValue={setTellsTomorrow}
            />
            {tellsTomorrow && (
              <TextField
                label={word("notices.hour")}
                type="time"
                required
                value={hour}
                error={isInPlace}
                onValue={setHour}
              />
            )}
            <p class="form-problem" role="alert">
              {problem !== null && !isInPlace && sayProblem(problem)}
            </p>
            <div>
              <Button type="submit">{t("action.save")}</Button>
            </div>
          </form>
        )}
      </Loaded>
    </section>
  );
}
