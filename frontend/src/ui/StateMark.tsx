import { type Key, t } from "../i18n";

/** The five states people see. The server's finer ones fold into them. */
export type Mark = "waiting" | "nagging" | "done" | "missed" | "skipped";

export const MARKS: readonly Mark[] = ["waiting", "nagging", "done", "missed", "skipped"];

export const SHAPE: Readonly<Record<Mark, string>> = {
  waiting: "○",
  nagging: "◐",
  done: "●",
  missed: "✕",
  skipped: "⏸",
};

const WORD: Readonly<Record<Mark, Key>> = {
  waiting: "state.waiting",
  nagging: "state.nagging",
  done: "state.done",
  missed: "state.missed",
  skipped: "state.skipped",
};

export function markOf(status: string): Mark {
  switch (status) {
    case "nagging":
      return "nagging";
    case "acknowledged":
    case "punched":
      return "done";
    case "missed":
    case "expired":
    case "failed":
      return "missed";
    case "skipped":
      return "skipped";
    default:
      return "waiting";
  }
}

export function wordOf(mark: Mark): string {
  return t(WORD[mark]);
}

/** A shape and a word, never colour alone. With `isShort` the word is for screen readers only. */
export function StateMark({ mark, isShort = false }: { mark: Mark; isShort?: boolean }) {
  return <ShapeAndWord look={mark} shape={SHAPE[mark]} word={wordOf(mark)} isShort={isShort} />;
}

/** The same for states that have words of their own. */
export function ShapeAndWord(props: { look: Mark; shape: string; word: string; isShort?: boolean }) {
  return (
    <span class={`mark ${props.look}`}>
      <span class="shape" aria-hidden="true">
        {props.shape}
      </span>
      <span class={props.isShort ? "only-heard" : "word"}>{props.word}</span>
    </span>
  );
}
