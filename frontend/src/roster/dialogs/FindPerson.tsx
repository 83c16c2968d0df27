import { useState } from "preact/hooks";
import { Dialog } from "../../ui/Dialog";
import { TextField } from "../../ui/Field";
import type { RosterRow } from "../cells";
import { t } from "./words";

const MOST_SHOWN = 12;

/** The rows whose names contain the text, those that begin with it first. */
export function rowsNamed(rows: readonly RosterRow[], text: string): number[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const at = rows.map((row) => row.name.toLowerCase().indexOf(wanted));
  const found = rows.flatMap((_, index) => (at[index] === -1 ? [] : [index]));
  return found.sort((a, b) => Number(at[a] !== 0) - Number(at[b] !== 0) || a - b);
}

/** Leads to a person's row: their name is typed, Enter takes the first one found. */
export function FindPerson(props: {
  rows: readonly RosterRow[];
  onGo: (row: number) => void;
  onClose: () => void;
}) {
  const [text, setText] = useState("");
  const found = rowsNamed(props.rows, text);
  return (
    <Dialog title={t("find.title")} onClose={props.onClose}>
      <form
        class="form compact"
        onSubmit={(event) => {
          event.preventDefault();
          if (found[0] !== undefined) props.onGo(found[0]);
        }}
      >
        <TextField label={t("find.name")} type="search" isFirst value={text} onValue={setText} />
        <ul class="rows" aria-live="polite">
          {found.slice(0, MOST_SHOWN).map((row) => (
            <li key={row}>
              <button type="button" class="row-link" onClick={() => props.onGo(row)}>
                {props.rows[row]?.name}
              </button>
            </li>
          ))}
          {text.trim() && found.length === 0 && <li class="soft">{t("find.nobody")}</li>}
        </ul>
      </form>
    </Dialog>
  );
}
