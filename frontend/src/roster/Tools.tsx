import { IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { word } from "./words";

interface ToolsProps {
  canUndo: boolean;
  canRedo: boolean;
  isSelecting: boolean;
  findings: number;
  onUndo: () => void;
  onRedo: () => void;
  onSelecting: () => void;
  onFindings: () => void;
  onKeys: () => void;
}

/** What is at hand beside the brushes: at the thumb on phones, above the brushes on wide screens. */
export function Tools(props: ToolsProps) {
  return (
    <fieldset class="tools">
      <legend class="only-heard">{word("tools")}</legend>
      <IconButton icon="undo" label={word("undo")} disabled={!props.canUndo} onClick={props.onUndo} />
      <IconButton icon="redo" label={word("redo")} disabled={!props.canRedo} onClick={props.onRedo} />
      <IconButton
        icon="select"
        class="only-touch"
        label={word("select")}
        aria-pressed={props.isSelecting}
        onClick={props.onSelecting}
      />
      <button
        type="button"
        class="icon-button findings"
        title={word("findings", { n: props.findings })}
        onClick={props.onFindings}
      >
        <Icon name="warning" />
        <span class="only-heard">{word("findings", { n: props.findings })}</span>
        {props.findings > 0 && (
          <span class="badge" aria-hidden="true">
            {props.findings > 99 ? "99+" : props.findings}
          </span>
        )}
      </button>
      <IconButton icon="keyboard" class="only-fine" label={word("keys")} onClick={props.onKeys} />
    </fieldset>
  );
}
