import type { ComponentChildren } from "preact";
import { mayPass, problemText } from "../api/problem";
import type { Resource } from "../api/resource";
import { t } from "../i18n";
import { Button } from "./Button";

/** An empty page: it names the next step and offers it. */
export function EmptyState({
  title,
  text,
  children,
}: {
  title: string;
  text?: string;
  children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <p class="lead">{title}</p>
      {text && <p class="soft">{text}</p>}
      {children && <div class="empty-step">{children}</div>}
    </div>
  );
}

/** A quiet line: something is not as it should be, and this is the remedy. */
export function QuietLine({
  children,
  isUrgent,
  action,
}: {
  children: ComponentChildren;
  isUrgent?: boolean;
  action?: ComponentChildren;
}) {
  return (
    <div class={`quiet-line${isUrgent ? " urgent" : ""}`}>
      <p>{children}</p>
      {action && <div class="quiet-line-actions">{action}</div>}
    </div>
  );
}

export const Loading = () => (
  <p class="loading soft" role="status">
    {t("loading")}
  </p>
);

/** Loading, failed, or the content; after a failed reload the old content stays, with one line about the failure. */
export function Loaded<T>({
  from,
  children,
}: {
  from: Resource<T>;
  children: (value: T) => ComponentChildren;
}) {
  if (from.isLoading) return <Loading />;
  const problem = problemText(from.error);
  const retry = mayPass(from.error) && (
    <Button look="plain" onClick={() => void from.reload()}>
      {t("action.retry")}
    </Button>
  );
  if (from.value === null)
    return (
      <div class="empty" role="alert">
        <p class="lead">{retry ? t("errors.load") : problem}</p>
        {retry && <p class="soft">{problem}</p>}
        {retry && <div class="empty-step">{retry}</div>}
      </div>
    );
  return (
    <>
      {from.error !== null && <QuietLine action={retry}>{problem}</QuietLine>}
      {children(from.value)}
    </>
  );
}
