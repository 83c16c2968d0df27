import type { PlainDate } from "../lib/dates";
import { formatWeekdayNarrow } from "../lib/time";

/** The head of a table of weeks: the names of a week's days. */
export const WeekdayHead = ({ week }: { week: readonly PlainDate[] | undefined }) => (
  <thead>
    <tr>
      {week?.map((date) => (
        <th scope="col" key={date}>
          {formatWeekdayNarrow(date)}
        </th>
      ))}
    </tr>
  </thead>
);
