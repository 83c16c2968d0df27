import { problemText } from "../api/problem";

/** Why a form was refused, read out when it appears; not if the problem stands beside its field. */
export function FormProblem({
  problem,
  isBesideField = false,
}: {
  problem: unknown;
  isBesideField?: boolean;
}) {
  return (
    <p class="form-problem" role="alert">
      {problem !== null && !isBesideField && problemText(problem)}
    </p>
  );
}
