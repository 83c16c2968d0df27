import { useEffect, useRef, useState } from "preact/hooks";
import { api, send } from "../api/client";
import { sayProblem } from "../api/problem";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { saveAnswer } from "../lib/keep";
import { now } from "../lib/now";
import { place } from "../lib/router";
import { sayMoment } from "../lib/time";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Loaded, QuietLine } from "../ui/EmptyState";
import { type Mark, SHAPE, ShapeAndWord } from "../ui/StateMark";
import { say } from "../ui/Toast";
import { PasswordForm } from "./PasswordForm";
import { sayBytes } from "./size";
import { word } from "./words";

type Backups = components["schemas"]["BackupsRead"];
type Backup = components["schemas"]["BackupRead"];

const LOOKS_EVERY_MS = 1500;
const SHOWN_AT_FIRST = 5;
const MARK: Readonly<Record<Backup["status"], Mark>> = {
  running: "nagging",
  kept: "done",
  failed: "missed",
  elsewhere: "skipped",
};

/** For administrators: how backups stand, one now, and the files to take away. */
export function Backups() {
  const backups = useResource("backups", () => api.get("/api/v1/backups"));
  const [asked, setAsked] = useState<Backup | null>(null);
  const [isAll, setAll] = useState(false);
  const isRunning = backups.value?.is_running ?? false;
  const ran = useRef(false);
  const section = useRef<HTMLElement>(null);
  const isThere = backups.value !== null;

  useEffect(() => {
    if (isThere && place.peek().query.get("see") === "backups") section.current?.scrollIntoView();
  }, [isThere]);

  useEffect(() => {
    if (ran.current && !isRunning && backups.value)
      say(backups.value.state === "failed" ? word("backup.went_wrong") : word("backup.is_done"), {
        isProblem: backups.value.state === "failed",
      });
    ran.current = isRunning;
    if (!isRunning) return;
    const timer = setInterval(() => void backups.reload(), LOOKS_EVERY_MS);
    return () => clearInterval(timer);
  }, [isRunning, backups.reload]);

  async function begin() {
    try {
      backups.set(await api.post("/api/v1/backups"));
    } catch (error) {
      say(sayProblem(error), { isProblem: true });
      await backups.reload();
    }
  }

  return (
    <section class="section" ref={section}>
      <h2>{word("backup.title")}</h2>
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
                {word("backup.now")}
              </Button>
              {!isAll && all.items.length > SHOWN_AT_FIRST && (
                <Button look="quiet" onClick={() => setAll(true)}>
                  {word("backup.all", { n: all.items.length })}
                </Button>
              )}
            </div>
          </>
        )}
      </Loaded>
      {asked && <Take backup={asked} onClose={() => setAsked(null)} />}
    </section>
  );
}

function State({ of: all }: { of: Backups }) {
  const last = all.last_good_at
    ? word("backup.last", { when: sayMoment(all.last_good_at, now.value) })
    : word("backup.never");
  const next = all.next_at
    ? Date.parse(all.next_at) > now.value
      ? word("backup.next", { when: sayMoment(all.next_at, now.value) })
      : word("backup.next_soon")
    : word("backup.off");
  const isBad = all.state === "failed" || all.state === "old";
  return (
    <>
      {isBad && <QuietLine isUrgent>{word(`backup.is_${all.state as "failed" | "old"}`)}</QuietLine>}
      <p>
        {last} {next}
      </p>
      <p class="soft small">
        {word("backup.where", { folder: all.folder, keep: all.keep, days: all.keep_days })}{" "}
        {word(all.is_encrypting ? "backup.encrypting" : "backup.open")}
      </p>
    </>
  );
}

function saysOf(backup: Backup): string {
  if (backup.status === "running") return word("backup.running_text");
  if (backup.status === "failed") return word(`trouble.${backup.trouble ?? "unknown"}`);
  const parts = [sayBytes(backup.size_bytes)];
  if (backup.row_count !== null) parts.push(word("backup.rows", { n: backup.row_count }));
  parts.push(word(backup.is_encrypted ? "backup.encrypted" : "backup.not_encrypted"));
  if (backup.status === "elsewhere") parts.push(word("backup.elsewhere_text"));
  return parts.join(" · ");
}

function Row({ backup, onTake }: { backup: Backup; onTake: () => void }) {
  const when = sayMoment(backup.started_at, now.value);
  const mark = MARK[backup.status];
  return (
    <li class="row-link">
      <span class="grow">
        {when} <ShapeAndWord look={mark} shape={SHAPE[mark]} word={word(`backup.${backup.status}`)} />
        <br />
        <span class="soft small">{saysOf(backup)}</span>
        {backup.error && (
          <>
            <br />
            <code class="soft small backup-error">{backup.error}</code>
          </>
        )}
      </span>
      {backup.status === "kept" && (
        <Button look="quiet" aria-label={word("backup.take_named", { when })} onClick={onTake}>
          {word("backup.take")}
        </Button>
      )}
    </li>
  );
}

function Take({ backup, onClose }: { backup: Backup; onClose: () => void }) {
  return (
    <Dialog title={word("backup.take_title")} onClose={onClose}>
      <p>{word(backup.is_encrypted ? "backup.take_encrypted" : "backup.take_open")}</p>
      <PasswordForm
        action={word("backup.take")}
        onClose={onClose}
        onPassword={async (current_password) => {
          const answer = await send(`/api/v1/backups/${backup.name}/file`, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ current_password }),
          });
          await saveAnswer(answer, backup.name);
          onClose();
        }}
      />
    </Dialog>
  );
}
