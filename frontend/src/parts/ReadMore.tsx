import type { Pages } from "../api/pages";
import { problemText } from "../api/problem";
import { t } from "../i18n";
import { Button } from "../ui/Button";

/** The end of a list that comes page by page: the next page, or why the last one did not come. */
export function ReadMore({
  pages,
  label = t("action.more"),
}: {
  pages: Pick<Pages<unknown>, "error" | "hasMore" | "isReading" | "readMore">;
  label?: string;
}) {
  return (
    <>
      {pages.error !== null && (
        <p class="form-problem" role="alert">
          {problemText(pages.error)}
        </p>
      )}
      {pages.hasMore && (
        <p class="read-more">
          <Button isBusy={pages.isReading} onClick={() => void pages.readMore()}>
            {label}
          </Button>
        </p>
      )}
    </>
  );
}
