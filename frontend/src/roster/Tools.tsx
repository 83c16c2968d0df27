import type { ReadonlySignal } from "@preact/signals";
import { IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { type Action, actionText, nextActions } from "./actions";
import type { History } from "./history";
import { t } from "./words";

interface ToolsProps {
  /** What undo and redo go back from and to: here while it is not saved, and today's on the server. */
  history: ReadonlySignal<History>;
  actions: ReadonlySignal<readonly Action[]>;
  isSelecting: boolean;
  findings: number;
  onUndo: () => void;
  onRedo: () => void;
  onSelecting: () => void;
  onFindings: () => void;
  onShortcuts: () => void;
}

/** Undo, redo, selection mode, notes and shortcuts: at the bottom on phones, above the brushes on wide screens. */
export function Tools(props: ToolsProps) {
  const { done, undone } = props.history.value;
  const { undo, redo } = nextActions(props.actions.value);
  return (
    <fieldset class="tools">
      <legend class="only-heard">{t("tools")}</legend>
      <IconButton
        icon="undo"
        label={t("undo")}
        title={undo ? t("undo.of", { action: actionText(undo) }) : t("undo")}
        disabled={done.length === 0 && !undo}
        onClick={props.onUndo}
      />
      <IconButton
        icon="redo"
        label={t("redo")}
        title={redo ? t("redo.of", { action: actionText(redo) }) : t("redo")}
        disabled={undone.length === 0 && !redo}
        onClick={props.onRedo}
      />
      <IconButton
        icon="select"
        class="only-touch"
        label={t("select")}
        aria-pressed={props.isSelecting}
        onClick={props.onSelecting}
      />
      <button
        type="button"
        class="icon-button findings"
        title={t("findings", { n: props.findings })}
        onClick={props.onFindings}
      >
        <Icon name="warning" />
        <span class="only-heard">{t("findings", { n: props.findings })}</span>
        {props.findings > 0 && (
          <span class="badge" aria-hidden="true">
            {props.findings > 99 ? "99+" : props.findings}
          </span>
        )}
      </button>
      <IconButton icon="keyboard" class="only-fine" label={t("shortcuts")} onClick={props.onShortcuts} />
    </fieldset>
  );
}
