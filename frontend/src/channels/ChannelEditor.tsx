import { api } from "../api/client";
import { isPlanner, me } from "../api/session";
import { namedChoices } from "../api/teams";
import { ConfigEditor } from "../forms/ConfigEditor";
import { listed } from "../i18n";
import { Dialog } from "../ui/Dialog";
import { showToast } from "../ui/Toast";
import type { EditorProps } from "./ConfigPage";
import type { Channel, Kind } from "./channel";
import { Outcome, type TestResult, Wires } from "./Outcome";
import { t } from "./words";

export function ChannelEditor(props: EditorProps<Channel, Kind>) {
  const { item: channel, kinds, teams, onClose, onSaved } = props;
  if (channel && channel.user_id === null && channel.team_id === null)
    return (
      <Dialog title={channel.name} isBeside onClose={onClose}>
        <p>{t("by_environment", { name: channel.name })}</p>
      </Dialog>
    );
  const canUseTeams = isPlanner.value && teams.length > 0;
  return (
    <ConfigEditor
      item={channel}
      title={channel ? t("edit") : t("new")}
      kinds={kinds.filter(({ kind }) => kind !== "web_push" || channel?.kind === kind)}
      owners={{
        label: t("owner"),
        choices: canUseTeams ? [...namedChoices(teams), { value: 0, label: t("owner_me") }] : [],
        initial: canUseTeams ? (me.value?.team_id ?? teams[0]?.id ?? 0) : 0,
      }}
      deleteText={t("delete_text")}
      tryOut={async ({ owner, kind, name, config }) => {
        const whose = channel ? { channel_id: channel.id } : { team_id: owner || null };
        const result = await api.post("/api/v1/channels/test", { body: { kind, name, config, ...whose } });
        const missed = result.people.filter((person) => !person.is_called).map((person) => person.name);
        if (result.proof && missed.length > 0)
          showToast(t("calls_missed_names", { n: missed.length, names: listed(missed) }));
        return { proof: result.proof ?? null, outcome: <Answer result={result} /> };
      }}
      save={({ owner, ...entry }, proof) =>
        channel
          ? api.patch("/api/v1/channels/{channel_id}", {
              path: { channel_id: channel.id },
              body: { name: entry.name, config: entry.config, is_enabled: entry.is_enabled, proof },
            })
          : api.post("/api/v1/channels", {
              body: { ...entry, is_enabled: true, proof, ...(owner ? { team_id: owner } : {}) },
            })
      }
      remove={({ id }) => api.delete("/api/v1/channels/{channel_id}", { path: { channel_id: id } })}
      onClose={onClose}
      onSaved={onSaved}
    />
  );
}

const Answer = ({ result }: { result: TestResult }) => (
  <>
    <Outcome result={result} />
    <details class="advanced">
      <summary>{t("request")}</summary>
      <Wires exchanges={result.exchanges} />
    </details>
  </>
);
