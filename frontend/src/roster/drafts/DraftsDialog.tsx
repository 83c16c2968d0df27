import { useState } from "preact/hooks";
import { api } from "../../api/client";
import { useGet } from "../../api/get";
import { Problem } from "../../api/problem";
import type { components } from "../../api/schema";
import { betweenSentences } from "../../i18n";
import type { PlainDate } from "../../lib/dates";
import { formatDateRange, formatMonthDay } from "../../lib/time";
import { byId, nameOfShift, type Shift, useShifts } from "../../shifts/useShifts";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Loaded } from "../../ui/EmptyState";
import { Choices, Segments } from "../../ui/Field";
import { FormProblem, useForm } from "../../ui/Form";
import { ShiftBadge } from "../../ui/ShiftBadge";
import { showToast } from "../../ui/Toast";
import { warningText } from "../notes";
import type { PlanDialogProps } from "../plan/dialog";
import { t as roster } from "../words";
import { type Draft, draftsOfPeople, type PersonDrafts } from "./drafts";
import { t } from "./words";
import "./drafts.css";

type Drafts = components["schemas"]["Drafts"];
type Span = { from: PlainDate; to: PlainDate };

/** Days of one person that are shown; a new month is the same for everybody. */
const MOST_DAYS = 12;

/** What publishing would change, and for whom; and whether the team uses drafts at all. */
export function DraftsDialog({ scope, onClose }: PlanDialogProps) {
  const { teamId } = scope;
  const [isAll, setAll] = useState(false);
  const [isSwitchingOff, setSwitchingOff] = useState(false);
  const shown = { from: scope.from, to: scope.to };
  const around = useGet("/api/v1/roster/drafts", teamId ? { query: { ...shown, team_id: teamId } } : null, [
    "roster",
    "draft",
  ]);
  const { first_date, last_date, total = 0, items } = around.value ?? {};
  const isElsewhere = total > (items?.length ?? 0);
  // What is elsewhere only is shown at once.
  const isWhole = isElsewhere && first_date && last_date && (isAll || items?.length === 0);
  const span = isWhole ? { from: first_date, to: last_date } : shown;
  const drafts = useGet("/api/v1/roster/drafts", teamId ? { query: { ...span, team_id: teamId } } : null, [
    "roster",
    "draft",
  ]);
  const reload = async () => {
    await Promise.all([around.reload(), drafts.reload()]);
  };
  return (
    <Dialog title={t("title")} onClose={onClose}>
      <div class="form drafts">
        {teamId ? (
          <Loaded from={drafts}>
            {(found) =>
              !found.uses_drafts ? (
                <SwitchingOn teamId={teamId} onClose={onClose} />
              ) : isSwitchingOff ? (
                <SwitchingOff
                  teamId={teamId}
                  total={total}
                  onBack={() => setSwitchingOff(false)}
                  onClose={onClose}
                />
              ) : (
                <>
                  {isElsewhere && items !== undefined && items.length > 0 && (
                    <Segments
                      label={t("scope")}
                      value={isAll ? "all" : "shown"}
                      choices={[
                        { value: "shown", label: formatDateRange(shown.from, shown.to) },
                        { value: "all", label: t("scope_all", { n: total }) },
                      ]}
                      onValue={(value) => setAll(value === "all")}
                    />
                  )}
                  <Publishing
                    key={`${span.from} ${span.to}`}
                    teamId={teamId}
                    span={span}
                    drafts={found}
                    reload={reload}
                    onSwitchOff={() => setSwitchingOff(true)}
                    onClose={onClose}
                  />
                </>
              )
            }
          </Loaded>
        ) : (
          <p>{t("choose_team")}</p>
        )}
      </div>
    </Dialog>
  );
}

interface PublishingProps {
  teamId: number;
  span: Span;
  drafts: Drafts;
  reload: () => Promise<void>;
  onSwitchOff: () => void;
  onClose: () => void;
}

