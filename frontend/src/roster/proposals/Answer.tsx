import { useEffect } from "preact/hooks";
import { api } from "../../api/client";
import { useGet } from "../../api/get";
import { attempt } from "../../ui/attempt";
import { Button } from "../../ui/Button";
import { Loaded } from "../../ui/EmptyState";
import { Preview, type PreviewActions } from "./Preview";
import { t } from "./words";

const ASK_EVERY_MS = 3000;

interface AnswerProps extends PreviewActions {
  id: number;
}

/** What came of a proposal: still computed, failed, or a preview to apply. */
export function Answer({ id, ...rest }: AnswerProps) {
  const { onDiscard } = rest;
  const path = { proposal_id: id };
  const proposal = useGet("/api/v1/roster/proposals/{proposal_id}", { path }, ["proposal"]);
  const isRunning = proposal.value?.status === "running";
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => void proposal.reload(), ASK_EVERY_MS); // where no events get through
    return () => clearInterval(timer);
  }, [isRunning, proposal.reload]);
  return (
    <Loaded from={proposal}>
      {(found) => {
        const nameOf = (userId: number) =>
          found.outcome?.shares.find((share) => share.user_id === userId)?.display_name ?? `#${userId}`;
        if (found.status === "running")
          return (
            <div class="form">
              <p role="status">
                {found.progress
                  ? t("computing", {
                      seconds: Math.round(found.progress.seconds),
                      n: found.progress.missing,
                    })
                  : t("beginning")}
              </p>
              <footer class="form-foot">
                <Button
                  onClick={() =>
                    void attempt(() => api.post("/api/v1/roster/proposals/{proposal_id}/stop", { path }))
                  }
                >
                  {t("stop")}
                </Button>
                <Button look="quiet" onClick={() => void onDiscard()}>
                  {t("discard")}
                </Button>
              </footer>
            </div>
          );
        if (found.status !== "ready" || !found.outcome)
          return (
            <div class="form">
              <p class="form-problem">
                {found.outcome?.no_row_for
                  ? t("failed", { person: nameOf(found.outcome.no_row_for) })
                  : t("interrupted")}
              </p>
              <footer class="form-foot">
                <Button onClick={() => void onDiscard()}>{t("new")}</Button>
              </footer>
            </div>
          );
        return <Preview proposal={found} outcome={found.outcome} {...rest} />;
      }}
    </Loaded>
  );
}
