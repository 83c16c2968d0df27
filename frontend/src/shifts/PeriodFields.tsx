import { t } from "../i18n";
import { Button, IconButton } from "../ui/Button";
import { TextField } from "../ui/Field";
import { endsNextDay, type Period } from "./periods";
import { MAX_PERIODS, withChange, withMore } from "./shiftForm";

interface PeriodFieldsProps {
  value: readonly Period[];
  onValue: (periods: readonly Period[]) => void;
}

/** When one works: one to three periods. */
export function PeriodFields({ value: periods, onValue }: PeriodFieldsProps) {
  return (
    <fieldset class="form">
      <legend class="field-label">{t("shift.periods")}</legend>
      {periods.map((period, index) => (
        <div class="period-row" key={index}>
          <TextField
            label={t("shift.start")}
            type="time"
            required
            value={period.start}
            onValue={(start) => onValue(withChange(periods, index, { start }))}
          />
          <TextField
            label={t("shift.end")}
            type="time"
            required
            value={period.end}
            onValue={(end) => onValue(withChange(periods, index, { end }))}
          />
          <span class="next-day soft">{endsNextDay(period) ? t("shift.next_day") : ""}</span>
          {periods.length > 1 && (
            <IconButton
              icon="close"
              label={t("shift.period_remove", { n: index + 1 })}
              onClick={() => onValue(periods.filter((_, at) => at !== index))}
            />
          )}
        </div>
      ))}
      {periods.length < MAX_PERIODS && (
        <div>
          <Button icon="plus" look="quiet" onClick={() => onValue(withMore(periods))}>
            {t("shift.period_add")}
          </Button>
        </div>
      )}
    </fieldset>
  );
}