function Publishing({ teamId, span, drafts, reload, onSwitchOff, onClose }: PublishingProps) {
  const shifts = byId(useShifts(teamId).value);
  const warnings = useGet("/api/v1/roster/drafts/warnings", { query: { ...span, team_id: teamId } }, [
    "roster",
    "draft",
  ]);
  const [choice, setChoice] = useState<"publish" | "keep">("keep");
  const [isOutOfDate, setOutOfDate] = useState(false);
  const people = draftsOfPeople(drafts.items);
  const names = new Map(people.map((person) => [person.id, person.name]));
  const outdated = drafts.items.filter((draft) => draft.changed_since).length;
  const n = drafts.items.length - (choice === "keep" ? outdated : 0);
  const form = useForm({}, async () => {
    setOutOfDate(false);
    try {
      const body = { team_id: teamId, ...span, revision: drafts.revision };
      const changed_since = outdated > 0 ? choice : null;
      const done = await api.post("/api/v1/roster/drafts/publish", { body: { ...body, changed_since } });
      showToast(t("published", { n: done.changed, people: done.people }));
      onClose();
    } catch (error) {
      if (!(error instanceof Problem) || !["drafts_changed", "published_changed"].includes(error.code))
        throw error;
      await reload();
      setOutOfDate(true);
    }
  });
  const discard = async () => {
    const done = await api.post("/api/v1/roster/drafts/discard", { body: { team_id: teamId, ...span } });
    showToast(t("discarded", { n: done.changed }));
    onClose();
  };

  const off = (
    <Button look="quiet" disabled={form.isBusy} onClick={onSwitchOff}>
      {t("turn_off")}
    </Button>
  );
  if (people.length === 0)
    return (
      <>
        <p class="soft">{t("none")}</p>
        <footer class="form-foot">{off}</footer>
      </>
    );
  return (
    <form class="form" onSubmit={form.onSubmit}>
      <p>
        <b>{t("summary", { people: people.length, n: drafts.items.length })}</b>
        {betweenSentences()}
        <span class="soft">{t("notice")}</span>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="drafts-people" tabIndex={0} aria-label={t("changes")}>
        <ul class="rows">
          {people.map((person) => (
            <PersonChanges key={person.id} person={person} shifts={shifts} />
          ))}
        </ul>
      </section>
      {outdated > 0 && (
        <>
          <p class="form-problem">{t("outdated", { n: outdated })}</p>
          <Choices
            label={t("outdated_what")}
            value={choice}
            choices={[
              { value: "keep", label: t("outdated_keep") },
              { value: "publish", label: t("outdated_publish") },
            ]}
            onValue={setChoice}
          />
        </>
      )}
      {warnings.value && warnings.value.items.length > 0 && (
        <details>
          <summary>{t("warnings", { n: warnings.value.items.length })}</summary>
          <ul class="rows small">
            {warnings.value.items.map((each) => (
              <li key={`${each.user_id} ${each.date} ${each.code}`}>
                <p>
                  <b>{names.get(each.user_id)}</b> {formatMonthDay(each.date)} {warningText(each)}
                </p>
              </li>
            ))}
          </ul>
        </details>
      )}
      <FormProblem of={form} hint={isOutOfDate && t("look_again")} />
      <footer class="form-foot">
        <Button look="main" type="submit" isBusy={form.isBusy} disabled={drafts.items.length === 0}>
          {n > 0 ? t("publish", { n }) : t("outdated_keep")}
        </Button>
        <Button look="quiet" disabled={form.isBusy} onClick={() => void form.attempt(discard)}>
          {t("discard")}
        </Button>
        {off}
      </footer>
    </form>
  );
}

function PersonChanges({ person, shifts }: { person: PersonDrafts; shifts: ReadonlyMap<number, Shift> }) {
  const more = person.drafts.length - MOST_DAYS;
  return (
    <li>
      <p>
        <b>{person.name}</b>
      </p>
      <ul class="draft-changes">
        {person.drafts.slice(0, MOST_DAYS).map((draft) => (
          <li key={draft.date}>
            <Change draft={draft} shifts={shifts} />
          </li>
        ))}
        {more > 0 && <li class="soft">{t("more_changes", { n: more })}</li>}
      </ul>
    </li>
  );
}

function Change({ draft, shifts }: { draft: Draft; shifts: ReadonlyMap<number, Shift> }) {
  const shiftOf = (id: number | null) => (id === null ? undefined : shifts.get(id));
  const [before, after] = [shiftOf(draft.published_shift_id), shiftOf(draft.shift_id)];
  const day = formatMonthDay(draft.date);
  const [from, to] = [draft.published_shift_id, draft.shift_id].map((id) =>
    id === null ? roster("empty") : nameOfShift(shifts, id, `#${id}`),
  );
  return (
    <>
      <span class="only-heard">{t("change", { day, before: from ?? "", after: to ?? "" })}</span>
      <span class="draft-change" aria-hidden="true">
        <span class="figures">{day}</span>
        {draft.changed_since && <b class="draft-changed">!</b>}
        {before ? <ShiftBadge shift={before} /> : <span class="soft">{from}</span>}→
        {after ? <ShiftBadge shift={after} /> : <span class="soft">{to}</span>}
      </span>
    </>
  );
}

const send = (team_id: number, uses_drafts: boolean, remaining: "publish" | "discard" | null = null) =>
  api.put("/api/v1/roster/drafts", { body: { team_id, uses_drafts, remaining } });

function SwitchingOn({ teamId, onClose }: { teamId: number; onClose: () => void }) {
  const form = useForm({}, async () => {
    await send(teamId, true);
    showToast(t("is_on"));
    onClose();
  });
  return (
    <form class="form" onSubmit={form.onSubmit}>
      <p>{t("what")}</p>
      <FormProblem of={form} />
      <footer class="form-foot">
        <Button look="main" type="submit" isBusy={form.isBusy}>
          {t("turn_on")}
        </Button>
      </footer>
    </form>
  );
}

interface SwitchingOffProps {
  teamId: number;
  total: number;
  onBack: () => void;
  onClose: () => void;
}

/** Drafts are published or discarded on the way; nothing is decided for the planner. */
function SwitchingOff({ teamId, total, onBack, onClose }: SwitchingOffProps) {
  const form = useForm({});
  const stop = (remaining: "publish" | "discard" | null) =>
    void form.attempt(async () => {
      await send(teamId, false, remaining);
      showToast(t("is_off"));
      onClose();
    });
  return (
    <section>
      <p>{total > 0 ? t("off_text", { n: total }) : t("off_none")}</p>
      <FormProblem of={form} />
      <footer class="form-foot">
        {total > 0 ? (
          <>
            <Button isBusy={form.isBusy} onClick={() => stop("publish")}>
              {t("off_publish")}
            </Button>
            <Button disabled={form.isBusy} onClick={() => stop("discard")}>
              {t("off_discard")}
            </Button>
          </>
        ) : (
          <Button isBusy={form.isBusy} onClick={() => stop(null)}>
            {t("off")}
          </Button>
        )}
        <Button look="quiet" onClick={onBack}>
          {t("off_back")}
        </Button>
      </footer>
    </section>
  );
}
