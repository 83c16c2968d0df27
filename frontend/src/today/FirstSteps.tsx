import type { ComponentType } from "preact";
import { useRef, useState } from "preact/hooks";
import { useList } from "../api/get";
import { useResource } from "../api/resource";
import { isAdmin } from "../api/session";
import { useTeams } from "../api/teams";
import { addDays } from "../lib/dates";
import { lazyDialog } from "../lib/lazy";
import { currentDate } from "../lib/now";
import { addressOf } from "../lib/router";
import { store, stored } from "../lib/storage";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { type Mark, ShapeAndWord } from "../ui/StateMark";
import { fetchStanding, GONE, type Standing, type Step, type StepName, stepsOf } from "./steps";
import { t } from "./words";

const DAYS_AHEAD = 14;
interface StepDialog {
  onClose: () => void;
  onSaved: () => void;
}

const LOOK: Readonly<Record<Standing, Mark>> = {
  done: "done",
  to_do: "waiting",
  untried: "waiting",
  broken: "missed",
};

/** From an empty server to the first reminder; each step is done only once it was seen to work. */
export function FirstSteps() {
  const [isGone, setGone] = useState(() => stored(GONE) !== null);
  return isGone ? null : (
    <Steps
      onGone={() => {
        store(GONE, "1");
        setGone(true);
      }}
    />
  );
}

function Steps({ onGone }: { onGone: () => void }) {
  const [open, setOpen] = useState<StepName | null>(null);
  const today = currentDate.value;
  const steps = useResource("first steps", async () => {
    const found = stepsOf(
      await fetchStanding(today, addDays(today, DAYS_AHEAD), isAdmin.value),
      isAdmin.value,
    );
    if (found.length === 0) onGone();
    return found;
  }, ["roster", "shift", "channel", "delivery"]);
  if (!steps.value?.length) return null;
  const Dialog = open && DIALOGS[open];
  const next = steps.value.find((step) => step.standing !== "done")?.name;
  return (
    <section class="first-steps">
      <h2>{t("title")}</h2>
      <p class="soft">{t("text")}</p>
      <ol class="rows">
        {steps.value.map(({ name, standing, page }) => {
          const words = (
            <>
              <span class="grow">
                <b>{t(`step.${name}`)}</b>
                {name === next && (
                  <>
                    <br />
                    <span class="soft small">{t(`text.${name}`)}</span>
                  </>
                )}
              </span>
              <ShapeAndWord look={LOOK[standing]} word={t(standing)} />
              <Icon name="forward" size={16} />
            </>
          );
          return (
            <li key={name}>
              {standing === "to_do" && DIALOGS[name] ? (
                <button type="button" class="row-link" onClick={() => setOpen(name)}>
                  {words}
                </button>
              ) : (
                <a class="row-link" href={addressOf(page)}>
                  {words}
                </a>
              )}
            </li>
          );
        })}
      </ol>
      <div>
        <a class="button quiet" href={addressOf("punch_sources", { setup: 1 })}>
          {t("from_attendance")}
        </a>
        <Button look="quiet" onClick={onGone}>
          {t("put_away")}
        </Button>
      </div>
      {Dialog && (
        <Dialog
          key={open}
          onClose={() => {
            setOpen(null);
            void steps.reload();
          }}
          onSaved={() => {
            setOpen(following(open, steps.value ?? []));
            void steps.reload();
          }}
        />
      )}
    </section>
  );
}

const ChannelEditor = lazyDialog(() => import("../channels/ChannelEditor").then((it) => it.ChannelEditor));
const PersonEditor = lazyDialog(() => import("../people/PersonEditor").then((it) => it.PersonEditor));
const PhoneCheck = lazyDialog(() => import("./PhoneCheck").then((it) => it.PhoneCheck));
const PlanFirst = lazyDialog(() => import("./PlanFirst").then((it) => it.PlanFirst));
const ShiftEditor = lazyDialog(() => import("../shifts/ShiftEditor").then((it) => it.ShiftEditor));

/** What adds the first of each, without leaving the page. */
const DIALOGS: Partial<Record<StepName, ComponentType<StepDialog>>> = {
  channel: (way) => {
    const kinds = useList("/api/v1/channels/kinds").value;
    const teams = useTeams().value;
    return kinds && teams && <ChannelEditor item={null} kinds={kinds} teams={teams} {...way} />;
  },
  people: ({ onClose, onSaved }) => {
    const teams = useTeams().value;
    const isSaved = useRef(false);
    return (
      teams && (
        <PersonEditor
          person={null}
          teams={teams}
          onSaved={() => {
            isSaved.current = true; // the invitation's link is still to be shown
          }}
          onClose={() => (isSaved.current ? onSaved() : onClose())}
        />
      )
    );
  },
  shift: (way) => <ShiftEditor shift={null} all={[]} {...way} />,
  roster: (way) => <PlanFirst {...way} />,
  phone: ({ onClose }) => <PhoneCheck onClose={onClose} />,
};

/** The next step that a dialog can do: one leads to the other, until one is closed. A phone has to be at hand for its own. */
function following(done: StepName, steps: readonly Step[]): StepName | null {
  const later = steps.slice(steps.findIndex((step) => step.name === done) + 1);
  return (
    later.find((step) => step.standing === "to_do" && step.name !== "phone" && DIALOGS[step.name])?.name ??
    null
  );
}
