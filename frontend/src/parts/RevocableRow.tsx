import { AskFirst } from "../ui/AskFirst";
import { FactRow } from "./FactRow";

interface RevocableRowProps {
  name: string;
  facts: string;
  action: string;
  /** The action with the name, for those who do not see the row. */
  label: string;
  /** What follows from revoking it. */
  consequence: string;
  onRevoke: () => Promise<unknown>;
}

/** A token or an address in use: its name, facts about it, and a button that revokes it. */
export const RevocableRow = ({ name, facts, action, label, consequence, onRevoke }: RevocableRowProps) => (
  <FactRow name={name} facts={facts}>
    <AskFirst look="quiet" label={action} name={label} text={consequence} onYes={onRevoke} />
  </FactRow>
);
