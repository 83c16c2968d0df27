import { type ComponentChildren, Fragment } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api } from "../api/client";
import { useList } from "../api/get";
import { problemText } from "../api/problem";
import type { components } from "../api/schema";
import { isAdmin, me } from "../api/session";
import { namedChoices, nameIn, useTeams } from "../api/teams";
import { localized } from "../i18n";
import { addressOf } from "../lib/router";
import { ProviderWords } from "../parts/ProviderWords";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { QuietLine } from "../ui/EmptyState";
import { SelectField, TextField } from "../ui/Field";
import { FormProblem, useForm } from "../ui/Form";
import { ShapeAndWord } from "../ui/StateMark";
import { type Choice, choiceOf, Departments, PeopleFound } from "./DirectoryPeople";
import { Failed, Found, type Pull } from "./RosterPull";
import { VENDORS, type Vendor, vendorOf } from "./vendors";
import { t } from "./words";

type People = components["schemas"]["PeopleRead"];
type Permissions = components["schemas"]["PermissionsRead"];

const STEPS = ["app", "permissions", "people", "preview", "done"] as const;
type Step = (typeof STEPS)[number];
const LOOK = { ok: "done", missing: "missed", unknown: "waiting" } as const;

/** From nothing to people and rosters that come from a vendor: an app, its permissions, departments, a preview, and only then writing. */
export function VendorSetUp(props: { vendor: Vendor; sourceId: number | null; onClose: () => void }) {
  const { sourceId, onClose } = props;
  const [vendor, setVendor] = useState(props.vendor);
  const named = { vendor: localized(vendor.name) ?? "" };
  const [source, setSource] = useState(sourceId);
  const [step, setStep] = useState<Step>(sourceId === null ? "app" : "permissions");
  const [choice, setChoice] = useState<Choice>({});
  const [written, setWritten] = useState<Written[]>([]);
  const path = { source_id: source ?? 0 };
  return (
    <Dialog title={t("setup.title", named)} isWide isFirm onClose={onClose}>
      <ol class="set-up-steps" aria-label={t("setup.title", named)}>
        {STEPS.map((name) => (
          <li key={name} aria-current={name === step ? "step" : undefined}>
            {t(`setup.${name}`)}
          </li>
        ))}
      </ol>
      {step === "app" && (
        <App
          key={vendor.kind}
          vendor={vendor}
          onVendor={setVendor}
          sourceId={source}
          onSaved={(id) => {
            setSource(id);
            setStep("permissions");
          }}
        />
      )}
      {step === "permissions" && (
        <Asked<Permissions>
          ask={() => api.post("/api/v1/punch-sources/{source_id}/permissions", { path })}
          waiting={t("setup.trying")}
        >
          {(found, again) => (
            <TriedPermissions
              found={found}
              onAgain={again}
              onBack={() => setStep("app")}
              onNext={() => setStep("people")}
            />
          )}
        </Asked>
      )}
      {step === "people" && (
        <Asked<People>
          ask={() =>
            api.post("/api/v1/punch-sources/{source_id}/people/preview", { path, body: { departments: [] } })
          }
          waiting={t("setup.reading_people")}
        >
          {(found, again) => (
            <ChosenDepartments
              found={found}
              choice={choice}
              onChoice={setChoice}
              onAgain={again}
              onBack={() => setStep("permissions")}
              onNext={() => setStep("preview")}
            />
          )}
        </Asked>
      )}
      {step === "preview" && (
        <Preview
          vendor={vendor}
          sourceId={path.source_id}
          choice={choice}
          onBack={() => setStep("people")}
          onWritten={(all) => {
            setWritten(all);
            setStep("done");
          }}
        />
      )}
      {step === "done" && <Done vendor={vendor} written={written} onClose={onClose} />}
    </Dialog>
  );
}

/** Asks once as it appears, and again on a click. */
function Asked<T>(props: {
  ask: () => Promise<T>;
  waiting: string;
  children: (found: T, again: () => void) => ComponentChildren;
}) {
  const [found, setFound] = useState<T | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  async function ask() {
    setFound(null);
    setProblem(null);
    try {
      setFound(await props.ask());
    } catch (error) {
      setProblem(error);
    }
  }
  useEffect(() => void ask(), []);
  return (
    <div class="set-up-step">
      <div role="status">
        {problem !== null && <p class="urgent">{problemText(problem)}</p>}
        {problem === null && found === null && <p class="soft">{props.waiting}</p>}
      </div>
      {problem !== null && <Button onClick={() => void ask()}>{t("setup.again")}</Button>}
      {found !== null && props.children(found, () => void ask())}
    </div>
  );
}

