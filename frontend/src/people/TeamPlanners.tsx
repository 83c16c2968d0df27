import { api } from "../api/client";
import { useResource } from "../api/resource";
import { isAdmin } from "../api/session";
import { Loaded } from "../ui/EmptyState";
import { CheckField } from "../ui/Field";
import { t } from "./words";

export interface Planner {
  id: number;
  display_name: string;
  /** They plan the team because they belong to it. */
  belongs: boolean;
}

/** Everybody who plans a team; administrators also get the planners who could. */
export function useTeamPlanners(teamId: number | null) {
  return useResource(`planners ${teamId}`, async () => {
    if (teamId === null) return { planners: [], others: [] };
    const [planners, all] = await Promise.all([
      api.get("/api/v1/teams/{team_id}/planners", { path: { team_id: teamId } }),
      isAdmin.value
        ? api.get("/api/v1/users", { query: { role: "planner", is_active: true } })
        : { items: [] },
    ]);
    const known = new Set(planners.items.map((each) => each.id));
    return { planners: planners.items as Planner[], others: all.items.filter((each) => !known.has(each.id)) };
  });
}

export function TeamPlanners(props: {
  from: ReturnType<typeof useTeamPlanners>;
  /** Ids of the planners beside those who belong to the team. */
  chosen: readonly number[];
  onChosen: (ids: number[]) => void;
}) {
  const { chosen, onChosen } = props;
  const set = (id: number, isOn: boolean) =>
    onChosen(isOn ? [...chosen, id] : chosen.filter((each) => each !== id));
  return (
    <fieldset>
      <legend class="field-label">{t("team.planners")}</legend>
      <Loaded from={props.from}>
        {({ planners, others }) => {
          const further = [...planners.filter((each) => !each.belongs), ...others];
          const belonging = planners.filter((each) => each.belongs);
          if (belonging.length + further.length === 0) return <p class="soft">{t("team.no_planners")}</p>;
          return (
            <>
              {belonging.map((each) => (
                <p key={each.id}>{t("team.planner_belongs", { name: each.display_name })}</p>
              ))}
              {further.map((each) =>
                isAdmin.value ? (
                  <CheckField
                    key={each.id}
                    label={each.display_name}
                    value={chosen.includes(each.id)}
                    onValue={(isOn) => set(each.id, isOn)}
                  />
                ) : (
                  <p key={each.id}>{each.display_name}</p>
                ),
              )}
              {isAdmin.value && <p class="note">{t("team.planners_hint")}</p>}
            </>
          );
        }}
      </Loaded>
    </fieldset>
  );
}
