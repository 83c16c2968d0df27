import type { ReadonlySignal } from "@preact/signals";
import { useState } from "preact/hooks";
import type { components } from "../api/schema";
import { betweenSentences, localized } from "../i18n";
import { lazyDialog } from "../lib/lazy";
import { now } from "../lib/now";
import { addressOf } from "../lib/router";
import { formatDateTime } from "../lib/time";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { QuietLine } from "../ui/EmptyState";
import { type Action, lastReading } from "./actions";
import { t } from "./syncedWords";

type Source = components["schemas"]["RosterSourceRead"];
type Synced = components["schemas"]["SyncedRoster"];

const PublishRoster = lazyDialog(() => import("../punches/PublishRoster").then((it) => it.PublishRoster));

interface SyncedLineProps {
  synced: Synced;
  source: Source;
  canEdit: boolean;
  teamId: number | null;
  actions: ReadonlySignal<readonly Action[]>;
  onUndo: (reading: Action) => void;
}

/** How the roster here and the one of the attendance system keep in step. */
export function SyncedLine({ synced, source, canEdit, ...reading }: SyncedLineProps) {
  if (source.direction === "push") return <PublishedLine synced={synced} source={source} canEdit={canEdit} />;
  return source.direction === "pull" ? <ReadLine synced={synced} source={source} {...reading} /> : null;
}

/** When the roster was last published, whether it is there as it is here, and the way to publish it. */
function PublishedLine({ synced, source, canEdit }: Pick<SyncedLineProps, "synced" | "source" | "canEdit">) {
  const [isOpen, setOpen] = useState(false);
  const { status, pushed_at, differing } = synced.pushed;
  const vendor = localized(synced.vendor) ?? "";
  const isInDoubt = status === "differs" || status === "unverified";
  const words = [
    pushed_at
      ? t("published", { when: formatDateTime(pushed_at, now.peek()), vendor })
      : t("unpublished", { vendor }),
    isInDoubt && t("in_doubt"),
    differing > 0 && t("differs", { vendor, n: differing }),
  ];
  return (
    <>
      <QuietLine
        isUrgent={isInDoubt}
        action={
          canEdit && (
            <Button look="plain" onClick={() => setOpen(true)}>
              {t("publish", { vendor })}
            </Button>
          )
        }
      >
        {words.filter(Boolean).join(betweenSentences())}
      </QuietLine>
      {isOpen && (
        <PublishRoster sourceId={source.punch_source_id} vendor={vendor} onClose={() => setOpen(false)} />
      )}
    </>
  );
}

/** When the roster was last read from its attendance system, and what changed; or why it was not. */
function ReadLine({ synced, source, teamId, actions, onUndo }: Omit<SyncedLineProps, "canEdit">) {
  const reading = lastReading(actions.value, teamId);
  const named = { vendor: localized(synced.vendor) ?? "" };
  const link = (
    <>
      {reading && (
        <Button look="plain" onClick={() => onUndo(reading)}>
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
        {t("failed", named)} {localized(source.remedy)}
      </QuietLine>
    );
  return (
    <QuietLine action={link}>
      {t("line", {
        ...named,
        when: source.pulled_at ? formatDateTime(source.pulled_at, now.peek()) : "–",
        n: source.changed,
        next: formatDateTime(source.next_at, now.peek()),
      })}
    </QuietLine>
  );
}

/** Asks before cells from an attendance system are written over. */
export const LockDialog = (props: { cells: number; onYes: () => void; onClose: () => void }) => (
  <Confirm
    title={t("lock", { n: props.cells })}
    text={t("lock_text")}
    action={t("lock_do")}
    onYes={props.onYes}
    onClose={props.onClose}
  />
);
