import { useList } from "../../api/get";
import type { PlainDate } from "../../lib/dates";
import { now } from "../../lib/now";
import { formatDate, formatDateTime } from "../../lib/time";
import { nameOfShift, type Shift } from "../../shifts/useShifts";
import { Dialog } from "../../ui/Dialog";
import { Loaded } from "../../ui/EmptyState";
import { t as ofGrid } from "../words";
import { t } from "./words";

interface HistoryDialogProps {
  person: { id: number; name: string };
  date: PlainDate;
  shifts: ReadonlyMap<number, Shift>;
  onClose: () => void;
}

/** What a cell held before, who changed it, and when. */
export function HistoryDialog({ person, date, shifts, onClose }: HistoryDialogProps) {
  const history = useList("/api/v1/roster/history", { query: { user_id: person.id, date } }, [
    "roster",
    "draft",
  ]);
  const nameOf = (id: number | null) => (id === null ? ofGrid("empty") : nameOfShift(shifts, id, `#${id}`));
  return (
    <Dialog title={`${person.name} · ${formatDate(date)}`} onClose={onClose}>
      <Loaded from={history}>
        {(changes) =>
          changes.length === 0 ? (
            <p class="soft">{t("history.none")}</p>
          ) : (
            <ul class="rows cell-history">
              {changes.map((change) => (
                <li key={change.at}>
                  <p>
                    {t("history.change", {
                      before: nameOf(change.before_shift_id),
                      after: nameOf(change.shift_id),
                    })}
                  </p>
                  <p class="soft small">
                    {formatDateTime(change.at, now.peek())} · {change.by_name || t("history.system")}
                    {change.is_draft && ` · ${ofGrid("draft")}`}
                  </p>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Dialog>
  );
}
