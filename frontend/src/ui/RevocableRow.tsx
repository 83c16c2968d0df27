import { Button } from "./Button";

interface RevocableRowProps {
  name: string;
  facts: string;
  action: string;
  /** The action with the name, for those who do not see the row. */
  label: string;
  onRevoke: () => void;
}

/** A token or an address in use: its name, facts about it, and a button that revokes it. */
export function RevocableRow(props: RevocableRowProps) {
  return (
    <li class="row-link">
      <span class="grow">
        {props.name}
        <br />
        <span class="soft small">{props.facts}</span>
      </span>
      <Button look="quiet" aria-label={props.label} onClick={props.onRevoke}>
        {props.action}
      </Button>
    </li>
  );
}
