import { t } from "../i18n";
import { Choices, NumberField } from "../ui/Field";
import {
  choiceOf,
  describePolicy,
  type Policy,
  PRESET_NAMES,
  type Presets,
  type PunchKind,
  type PunchPolicy,
} from "./policy";

interface PolicyFieldsProps {
  /** Null: the team's. */
  value: Policy | null;
  presets: Presets;
  onValue: (policy: Policy | null) => void;
}

/** How to remind: one of the presets, or each number by itself. */
export function PolicyFields({ value: policy, presets, onValue: onPolicy }: PolicyFieldsProps) {
  const base = policy ?? presets.nag;
  return (
    <>
      <Choices
        label={t("policy.label")}
        value={choiceOf(policy, presets)}
        choices={[
          { value: "default", label: t("policy.default") },
          ...PRESET_NAMES.map((each) => ({ value: each, label: t(`policy.preset_${each}`) })),
          { value: "own", label: t("policy.own") },
        ]}
        onValue={(choice) => {
          if (choice === "default") onPolicy(null);
          else if (choice === "own") onPolicy(nudged(base));
          else onPolicy(presets[choice]);
        }}
      />
      <p class="policy-words">{policy ? describePolicy(policy) : t("policy.default_text")}</p>
      <details class="advanced">
        <summary>{t("policy.advanced")}</summary>
        {(["clock_in", "clock_out"] as const).map((kind) => (
          <PunchPolicyFields
            key={kind}
            kind={kind}
            policy={base[kind]}
            onPolicy={(changed) => onPolicy({ ...base, [kind]: changed })}
          />
        ))}
      </details>
    </>
  );
}

/** One's own policy differs from the preset it comes from, or it would be taken for that: one minute earlier. */
function nudged(policy: Policy): Policy {
  return { ...policy, clock_in: { ...policy.clock_in, start: policy.clock_in.start - 1 } };
}

function PunchPolicyFields(props: {
  kind: PunchKind;
  policy: PunchPolicy;
  onPolicy: (policy: PunchPolicy) => void;
}) {
  const { kind, policy, onPolicy } = props;
  const unit = t("unit.minutes");
  return (
    <fieldset class="punch-policy">
      <legend>{t(kind === "clock_in" ? "punch.clock_in" : "punch.clock_out")}</legend>
      <NumberField
        label={t("policy.start")}
        hint={t("policy.start_hint")}
        unit={unit}
        value={policy.start}
        onValue={(start) => start !== null && onPolicy({ ...policy, start })}
      />
      <NumberField
        label={t("policy.every")}
        hint={t("policy.every_hint")}
        unit={unit}
        min={1}
        max={240}
        value={policy.every ?? null}
        onValue={(every) => onPolicy({ ...policy, every })}
      />
      <NumberField
        label={t("policy.until")}
        unit={unit}
        value={policy.until}
        onValue={(until) => until !== null && onPolicy({ ...policy, until })}
      />
      <NumberField
        label={t("policy.escalate_after")}
        hint={t("policy.escalate_hint")}
        unit={unit}
        min={0}
        max={720}
        value={policy.escalate ?? null}
        onValue={(escalate) => onPolicy({ ...policy, escalate })}
      />
    </fieldset>
  );
}
