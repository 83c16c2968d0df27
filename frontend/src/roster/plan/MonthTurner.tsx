import { t } from "../../i18n";
import { addMonths, type PlainMonth } from "../../lib/dates";
import { formatMonth } from "../../lib/time";
import { IconButton } from "../../ui/Button";

/** The month that is shown, with the one before and the one after. */
export function MonthTurner({ month, onMonth }: { month: PlainMonth; onMonth: (month: PlainMonth) => void }) {
  return (
    <div class="plan-month">
      <IconButton icon="back" label={t("nav.month_before")} onClick={() => onMonth(addMonths(month, -1))} />
      <p aria-live="polite">{formatMonth(month)}</p>
      <IconButton icon="forward" label={t("nav.month_after")} onClick={() => onMonth(addMonths(month, 1))} />
    </div>
  );
}
