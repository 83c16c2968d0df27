import { formatTimeWithSeconds } from "../lib/time";
import { deviceOf } from "../settings/device";
import { changesOf, describeEntry, type Entry, fieldName, formatValue, isTwoSided, type Names } from "./diff";
import { t } from "./words";

/** What an entry changed, before and after side by side, and from where. */
export function Change({ entry, names }: { entry: Entry; names: Names }) {
  const differences = changesOf(entry);
  const hasBoth = differences.some((each) => isTwoSided(entry, each));
  const { browser, system } = deviceOf(entry.user_agent);
  const where = [
    formatTimeWithSeconds(entry.at),
    entry.address && t("audit.where", { address: entry.address }),
    browser,
    system,
    entry.request_id && t("audit.request", { id: entry.request_id }),
  ].filter(Boolean);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: on a desk it scrolls beside the list
    <section class="audit-change detail" tabIndex={0} aria-label={t("audit.caption")}>
      <p class="audit-title">{describeEntry(entry)}</p>
      {differences.length > 0 && (
        <table>
          <caption class="only-heard">{t("audit.caption")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("audit.field")}</th>
              {hasBoth ? (
                <>
                  <th scope="col">{t("audit.before")}</th>
                  <th scope="col">{t("audit.after")}</th>
                </>
              ) : (
                <th scope="col">{t("audit.value")}</th>
              )}
            </tr>
          </thead>
          <tbody>
            {differences.map(({ field, before, after }) => (
              <tr key={field}>
                <th scope="row">{fieldName(field)}</th>
                {isTwoSided(entry, { field, before, after }) ? (
                  <>
                    <td class="was">{formatValue(field, before, names)}</td>
                    <td>{formatValue(field, after, names)}</td>
                  </>
                ) : (
                  <td colSpan={hasBoth ? 2 : 1}>
                    {formatValue(field, entry.after === null ? before : after, names)}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p class="note">{where.join(" · ")}</p>
    </section>
  );
}
