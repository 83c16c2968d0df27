import { Button } from "../ui/Button";
import { FactRow } from "./FactRow";

interface RevocableRowProps {
  name: string;
  facts: string;
  action: string;
  /** The action with the name, for those who do not see the row. */
  label: string;
  onRevoke: () => void;
}

/** A token or an address in use: its name, facts about it, and a button that revokes it. */
export const RevocableRow = ({ name, facts, action, label, onRevoke }: RevocableRowProps) => (
  <FactRow name={name} facts={facts}>
    <Button look="quiet" aria-label={label} onClick={onRevoke}>
      {action}
    </Button>
  </FactRow>
);
