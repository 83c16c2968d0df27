import { me } from "../api/session";
import { useRunning } from "../ui/attempt";
import { Button } from "../ui/Button";
import { formatLeaveDays, type Leave } from "./format";
import { leaveTypeName } from "./leaveTypes";
import { endLeave } from "./useRequests";
import { t } from "./words";

/** One leave, or one skipped day, and the way to take it back. */
export function LeaveRow({ leave, onDone }: { leave: Leave; onDone: () => Promise<void> }) {
  const [running, run] = useRunning<"end">();
  const isMine = leave.user_id === me.value?.id;
  const when = formatLeaveDays(leave);
  const action = t(leave.kind === "skip" ? "skip.cancel" : "leave.cancel");
  return (
    <li class="request">
      <div class="request-words">
        <p>
          {!isMine && <b>{leave.display_name} </b>}
          <span class="figures">{when}</span>{" "}
          <span class="soft small">
            {leave.kind === "skip"
              ? t("skip.kind")
              : leave.leave_type
                ? leaveTypeName(leave.leave_type)
                : t("leave.kind")}
          </span>
        </p>
        {leave.reason && <p class="soft small">{leave.reason}</p>}
        {!leave.can_delete && <p class="soft small">{t("leave.by_planner")}</p>}
      </div>
      {leave.can_delete && (
        <div class="request-steps">
          <Button
            look="quiet"
            isBusy={running !== null}
            aria-label={t("cancel_named", { action, who: isMine ? "" : leave.display_name, when })}
            onClick={() => void run("end", () => endLeave(leave, onDone))}
          >
            {action}
          </Button>
        </div>
      )}
    </li>
  );
}
