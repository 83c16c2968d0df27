import type { components } from "../api/schema";
import { localized } from "../i18n";
import { addressOf } from "../lib/router";
import { formatDateTime } from "../lib/time";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { QuietLine } from "../ui/EmptyState";
import { t } from "./syncedWords";

type Source = components["schemas"]["RosterSourceRead"];

/** When the roster was last read from DingTalk, and what changed; or why it was not. */
export function SyncedLine({ source, onUndo }: { source: Source; onUndo: (() => void) | undefined }) {
  const link = (
    <>
      {onUndo && (
        <Button look="plain" onClick={onUndo}>
          {t("undo")}
        </Button>
      )}
      <a class="button plain" href={addressOf("punch_sources")}>
        {t("open")}
      </a>
    </>
  );
  if (source.status !== "ok")
    return (
      <QuietLine isUrgent action={link}>
        {t("failed")} {localized(source.remedy)}
      </QuietLine>
    );
  return (
    <QuietLine action={link}>
      {t("line", {
        when: source.pulled_at ? formatDateTime(source.pulled_at) : "–",
        n: source.changed,
        next: formatDateTime(source.next_at),
      })}
    </QuietLine>
  );
}

/** Asks before cells from DingTalk are written over. */
export const LockDialog = (props: { cells: number; onYes: () => void; onClose: () => void }) => (
  <Confirm
    title={t("lock", { n: props.cells })}
    text={t("lock_text")}
    action={t("lock_do")}
    onYes={props.onYes}
    onClose={props.onClose}
  />
);
