import { api } from "../../api/client";
import type { components } from "../../api/schema";
import { isAdmin } from "../../api/session";
import { AskFirst } from "../../ui/AskFirst";
import { attempt } from "../../ui/attempt";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import type { PatternState } from "./patternState";
import { t } from "./words";

interface SavePatternProps {
  state: PatternState;
  /** The saved pattern the cycle came from, if any. */
  pattern: components["schemas"]["PatternRead"] | undefined;
  teamId: number | undefined;
  reload: () => Promise<void>;
  onName: (name: string) => void;
  onSaved: (id: number) => void;
  onDeleted: () => void;
}

/** Saves the cycle as a pattern of the team, changes the one it came from, or deletes that. */
export function SavePattern({
  state,
  pattern,
  teamId,
  reload,
  onName,
  onSaved,
  onDeleted,
}: SavePatternProps) {
  const name = state.name.trim();
  const isEmpty = state.cycle.slots.length === 0;
  const saved = { cycle: [...state.cycle.slots], starts_on_monday: state.startsOnMonday };
  const id = pattern?.id ?? null;
  const path = { pattern_id: id ?? 0 };
  // Patterns of all teams are the administrators'.
  const mayChange = id !== null && id !== 0 && (pattern?.team_id !== null || isAdmin.value);

  const save = async (work: () => Promise<unknown>, done: string) => {
    const isDone = await attempt(async () => {
      await work();
      await reload();
    }, done);
    if (isDone) onName("");
  };

  return (
    <details class="advanced">
      <summary>{t("keep")}</summary>
      <div class="form-row plan-keep">
        <TextField label={t("field.name")} value={state.name} maxLength={40} onValue={onName} />
        <Button
          disabled={!name || isEmpty}
          onClick={() =>
            void save(
              async () => {
                const body = { name, ...saved, team_id: teamId };
                const { id: savedAs } = await api.post("/api/v1/roster/patterns", { body });
                if (savedAs !== null) onSaved(savedAs);
              },
              t("keep.kept", { name }),
            )
          }
        >
          {t("keep.new")}
        </Button>
        {pattern && mayChange && (
          <>
            <Button
              disabled={isEmpty}
              onClick={() =>
                void save(
                  () =>
                    api.patch("/api/v1/roster/patterns/{pattern_id}", {
                      path,
                      body: { ...saved, ...(name ? { name } : {}) },
                    }),
                  t("keep.kept", { name: name || pattern.name }),
                )
              }
            >
              {t("keep.change", { name: pattern.name })}
            </Button>
            <AskFirst
              look="quiet"
              label={t("keep.forget", { name: pattern.name })}
              text={t("keep.forget_text")}
              onYes={() =>
                save(
                  async () => {
                    await api.delete("/api/v1/roster/patterns/{pattern_id}", { path });
                    onDeleted();
                  },
                  t("keep.gone", { name: pattern.name }),
                )
              }
            />
          </>
        )}
      </div>
    </details>
  );
}
