import type { ComponentChildren, ComponentType } from "preact";
import { useState } from "preact/hooks";
import type { Resource } from "../api/resource";
import { type Team, useTeams } from "../api/teams";
import { localized } from "../i18n";
import { place } from "../lib/router";
import { Button } from "../ui/Button";
import { EmptyState, Loaded, QuietLine } from "../ui/EmptyState";
import { Page } from "../ui/Page";
import { Nearby } from "./Nearby";
import "./channels.css";

interface Item {
  id: number;
  kind: string;
}

export interface LineProps<T> {
  item: T;
  /** The kind's name; null until the kinds are known. */
  kind: string | null;
  teams: Team[] | null;
  /** Whether a link led to this line. */
  isWanted: boolean;
  onEdit: () => void;
  onTest: () => void;
}

export interface EditorProps<T, K> {
  /** Null: a new one. */
  item: T | null;
  kinds: K[];
  teams: Team[];
  onClose: () => void;
  onSaved: () => void;
}

interface ConfigPageProps<T, K> {
  title: string;
  texts: { add: string; empty: string; empty_text: string; gone: string };
  /** Above the list. */
  intro?: ComponentChildren;
  /** Above everything, also while there is none. */
  Intro?: ComponentType<{ onChanged: () => void }>;
  items: Resource<T[]>;
  kinds: Resource<K[]>;
  Line: ComponentType<LineProps<T>>;
  Editor: ComponentType<EditorProps<T, K>>;
  Test: ComponentType<{ item: T; onClose: () => void }>;
}

/** The list of channels or punch sources, their editor and their test. */
export function ConfigPage<T extends Item, K extends { kind: string; labels: Record<string, string> }>(
  props: ConfigPageProps<T, K>,
) {
  const { texts, items, kinds, Line, Editor, Test } = props;
  const teams = useTeams();
  const [editing, setEditing] = useState<T | "new" | null>(null);
  const [testing, setTesting] = useState<T | null>(null);
  const wanted = Number(place.value.query.get("id"));
  // Without the kinds nothing can be added or changed.
  const both = {
    ...items,
    error: items.error ?? kinds.error,
    reload: async () => {
      await Promise.all([items.reload(), kinds.reload()]);
    },
  };
  const close = () => {
    setEditing(null);
    setTesting(null);
    void items.reload();
  };
  return (
    <Page
      title={props.title}
      actions={
        <Button look="main" icon="plus" disabled={!kinds.value} onClick={() => setEditing("new")}>
          {texts.add}
        </Button>
      }
    >
      <Nearby />
      {props.Intro && <props.Intro onChanged={() => void items.reload()} />}
      <Loaded from={both}>
        {(all) => (
          <>
            {wanted > 0 && !all.some((item) => item.id === wanted) && <QuietLine>{texts.gone}</QuietLine>}
            {all.length === 0 ? (
              <EmptyState title={texts.empty} text={texts.empty_text} />
            ) : (
              <>
                {props.intro}
                <ul class="rows">
                  {all.map((item) => (
                    <Line
                      key={item.id}
                      item={item}
                      kind={localized(kinds.value?.find((each) => each.kind === item.kind)?.labels)}
                      teams={teams.value}
                      isWanted={item.id === wanted}
                      onEdit={() => setEditing(item)}
                      onTest={() => setTesting(item)}
                    />
                  ))}
                </ul>
              </>
            )}
          </>
        )}
      </Loaded>
      {editing && kinds.value && (
        <Editor
          item={editing === "new" ? null : editing}
          kinds={kinds.value}
          teams={teams.value ?? []}
          onClose={() => setEditing(null)}
          onSaved={close}
        />
      )}
      {testing && <Test item={testing} onClose={close} />}
    </Page>
  );
}
