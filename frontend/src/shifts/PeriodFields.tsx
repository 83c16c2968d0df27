import { t } from "../i18n";
import { Button, IconButton } from "../ui/Button";
import { TextField } from "../ui/Field";
import { endsNextDay, type Period } from "./periods";
import { MAX_PERIODS, type ShiftAction } from "./shiftForm";

interface PeriodFieldsProps {
  periods: readonly Period[];
  dispatch: (action: ShiftAction) => void;
}

/** When one works: one to three periods. */
export function PeriodFields({ periods, dispatch }: PeriodFieldsProps) {
  const changePeriod = (index: number, change: Partial<Period>) =>
    dispatch({ type: "period", index, change });
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
            onValue={(start) => changePeriod(index, { start })}
          />
          <TextField
            label={t("shift.end")}
            type="time"
            required
            value={period.end}
            onValue={(end) => changePeriod(index, { end })}
          />
          <span class="next-day soft">{endsNextDay(period) ? t("shift.next_day") : ""}</span>
          {periods.length > 1 && (
            <IconButton
              icon="close"
              label={t("shift.period_remove", { n: index + 1 })}
              onClick={() => dispatch({ type: "remove_period", index })}
            />
          )}
        </div>
      ))}
      {periods.length < MAX_PERIODS && (
        <div>
          <Button icon="plus" look="quiet" onClick={() => dispatch({ type: "add_period" })}>
            {t("shift.period_add")}
          </Button>
        </div>
      )}
    </fieldset>
  );
}
