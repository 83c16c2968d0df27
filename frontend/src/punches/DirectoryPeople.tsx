import { useState } from "preact/hooks";
import { api } from "../api/client";
import type { components } from "../api/schema";
import { isAdmin } from "../api/session";
import { namedChoices, useTeams } from "../api/teams";
import { listed, localized } from "../i18n";
import { AskFirst } from "../ui/AskFirst";
import { attempt } from "../ui/attempt";
import { SelectField } from "../ui/Field";
import type { Vendor } from "./vendors";
import { t } from "./words";

type People = components["schemas"]["PeopleRead"];
type Department = components["schemas"]["DepartmentRead"];

/** A team by department; 0 is a new one with the department's name. */
export type Choice = Readonly<Record<string, number>>;

const NONE = -1;
const NEW = 0;

/** The choice as the API takes it. */
export const choiceOf = (choice: Choice, all: readonly Department[] = []) =>
  Object.entries({ ...chosenBefore(all), ...choice })
    .filter(([, team]) => team !== NONE)
    .map(([department_id, team]) => ({ department_id, team_id: team === NEW ? null : team }));

const chosenBefore = (all: readonly Department[]): Choice =>
  Object.fromEntries(all.flatMap(({ id, team_id }) => (team_id === null ? [] : [[id, team_id]])));

/** The tree of departments, each with the team to which its people belong. */
export function Departments(props: {
  all: readonly Department[];
  choice: Choice;
  onChoice: (choice: Choice) => void;
}) {
  const teams = useTeams().value;
  if (!teams) return null;
  const choices = [
    { value: NONE, label: t("people.nobody") },
    ...namedChoices(teams),
    ...(isAdmin.value ? [{ value: NEW, label: t("people.new_team") }] : []),
  ];
  return (
    <ul class="rows departments">
      {props.all.map(({ id, name, depth, people, team_id }) => (
        <li key={id} style={{ paddingInlineStart: `${depth * 1.25}rem` }}>
          <SelectField
            label={t("people.of", { name: name || t("people.everybody"), n: people })}
            value={props.choice[id] ?? team_id ?? NONE}
            choices={name || !isAdmin.value ? choices : choices.slice(0, -1)}
            onValue={(team) => {
              const before = chosenBefore(props.all);
              props.onChoice({ ...before, ...props.choice, [id]: team });
            }}
          />
        </li>
      ))}
    </ul>
  );
}

const MATCHES = ["new", "by_mobile", "by_name", "known", "elsewhere", "removed"] as const;

/** Who would be added, who is known already, and who seems to have left. */
export function PeopleFound({ vendor, found }: { vendor: Vendor; found: People }) {
  const named = { vendor: localized(vendor.name) ?? "", permission: vendor.mobiles };
  const people = found.people ?? [];
  const withoutMobile = people.filter((each) => !each.has_mobile).length;
  return (
    <div class="test-answer lines">
      {MATCHES.map((match) => {
        const names = people.filter((each) => each.match === match).map((each) => each.name);
        return (
          names.length > 0 && (
            <details key={match}>
              <summary>{t(`people.${match}`, { ...named, n: names.length })}</summary>
              <p class="small">{listed(names)}</p>
            </details>
          )
        );
      })}
      {withoutMobile > 0 && (
        <p class="soft small">
          {t(named.permission ? "people.without_mobile" : "people.no_mobiles", {
            ...named,
            n: withoutMobile,
          })}
        </p>
      )}
      <Leavers vendor={named.vendor} all={found.leavers ?? []} />
    </div>
  );
}

/** People whom the vendor no longer has; an account is only switched off on a click. */
function Leavers({ vendor, all }: { vendor: string; all: components["schemas"]["LeaverRead"][] }) {
  const [off, setOff] = useState<ReadonlySet<number>>(new Set());
  if (all.length === 0) return null;
  return (
    <>
      <p>{t("people.left", { vendor, n: all.length })}</p>
      <ul class="rows">
        {all.map(({ user_id, name }) => (
          <li key={user_id}>
            {name}{" "}
            {off.has(user_id) ? (
              <span class="soft">{t("people.is_off")}</span>
            ) : (
              <AskFirst
                label={t("people.switch_off")}
                name={t("people.switch_off_named", { name })}
                text={t("people.switch_off_text", { name })}
                onYes={() =>
                  attempt(async () => {
                    await api.patch("/api/v1/users/{user_id}", {
                      path: { user_id },
                      body: { is_active: false },
                    });
                    setOff(new Set([...off, user_id]));
                  })
                }
              />
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
