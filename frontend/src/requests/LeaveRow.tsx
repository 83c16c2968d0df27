import { useState } from "preact/hooks";
import { me } from "../api/session";
import { Button } from "../ui/Button";
import { type Leave, sayLeaveDays } from "./said";
import { endLeave } from "./useRequests";
import { word } from "./words";

/** One leave, or one skipped day, and the way to take it back. */
export function LeaveRow({ leave, onDone }: { leave: Leave; onDone: () => Promise<void> }) {
  const [isBusy, setBusy] = useState(false);
  const isMine = leave.user_id === me.value?.id;
  const when = sayLeaveDays(leave);
  const action = word(leave.kind === "skip" ? "skip.cancel" : "leave.cancel");
  async function end() {
    setBusy(true);
    await endLeave(leave, onDone);
    setBusy(false);
  }
  return (
    <li class="request">
      <div class="request-words">
        <p>
          {!isMine && <b>{leave.display_name} </b>}
          <span class="figures">{when}</span>{" "}
          <span class="soft small">{word(leave.kind === "skip" ? "skip.kind" : "leave.kind")}</span>
        </p>
        {leave.reason && <p class="soft small">{leave.reason}</p>}
        {!leave.can_delete && <p class="soft small">{word("leave.by_planner")}</p>}
      </div>
      {leave.can_delete && (
        <div class="request-steps">
          <Button
            look="quiet"
            isBusy={isBusy}
            aria-label={word("cancel_named", { action, who: isMine ? "" : leave.display_name, when })}
            onClick={() => void end()}
          >
            {action}
          </Button>
        </div>
      )}
    </li>
  );
}
