import { useState } from "preact/hooks";
import { isPlanner } from "../api/session";
import { t } from "../i18n";
import { Button } from "../ui/Button";
import { EmptyState, Loaded } from "../ui/EmptyState";
import { Page } from "../ui/Page";
import { ShiftBadge } from "../ui/ShiftBadge";
import { formatPeriods } from "./periods";
import { describePolicy } from "./policy";
import { ShiftEditor } from "./ShiftEditor";
import { plannable, type Shift, useShifts } from "./useShifts";
import "./shifts.css";

export function Shifts() {
  const shifts = useShifts();
  const [editing, setEditing] = useState<Shift | "new" | null>(null);
  return (
    <Page
      title={t("page.shifts")}
      actions={
        isPlanner.value && (
          <Button look="main" icon="plus" onClick={() => setEditing("new")}>
            {t("shift.new")}
          </Button>
        )
      }
    >
      <Loaded from={shifts}>
        {(all) =>
          all.length === 0 ? (
            <EmptyState title={t("shift.empty")} text={t("shift.empty_text")} />
          ) : (
            <ul class="rows">
              {plannable(all).map((shift) => (
                <li key={shift.id}>
                  {isPlanner.value ? (
                    <button type="button" class="row-link" onClick={() => setEditing(shift)}>
                      <ShiftLine shift={shift} />
                    </button>
                  ) : (
                    <div class="row-link">
                      <ShiftLine shift={shift} />
                    </div>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {editing && (
        <ShiftEditor
          shift={editing === "new" ? null : editing}
          all={shifts.value ?? []}
          onClose={() => setEditing(null)}
          onSaved={() => {
            setEditing(null);
            void shifts.reload();
          }}
        />
      )}
    </Page>
  );
}

function ShiftLine({ shift }: { shift: Shift }) {
  return (
    <>
      <ShiftBadge shift={shift} />
      <span class="grow shift-line">
        <span class="shift-name">{shift.name}</span>
        <span class="figures">{shift.is_rest ? t("shift.rest") : formatPeriods(shift.periods)}</span>
        {!shift.is_rest && (
          <span class="soft small shift-policy">
            {shift.policy ? describePolicy(shift.policy) : t("policy.default_text")}
          </span>
        )}
      </span>
    </>
  );
}
