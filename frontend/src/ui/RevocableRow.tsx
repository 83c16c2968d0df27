import { Button } from "./Button";

interface RevocableRowProps {
  name: string;
  facts: string;
  action: string;
  /** The action with the name, for those who do not see the row. */
  label: string;
  onRevoke: () => void;
}

/** A key that somebody holds (a token, an address): what it is called, what is known of it, and its end. */
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
