import { sayClockToTheSecond } from "../lib/time";
import { deviceOf } from "../settings/device";
import { differencesOf, type Entry, type Names, sayField, sayValue } from "./diff";
import { word } from "./words";

/** What an entry changed, before and after side by side, and from where. */
export function Change({ entry, names }: { entry: Entry; names: Names }) {
  const differences = differencesOf(entry.before, entry.after);
  const hasBoth = entry.before !== null && entry.after !== null;
  const { browser, system } = deviceOf(entry.user_agent);
  const where = [
    sayClockToTheSecond(entry.at),
    entry.address && word("audit.where", { address: entry.address }),
    browser,
    system,
    entry.request_id && word("audit.request", { id: entry.request_id }),
  ].filter(Boolean);
  return (
    <div class="audit-change">
      {differences.length > 0 && (
        <table>
          <caption class="only-heard">{word("audit.caption")}</caption>
          <thead>
            <tr>
              <th scope="col">{word("audit.field")}</th>
              {hasBoth ? (
                <>
                  <th scope="col">{word("audit.before")}</th>
                  <th scope="col">{word("audit.after")}</th>
                </>
              ) : (
                <th scope="col">{word("audit.value")}</th>
              )}
            </tr>
          </thead>
          <tbody>
            {differences.map(({ field, before, after }) => (
              <tr key={field}>
                <th scope="row">{sayField(field)}</th>
                {hasBoth ? (
                  <>
                    <td class="was">{sayValue(field, before, names)}</td>
                    <td>{sayValue(field, after, names)}</td>
                  </>
                ) : (
                  <td>{sayValue(field, entry.after === null ? before : after, names)}</td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p class="note">{where.join(" · ")}</p>
    </div>
  );
}
