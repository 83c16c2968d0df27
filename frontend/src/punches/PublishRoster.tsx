import { useState } from "preact/hooks";
import { api } from "../api/client";
import { useGet } from "../api/get";
import { problemText } from "../api/problem";
import type { components } from "../api/schema";
import { TestDialog } from "../forms/TestDialog";
import { listed } from "../i18n";
import { addDays } from "../lib/dates";
import { currentDate, now } from "../lib/now";
import { formatDate, formatDateTime } from "../lib/time";
import { attempt, useAttempt } from "../ui/attempt";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { CheckField, SelectField, TextField } from "../ui/Field";
import { ShapeAndWord } from "../ui/StateMark";
import { t } from "./publishWords";
import { Failed } from "./RosterPull";

type Preview = components["schemas"]["PushPreview"];
type Publication = components["schemas"]["PushRead"];
type Day = components["schemas"]["DayText"] | null;

const DAYS = 14;
const MOST_ROWS = 200;

interface PublishProps {
  sourceId: number;
  vendor: string;
  onClose: () => void;
}

/** Says what publishing means before the roster goes that way. */
export function BeginPublishing(props: {
  sourceId: number;
  vendor: string;
  onBegun: () => void;
  onClose: () => void;
}) {
  const { vendor } = props;
  return (
    <Confirm
      title={t("begin_title", { vendor })}
      text={t("begin_text", { vendor })}
      action={t("begin")}
      onYes={() =>
        void attempt(async () => {
          await api.put("/api/v1/punch-sources/{source_id}/roster/direction", {
            path: { source_id: props.sourceId },
            body: { direction: "push" },
          });
          props.onBegun();
        })
      }
      onClose={props.onClose}
    />
  );
}

/** Shows what publishing the roster would change there, writes just that on a click, and tells whether it took effect. */
export function PublishRoster({ sourceId, vendor, onClose }: PublishProps) {
  const today = currentDate.value;
  const [from, setFrom] = useState(today);
  const [to, setTo] = useState(addDays(today, DAYS - 1));
  const [clears, setClears] = useState(false);
  const [chosen, setChosen] = useState<Readonly<Record<number, string>>>({});
  const path = { source_id: sourceId };
  const order = () => ({
    from,
    to,
    clears,
    shifts: Object.entries(chosen).map(([id, there]) => ({ shift_id: Number(id), vendor_shift_id: there })),
  });
  return (
    <TestDialog<{ found: Preview; order: ReturnType<typeof order> }>
      title={t("open", { vendor })}
      isWide
      options={
        <>
          <Latest path={path} />
          <div class="form-row">
            <TextField label={t("from")} type="date" required value={from} onValue={setFrom} />
            <TextField label={t("to")} type="date" required value={to} onValue={setTo} />
          </div>
          <CheckField label={t("clears")} value={clears} onValue={setClears} />
        </>
      }
      action={t("preview")}
      running={t("reading")}
      run={async () => {
        const asked = order();
        return {
          found: await api.post("/api/v1/punch-sources/{source_id}/roster/push/preview", {
            path,
            body: asked,
          }),
          order: asked,
        };
      }}
      outcome={({ found, order }) =>
        found.outcome === "ok" ? (
          <Found
            key={found.token}
            found={found}
            vendor={vendor}
            chosen={chosen}
            onChosen={setChosen}
            publish={(token) =>
              api.post("/api/v1/punch-sources/{source_id}/roster/push", { path, body: { ...order, token } })
            }
          />
        ) : (
          <Failed found={found} />
        )
      }
      onClose={onClose}
    />
  );
}

