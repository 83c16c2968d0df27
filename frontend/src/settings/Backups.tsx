import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api/client";
import { useGet } from "../api/get";
import type { components } from "../api/schema";
import { betweenSentences } from "../i18n";
import { now } from "../lib/now";
import { place } from "../lib/router";
import { formatDateTime } from "../lib/time";
import { download } from "../parts/download";
import { FactRow } from "../parts/FactRow";
import { attempt } from "../ui/attempt";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Loaded, QuietLine } from "../ui/EmptyState";
import { Section } from "../ui/Page";
import { type Mark, type Shape, ShapeAndWord } from "../ui/StateMark";
import { showToast } from "../ui/Toast";
import { PasswordForm } from "./PasswordForm";
import { formatBytes } from "./size";
import { t } from "./words";

type Backups = components["schemas"]["BackupsRead"];
type Backup = components["schemas"]["BackupRead"];

const LOOKS_EVERY_MS = 1500;
const SHOWN_AT_FIRST = 5;
const LOOK: Readonly<Record<Backup["status"], { look: Mark; shape?: Shape }>> = {
  running: { look: "waiting", shape: "half" },
  kept: { look: "done" },
  failed: { look: "missed" },
  missing: { look: "skipped" },
};

/** For administrators: how backups stand, one now, and the files to take away. */
export function Backups() {
  const backups = useGet("/api/v1/backups", {});
  const [asked, setAsked] = useState<Backup | null>(null);
  const [isAll, setAll] = useState(false);
  const isRunning = backups.value?.is_running ?? false;
  const hasFailed = backups.value?.state === "failed";
  const ran = useRef(false);
  const section = useRef<HTMLElement>(null);
  const isThere = backups.value !== null;

  useEffect(() => {
    if (isThere && place.peek().query.get("see") === "backups") section.current?.scrollIntoView();
  }, [isThere]);

  useEffect(() => {
    if (ran.current && !isRunning && backups.value)
      showToast(t(hasFailed ? "backup.went_wrong" : "backup.is_done"), { isProblem: hasFailed });
    ran.current = isRunning;
    if (!isRunning) return;
    const timer = setInterval(() => void backups.reload(), LOOKS_EVERY_MS);
    return () => clearInterval(timer);
  }, [isRunning, backups.reload]);

  async function begin() {
    if (!(await attempt(async () => backups.set(await api.post("/api/v1/backups"))))) await backups.reload();
  }

  return (
    <Section of={section} title={t("backup.title")}>
      <Loaded from={backups}>
        {(all) => (
          <>
            <State of={all} />
            {all.items.length > 0 && (
              <ul class="rows">
                {(isAll ? all.items : all.items.slice(0, SHOWN_AT_FIRST)).map((backup) => (
                  <Row
                    key={`${backup.started_at} ${backup.status}`}
                    backup={backup}
                    onTake={() => setAsked(backup)}
                  />
                ))}
              </ul>
            )}
            <div class="form-foot">
              <Button isBusy={all.is_running} onClick={() => void begin()}>
                {t("backup.now")}
              </Button>
              {!isAll && all.items.length > SHOWN_AT_FIRST && (
                <Button look="quiet" onClick={() => setAll(true)}>
                  {t("backup.all", { n: all.items.length })}
                </Button>
              )}
            </div>
          </>
        )}
      </Loaded>
      {asked && <Take backup={asked} onClose={() => setAsked(null)} />}
    </Section>
  );
}

function State({ of: all }: { of: Backups }) {
  const last = all.last_good_at
    ? t("backup.last", { when: formatDateTime(all.last_good_at, now.value) })
    : t("backup.never");
  const next = all.next_at
    ? Date.parse(all.next_at) > now.value
      ? t("backup.next", { when: formatDateTime(all.next_at, now.value) })
      : t("backup.next_soon")
    : t("backup.off");
  const isBad = all.state === "failed" || all.state === "old";
  return (
    <>
      {isBad && <QuietLine isUrgent>{t(`backup.is_${all.state as "failed" | "old"}`)}</QuietLine>}
      <p>
        {last}
        {betweenSentences()}
        {next}
      </p>
      <p class="soft small">
        {t("backup.where", { folder: all.folder, keep: all.keep, days: all.keep_days })}
        {betweenSentences()}
        {t(all.is_encrypting ? "backup.encrypting" : "backup.open")}
      </p>
    </>
  );
}

function factsOf(backup: Backup): string {
  if (backup.status === "running") return t("backup.running_text");
  if (backup.status === "failed") return t(`trouble.${backup.trouble ?? "unknown"}`);
  const parts = [formatBytes(backup.size_bytes)];
  if (backup.row_count !== null) parts.push(t("backup.rows", { n: backup.row_count }));
  parts.push(t(backup.is_encrypted ? "backup.encrypted" : "backup.not_encrypted"));
  if (backup.status === "missing") parts.push(t("backup.missing_text", { file: backup.name }));
  return parts.join(" · ");
}

function Row({ backup, onTake }: { backup: Backup; onTake: () => void }) {
  const when = formatDateTime(backup.started_at, now.value);
  return (
    <FactRow
      name={[
        `${when} `,
        <ShapeAndWord key="mark" {...LOOK[backup.status]} word={t(`backup.${backup.status}`)} />,
      ]}
      facts={factsOf(backup)}
      more={backup.error && <code class="soft small backup-error">{backup.error}</code>}
    >
      {backup.status === "kept" && (
        <Button look="quiet" aria-label={t("backup.take_named", { when })} onClick={onTake}>
          {t("backup.take")}
        </Button>
      )}
    </FactRow>
  );
}

function Take({ backup, onClose }: { backup: Backup; onClose: () => void }) {
  return (
    <Dialog title={t("backup.take_title")} onClose={onClose}>
      <p>{t(backup.is_encrypted ? "backup.take_encrypted" : "backup.take_open")}</p>
      <PasswordForm
        action={t("backup.take")}
        onClose={onClose}
        onPassword={async (current_password) => {
          await download(`/api/v1/backups/${backup.name}/file`, backup.name, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ current_password }),
          });
          onClose();
        }}
      />
    </Dialog>
  );
}