/** Which app to create, and its credentials. */
function App(props: {
  vendor: Vendor;
  onVendor: (vendor: Vendor) => void;
  sourceId: number | null;
  onSaved: (sourceId: number) => void;
}) {
  const { vendor, sourceId, onSaved } = props;
  const teams = useTeams().value;
  const saved = useList("/api/v1/punch-sources", sourceId === null ? {} : null).value?.find(
    (each) => each.kind === vendor.kind && each.team_id !== null && each.may_change,
  );
  const [chosen, setChosen] = useState(0);
  const teamId = chosen || me.value?.team_id || teams?.[0]?.id || 0;
  const empty: Record<string, string> = Object.fromEntries(vendor.fields.map(([setting]) => [setting, ""]));
  const form = useForm(empty, async (config) => {
    if (sourceId !== null) {
      await api.patch("/api/v1/punch-sources/{source_id}", {
        path: { source_id: sourceId },
        body: { config },
      });
      onSaved(sourceId);
      return;
    }
    const saved = await api.post("/api/v1/punch-sources", {
      body: {
        name: t("setup.source", { vendor: localized(vendor.name) ?? "" }),
        kind: vendor.kind,
        team_id: teamId,
        config,
        is_enabled: true,
      },
    });
    onSaved(saved.id);
  });
  return (
    <form class="form set-up-step" autocomplete="off" onSubmit={form.onSubmit}>
      {sourceId === null && (
        <SelectField
          label={t("setup.vendor")}
          value={vendor.kind}
          choices={VENDORS.map(({ kind, name }) => ({ value: kind, label: localized(name) ?? kind }))}
          onValue={(kind) => props.onVendor(vendorOf(kind) ?? vendor)}
        />
      )}
      {saved && (
        <QuietLine
          action={
            <Button look="plain" onClick={() => onSaved(saved.id)}>
              {t("setup.resume")}
            </Button>
          }
        >
          {t("setup.saved", {
            name: saved.name,
            team: nameIn(teams ?? [], saved.team_id) ?? t("team.one"),
          })}
        </QuietLine>
      )}
      <ol class="instructions">
        {vendor.first.map((text, place) => (
          <li key={text}>
            {t(text)}
            {place === vendor.first.length - 1 && (
              <ul>
                {vendor.needed.map((name) => (
                  <li key={name} lang="zh">
                    {name}
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
        {vendor.last.map((text) => (
          <li key={text}>{t(text)}</li>
        ))}
      </ol>
      {vendor.fields.map(([setting, label], place) => (
        <TextField
          key={setting}
          label={label}
          type={place === vendor.fields.length - 1 ? "password" : undefined}
          required
          {...form.field(setting)}
          value={form.field(setting).value ?? ""}
        />
      ))}
      {sourceId === null && teams && teams.length > 1 && (
        <SelectField label={t("team.one")} value={teamId} choices={namedChoices(teams)} onValue={setChosen} />
      )}
      <FormProblem of={form} />
      <footer class="form-foot">
        <Button look="main" type="submit" isBusy={form.isBusy} disabled={!teamId}>
          {t("setup.to_permissions")}
        </Button>
      </footer>
    </form>
  );
}

function TriedPermissions(props: {
  found: Permissions;
  onAgain: () => void;
  onBack: () => void;
  onNext: () => void;
}) {
  const { permissions, calls } = props.found;
  const isRefused = permissions.some((each) => each.is_needed && each.state === "missing");
  return (
    <>
      <ul class="rows">
        {permissions.map((each) => (
          <li key={each.name} class="permission">
            <p>
              <ShapeAndWord
                look={LOOK[each.state]}
                word={t(each.name ? `setup.is_${each.state}` : "setup.is_refused")}
              />{" "}
              {each.name && <b lang="zh">{each.name}</b>}{" "}
              {!each.is_needed && <span class="soft">{t("setup.optional")}</span>}
            </p>
            {localized(each.remedy ?? {}) && <p>{localized(each.remedy ?? {})}</p>}
            {each.provider_message && (
              <p class="soft small">
                <ProviderWords answer={each} />
              </p>
            )}
          </li>
        ))}
      </ul>
      <p class="soft small">{t("roster.calls", { n: calls })}</p>
      <footer class="form-foot">
        <Button look="main" disabled={isRefused} onClick={props.onNext}>
          {t("setup.to_people")}
        </Button>
        <Button look="plain" onClick={props.onAgain}>
          {t("setup.again")}
        </Button>
        <Button look="plain" onClick={props.onBack}>
          {t("setup.to_app")}
        </Button>
      </footer>
    </>
  );
}

function ChosenDepartments(props: {
  found: People;
  choice: Choice;
  onChoice: (choice: Choice) => void;
  onAgain: () => void;
  onBack: () => void;
  onNext: () => void;
}) {
  const { found, choice } = props;
  const isRead = found.outcome === "ok";
  return (
    <>
      {isRead ? (
        <>
          <p class="soft">{t(isAdmin.value ? "setup.people_text_admin" : "setup.people_text")}</p>
          <Departments all={found.departments} choice={choice} onChoice={props.onChoice} />
        </>
      ) : (
        <Failed found={found} />
      )}
      <footer class="form-foot">
        {isRead ? (
          <Button
            look="main"
            disabled={choiceOf(choice, found.departments).length === 0}
            onClick={props.onNext}
          >
            {t("setup.to_preview")}
          </Button>
        ) : (
          <Button look="main" onClick={props.onAgain}>
            {t("setup.again")}
          </Button>
        )}
        <Button onClick={props.onBack}>{t("setup.back")}</Button>
      </footer>
    </>
  );
}

interface Seen {
  people: People;
  roster: Pull;
}

type Written = { team: string } & ({ roster: Pull } | { problem: string });

function Preview(props: {
  vendor: Vendor;
  sourceId: number;
  choice: Choice;
  onBack: () => void;
  onWritten: (written: Written[]) => void;
}) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const path = { source_id: props.sourceId };
  const body = { departments: choiceOf(props.choice) };
  async function write() {
    setBusy(true);
    setProblem(null);
    try {
      const added = await api.post("/api/v1/punch-sources/{source_id}/people", { path, body });
      const written: Written[] = [];
      // What was written for one team stays, and is told, whatever becomes of the next.
      for (const source of added.sources ?? [])
        written.push(
          await api
            .post("/api/v1/punch-sources/{source_id}/roster/pull", {
              path: { source_id: source.source_id },
              body: { accepts_gone: false },
            })
            .then(
              (roster) => ({ team: source.team_name, roster }),
              (error: unknown) => ({ team: source.team_name, problem: problemText(error) }),
            ),
        );
      props.onWritten(written);
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  }
  return (
    <Asked<Seen>
      waiting={t("roster.reading")}
      ask={async () => ({
        people: await api.post("/api/v1/punch-sources/{source_id}/people/preview", { path, body }),
        roster: await api.post("/api/v1/punch-sources/{source_id}/roster/preview", { path, body }),
      })}
    >
      {({ people, roster }) => (
        <>
          <Found vendor={props.vendor} found={{ ...roster, newcomers: [] }} />
          <PeopleFound vendor={props.vendor} found={people} />
          <p class="soft">{t("setup.preview_text")}</p>
          {problem !== null && <p class="urgent">{problemText(problem)}</p>}
          <footer class="form-foot">
            <Button
              look="main"
              isBusy={isBusy}
              disabled={people.outcome !== "ok" || roster.outcome !== "ok"}
              onClick={() => void write()}
            >
              {t("roster.begin")}
            </Button>
            <Button look="plain" disabled={isBusy} onClick={props.onBack}>
              {t("setup.back")}
            </Button>
          </footer>
        </>
      )}
    </Asked>
  );
}

function Done(props: { vendor: Vendor; written: Written[]; onClose: () => void }) {
  const { vendor, written, onClose } = props;
  const channels = useList("/api/v1/channels").value;
  return (
    <div role="status" class="set-up-step">
      {written.map((each) => (
        <Fragment key={each.team}>
          <h3>{each.team}</h3>
          {"problem" in each ? (
            <p class="urgent">{each.problem}</p>
          ) : each.roster.outcome === "ok" ? (
            <p>
              <ShapeAndWord look="done" word={t("roster.done", { n: each.roster.changed ?? 0 })} />
            </p>
          ) : (
            <Failed found={each.roster} />
          )}
        </Fragment>
      ))}
      {channels?.every((each) => each.kind === "inbox" || !each.is_enabled) && (
        <QuietLine
          isUrgent
          action={
            <a class="button plain" href={addressOf("channels")}>
              {t("setup.add_channel")}
            </a>
          }
        >
          {t("setup.no_channel")}
        </QuietLine>
      )}
      <p class="soft">{t("setup.done_text", { vendor: localized(vendor.name) ?? "" })}</p>
      <footer class="form-foot">
        <a class="button main" href={addressOf("roster")}>
          {t("page.roster")}
        </a>
        <Button look="plain" onClick={onClose}>
          {t("setup.finish")}
        </Button>
      </footer>
    </div>
  );
}