function Found(props: {
  found: Preview;
  vendor: string;
  chosen: Readonly<Record<number, string>>;
  onChosen: (chosen: Readonly<Record<number, string>>) => void;
  publish: (token: string) => Promise<Publication>;
}) {
  const { found, vendor, chosen, onChosen } = props;
  const [isDone, setDone] = useState(false);
  const { isBusy, problem, attempt } = useAttempt();
  const publish = () =>
    attempt(async () => {
      await props.publish(found.token);
      setDone(true);
    });
  const { cells, obstacles, questions, offered } = found;
  const hasAnswers = questions.some(({ shift_id }) => chosen[shift_id] !== undefined);
  return (
    <div class="test-answer lines">
      {cells.length === 0 ? <p>{t("nothing")}</p> : <Cells cells={cells} vendor={vendor} />}
      {found.same > 0 && <p class="soft small">{t("same", { n: found.same })}</p>}
      {found.blank > 0 && <p class="small">{t("blank", { n: found.blank })}</p>}
      {obstacles.length > 0 && (
        <>
          <p>{t("obstacles")}</p>
          <ul class="rows small">
            {obstacles.map(({ reason, name, shift, group, days }) => (
              <li key={`${reason} ${name} ${shift}`}>
                {t("obstacle", {
                  name,
                  n: days,
                  why: t(`obstacle.${reason}`, { vendor, shift: shift ?? "", group: group ?? "" }),
                })}
              </li>
            ))}
          </ul>
        </>
      )}
      {questions.length > 0 && (
        <details open={questions.some(({ vendor_shift_id }) => vendor_shift_id === null)}>
          <summary>{t("shifts")}</summary>
          <div class="form">
            {questions.map((question) => (
              <SelectField
                key={question.shift_id}
                label={inWords(question)}
                value={chosen[question.shift_id] ?? question.vendor_shift_id ?? ""}
                choices={[
                  { value: "", label: t("choose") },
                  ...offered.map((shift) => ({ value: shift.id, label: inWords(shift) })),
                ]}
                onValue={(there) => {
                  const { [question.shift_id]: _, ...others } = chosen;
                  onChosen(there ? { ...others, [question.shift_id]: there } : others);
                }}
              />
            ))}
            {hasAnswers && <p class="soft small">{t("again")}</p>}
          </div>
        </details>
      )}
      {problem !== null && <p class="urgent">{problemText(problem)}</p>}
      {cells.length > 0 && !isDone && (
        <>
          <p class="soft small">{t("no_undo")}</p>
          <p>
            <Button look="main" isBusy={isBusy} onClick={() => void publish()}>
              {t("publish", { n: cells.length })}
            </Button>
          </p>
        </>
      )}
      <p class="soft small">{t("calls", { n: found.calls })}</p>
    </div>
  );
}

const Cells = ({ cells, vendor }: { cells: Preview["cells"]; vendor: string }) => (
  <>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
    <section class="table-scroll" tabIndex={0} aria-label={t("preview")}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("person")}</th>
            <th scope="col">{t("date")}</th>
            <th scope="col">{t("before", { vendor })}</th>
            <th scope="col">{t("after")}</th>
          </tr>
        </thead>
        <tbody>
          {cells.slice(0, MOST_ROWS).map((cell) => (
            <tr key={`${cell.user_id} ${cell.date}`}>
              <th scope="row">{cell.name}</th>
              <td>{formatDate(cell.date)}</td>
              <td>{dayInWords(cell.before)}</td>
              <td>{dayInWords(cell.after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
    {cells.length > MOST_ROWS && <p class="soft small">{t("more", { n: cells.length - MOST_ROWS })}</p>}
  </>
);

const dayInWords = (day: Day) =>
  day === null ? t("none") : day.times.length === 0 ? t("rest") : inWords(day);

const inWords = ({ name, times }: { name: string; times: components["schemas"]["PeriodThere"][] }) =>
  `${name || t("unnamed")} ${listed(times.map(({ start, end }) => `${start}–${end}`))}`;

/** The latest publication, and whether it shows there: it follows by itself. */
function Latest({ path }: { path: { source_id: number } }) {
  const latest = useGet("/api/v1/punch-sources/{source_id}/roster/pushes", { path }, ["punch"]).value
    ?.items[0];
  return latest ? <State of={latest} /> : null;
}

const LOOK = {
  writing: "waiting",
  written: "waiting",
  verified: "done",
  differs: "missed",
  unverified: "missed",
} as const;

function State({ of }: { of: Publication }) {
  const isChecked = of.status === "written" && of.checks > 0 && of.differences.length === 0;
  const n = of.status === "differs" ? of.differences.length : of.cells;
  return (
    <div class="lines" role="status">
      <p class="soft small">{t("last", { when: formatDateTime(of.at, now.peek()), who: of.by_name })}</p>
      <p>
        <ShapeAndWord
          look={LOOK[of.status]}
          word={t(isChecked ? "state.checked" : `state.${of.status}`, { n })}
        />
      </p>
      {of.reason && <p class="small">{of.reason}</p>}
      {of.differences.map((each) => (
        <p key={`${each.name} ${each.date}`} class="small urgent">
          {t("cell", { name: each.name, date: formatDate(each.date), wanted: each.wanted || t("none") })}
        </p>
      ))}
    </div>
  );
}
