import { useList } from "../api/get";
import { me } from "../api/session";
import type { Shift } from "../shifts/useShifts";
import {
  describeOpenShift,
  describeOpenShiftState,
  isForMe,
  type OpenShift,
  type OpenShiftStep,
} from "./format";
import { ApprovalWarnings, RequestRow } from "./RequestRow";
import { t } from "./words";

interface OpenShiftRowProps {
  openShift: OpenShift;
  shifts: ReadonlyMap<number, Shift>;
  isBusy: (openShift: OpenShift, step: OpenShiftStep) => boolean;
  onStep: (openShift: OpenShift, step: OpenShiftStep) => void;
}

/** One open shift, and who takes it. */
export function OpenShiftRow({ openShift, shifts, isBusy, onStep }: OpenShiftRowProps) {
  return (
    <RequestRow
      what={describeOpenShift(openShift, shifts)}
      state={describeOpenShiftState(openShift, me.value?.id ?? 0)}
      reason={openShift.reason}
      steps={openShift.steps.map((name) => ({
        name,
        label: t(`open_step.${name}`),
        isMain: name === "approve" || (name === "take" && isForMe(openShift.steps)),
        isBusy: isBusy(openShift, name),
        run: () => onStep(openShift, name),
      }))}
    >
      {openShift.steps.includes("approve") && <OpenShiftWarnings openShift={openShift} />}
    </RequestRow>
  );
}

function OpenShiftWarnings({ openShift }: { openShift: OpenShift }) {
  const path = { open_shift_id: openShift.id };
  const warnings = useList("/api/v1/open-shifts/{open_shift_id}/warnings", { path }, ["roster"]);
  return <ApprovalWarnings from={warnings} nameOf={() => openShift.taken_by_name} />;
}
