import { useState } from "preact/hooks";
import { api } from "../api/client";
import { peopleChoices, usePeople } from "../api/people";
import type { components } from "../api/schema";
import { isAdmin, me } from "../api/session";
import { namedChoices } from "../api/teams";
import type { EditorProps } from "../channels/ConfigPage";
import { ConfigEditor, type ConfigEntry } from "../forms/ConfigEditor";
import { Dialog } from "../ui/Dialog";
import { SelectField } from "../ui/Field";
import type { Source } from "./source";
import { Outcome, type Result } from "./TestSource";
import { t } from "./words";

type Kind = components["schemas"]["SourceKindRead"];

/** What of the environment's source may be changed here. */
const CHANGEABLE = ["user_id", "monthly_calls"];

export function SourceEditor(props: EditorProps<Source, Kind>) {
  const { item: source, kinds, teams, onClose, onSaved } = props;
  const people = usePeople(source?.may_change ?? true);
  const [chosen, setChosen] = useState(0);
  const served = (owner: number) =>
    (people.value ?? []).filter((person) => owner === 0 || person.team_id === owner);
  /** Whom a test is about: the person who was chosen, if the source is to serve them. */
  const personOf = (owner: number) =>
    (served(owner).find((person) => person.id === chosen) ?? served(owner)[0])?.id ?? me.value?.id ?? 0;
  if (source && !source.may_change)
    return (
      <Dialog title={source.name} onClose={onClose}>
        <p>{t("read_only")}</p>
      </Dialog>
    );
  const isFixed = source?.is_from_environment ?? false;
  return (
    <ConfigEditor
      item={source}
      title={source ? t("edit") : t("new")}
      kinds={source ? kinds : kinds.filter((each) => each.is_choosable)}
      owners={{
        label: t("owner"),
        choices: [...(isAdmin.value ? [{ value: 0, label: t("everybody") }] : []), ...namedChoices(teams)],
        initial: isAdmin.value ? 0 : (me.value?.team_id ?? teams[0]?.id ?? 0),
      }}
      fixed={isFixed ? { fields: CHANGEABLE, note: t("environment") } : null}
      deleteText={t("delete_text")}
      testOptions={(owner) => (
        <SelectField
          label={t("person")}
          hint={t("test_text")}
          value={personOf(owner)}
          choices={peopleChoices(served(owner))}
          onValue={setChosen}
        />
      )}
      {...(!isFixed && {
        tryOut: async ({ owner, kind, config }: ConfigEntry) => {
          const whose = source ? { source_id: source.id } : { team_id: owner || null };
          const only = typeof config.user_id === "number" ? config.user_id : null;
          const result = await api.post("/api/v1/punch-sources/test", {
            body: { kind, config, ...whose, user_id: only ?? personOf(owner) },
          });
          return { proof: result.proof ?? null, outcome: <Answer result={result} /> };
        },
      })}
      save={({ owner, ...entry }, proof) =>
        source
          ? api.patch("/api/v1/punch-sources/{source_id}", {
              path: { source_id: source.id },
              body: isFixed
                ? { config: entry.config }
                : { name: entry.name, config: entry.config, is_enabled: entry.is_enabled, proof },
            })
          : api.post("/api/v1/punch-sources", {
              body: { ...entry, is_enabled: true, proof, team_id: owner || null },
            })
      }
      remove={({ id }) => api.delete("/api/v1/punch-sources/{source_id}", { path: { source_id: id } })}
      onClose={onClose}
      onSaved={onSaved}
    />
  );
}

const Answer = ({ result }: { result: Result }) => (
  <>
    <Outcome result={result} />
    {result.outcome === "ok" && <p>{t("nothing_known")}</p>}
  </>
);
