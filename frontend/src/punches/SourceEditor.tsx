import { api } from "../api/client";
import type { components } from "../api/schema";
import { isAdmin, me } from "../api/session";
import { namedChoices } from "../api/teams";
import type { EditorProps } from "../channels/ConfigPage";
import { ConfigEditor } from "../forms/ConfigEditor";
import { Dialog } from "../ui/Dialog";
import type { Source } from "./source";
import { t } from "./words";

type Kind = components["schemas"]["SourceKindRead"];

/** What of the environment's source may be changed here. */
const CHANGEABLE = ["user_id", "monthly_calls"];

export function SourceEditor(props: EditorProps<Source, Kind>) {
  const { item: source, kinds, teams, onClose, onSaved } = props;
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
      save={({ owner, ...entry }) =>
        source
          ? api.patch("/api/v1/punch-sources/{source_id}", {
              path: { source_id: source.id },
              body: isFixed
                ? { config: entry.config }
                : { name: entry.name, config: entry.config, is_enabled: entry.is_enabled },
            })
          : api.post("/api/v1/punch-sources", {
              body: { ...entry, is_enabled: true, team_id: owner || null },
            })
      }
      remove={({ id }) => api.delete("/api/v1/punch-sources/{source_id}", { path: { source_id: id } })}
      onClose={onClose}
      onSaved={onSaved}
    />
  );
}
