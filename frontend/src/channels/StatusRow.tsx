import type { ComponentChildren } from "preact";
import { Button } from "../ui/Button";
import { type Mark, type Shape, ShapeAndWord } from "../ui/StateMark";

interface StatusRowProps {
  name: string;
  /** Kind, owner and target. */
  facts: readonly (string | null | undefined)[];
  /** Whether a link led to this row. */
  isWanted: boolean;
  mark: { look: Mark; shape?: Shape; word: string };
  test: { label: string; heard: string; run: () => void } | false | null;
  onOpen: () => void;
  children?: ComponentChildren;
}

/** A channel or a punch source in the list: its facts, its status, and a test. */
export function StatusRow({ name, facts, isWanted, mark, test, onOpen, children }: StatusRowProps) {
  return (
    <li class={`channel${isWanted ? " wanted" : ""}`}>
      <div class="channel-line">
        <button type="button" class="channel-open" onClick={onOpen}>
          <span class="channel-name">{name}</span>
          <span class="soft small">{facts.filter(Boolean).join(" · ")}</span>
        </button>
        <ShapeAndWord {...mark} />
        {test && (
          <Button look="plain" aria-label={test.heard} onClick={test.run}>
            {test.label}
          </Button>
        )}
      </div>
      {children}
    </li>
  );
}

interface StatusNotesProps {
  /** Since when it has been broken; null if unknown. */
  since: string | null;
  isUrgent: boolean;
  remedy: string | null;
  throttled?: string | null;
  /** The provider's own words. */
  answer: { label: string; text: string | null | undefined };
}

/** What is wrong, in our words and the provider's, and the remedy. */
export function StatusNotes({ since, isUrgent, remedy, throttled, answer }: StatusNotesProps) {
  return (
    <div class="channel-state">
      {since && <p class={`small${isUrgent ? " urgent" : ""}`}>{since}</p>}
      {remedy && <p class="small">{remedy}</p>}
      {throttled && <p class="soft small">{throttled}</p>}
      {answer.text && (
        <p class="small provider-words">
          {answer.label}: <q>{answer.text}</q>
        </p>
      )}
    </div>
  );
}
