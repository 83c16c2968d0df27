import { IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { t } from "./words";

interface ToolsProps {
  canUndo: boolean;
  canRedo: boolean;
  /** What undo and redo go back from and to. */
  undoes: string;
  redoes: string;
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
  return (
    <fieldset class="tools">
      <legend class="only-heard">{t("tools")}</legend>
      <IconButton
        icon="undo"
        label={t("undo")}
        title={props.undoes}
        disabled={!props.canUndo}
        onClick={props.onUndo}
      />
      <IconButton
        icon="redo"
        label={t("redo")}
        title={props.redoes}
        disabled={!props.canRedo}
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
