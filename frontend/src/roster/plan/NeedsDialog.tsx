import { api } from "../../api/client";
import { useGet } from "../../api/get";
import { type Shift, useShifts } from "../../shifts/useShifts";
import { Dialog } from "../../ui/Dialog";
import { Loaded } from "../../ui/EmptyState";
import { DialogForm, useForm } from "../../ui/Form";
import { ShiftBadge } from "../../ui/ShiftBadge";
import { showToast } from "../../ui/Toast";
import type { PlanDialogProps } from "./dialog";
import { NEED_DAYS, type Need, needAt, needsOf, tableOf, withNeed } from "./needs";
import { t } from "./words";
import "./plan.css";

/** How many people each shift needs on which days. */
export function NeedsDialog({ scope, onClose }: PlanDialogProps) {
  const { teamId } = scope;
  const shifts = useShifts(teamId);
  const needs = useGet("/api/v1/roster/coverage", teamId ? { query: { team_id: teamId } } : null);
  return (
    <Dialog title={t("needs.title")} onClose={onClose}>
      <div class="plan-dialog form compact">
        <p class="soft">{t("needs.text")}</p>
        {teamId ? (
          <Loaded from={needs}>
            {({ needs }) => (
              <Loaded from={shifts}>
                {(all) => (
                  <NeedsForm
                    teamId={teamId}
                    needs={needs}
                    shifts={all.filter((each) => !each.is_rest && (!each.team_id || each.team_id === teamId))}
                    onClose={onClose}
                  />
                )}
              </Loaded>
            )}
          </Loaded>
        ) : (
          <p>{t("needs.team")}</p>
        )}
      </div>
    </Dialog>
  );
}

function NeedsForm(props: { teamId: number; needs: Need[]; shifts: Shift[]; onClose: () => void }) {
  const form = useForm({ table: tableOf(props.needs) }, async ({ table }) => {
    const needs = needsOf(
      table,
      props.shifts.map((shift) => shift.id),
    );
    await api.put("/api/v1/roster/coverage", { query: { team_id: props.teamId }, body: { needs } });
    showToast(t("needs.saved"));
    props.onClose();
  });
  const { table } = form.values;

  return (
    <DialogForm of={form} onClose={props.onClose}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="plan-scroll" tabIndex={0} aria-label={t("needs.title")}>
        <table class="plan-needs">
          <thead>
            <tr>
              <th scope="col">{t("shift")}</th>
              {NEED_DAYS.map((day) => (
                <th key={day} scope="col">
                  {t(`sort.${day}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {props.shifts.map((shift) => (
              <tr key={shift.id}>
                <th scope="row">
                  <ShiftBadge shift={shift} name={shift.name} />
                </th>
                {NEED_DAYS.map((day) => (
                  <td key={day}>
                    <input
                      class="input"
                      type="number"
                      min={0}
                      max={10_000}
                      aria-label={t("needs.of", { shift: shift.name, day: t(`sort.${day}`) })}
                      value={needAt(table, shift.id, day) ?? ""}
                      onInput={(event) => {
                        const typed = event.currentTarget.valueAsNumber;
                        const people = Number.isInteger(typed) ? typed : null;
                        form.set({ table: withNeed(table, shift.id, day, people) });
                      }}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </DialogForm>
  );
}
