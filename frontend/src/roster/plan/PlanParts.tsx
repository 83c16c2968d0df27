import { problemText } from "../../api/problem";
import { Segments } from "../../ui/Field";
import { FormFoot } from "../../ui/FormFoot";
import { formatCounts, type useApplyPlan } from "./applyPlan";
import { t } from "./words";

/** Who takes part; by default everybody. */
export function chosenIn(users: readonly { id: number }[] = [], picked: ReadonlySet<number> | null) {
  const ids = users.map((user) => user.id);
  const chosen = picked ?? new Set(ids);
  return { chosen, userIds: ids.filter((id) => chosen.has(id)) };
}

/** Who is to be chosen first: nobody, as long as it is not known who there is. */
export function whoIsMissing(roster: { users: readonly unknown[] } | null): string {
  if (roster === null) return "";
  return t(roster.users.length === 0 ? "need.members" : "need.people");
}

/** Whether planned cells stay as they are. */
export function OverwriteField(props: { overwrite: boolean; onValue: (overwrite: boolean) => void }) {
  return (
    <Segments
      label={t("onto")}
      value={props.overwrite ? "all" : "blank"}
      choices={[
        { value: "blank", label: t("onto.blank") },
        { value: "all", label: t("onto.all") },
      ]}
      onValue={(value) => props.onValue(value === "all")}
    />
  );
}

/** Of a team that uses drafts: what is shown or written. */
export function DraftsField(props: { drafts: boolean; onValue: (drafts: boolean) => void }) {
  return (
    <Segments
      label={t("shown")}
      value={props.drafts ? "draft" : "published"}
      choices={[
        { value: "published", label: t("shown.published") },
        { value: "draft", label: t("shown.draft") },
      ]}
      onValue={(value) => props.onValue(value === "draft")}
    />
  );
}

interface PlanFootProps {
  plan: ReturnType<typeof useApplyPlan>;
  /** What has to be chosen before there is anything to preview. */
  missing: string | null;
  onClose: () => void;
}

/** What the plan would change, and the button that applies it. */
export function PlanFoot({ plan, missing, onClose }: PlanFootProps) {
  const { preview, answer, isSettled, isBusy } = plan;
  return (
    <>
      <p role="status" class={preview.error ? "form-problem" : "soft"}>
        {preview.error
          ? problemText(preview.error)
          : (missing ?? (isSettled && answer ? formatCounts(answer.cells, answer.kept) : t("counting")))}
      </p>
      <FormFoot
        action={isSettled && answer?.cells.length ? t("lay.n", { n: answer.cells.length }) : t("lay")}
        isBusy={isBusy}
        isDisabled={missing !== null || !isSettled || answer?.cells.length === 0}
        onClose={onClose}
      />
    </>
  );
}
