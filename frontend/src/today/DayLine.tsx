import { t } from "../i18n";
import { formatTime } from "../lib/time";
import { markOf, SHAPE, Sign, wordOf } from "../ui/StateMark";
import type { DayLine as Line } from "./moment";

/** The day at a glance: stretches of work, punch points with their state, and where we are now. */
export function DayLine({ line, now }: { line: Line; now: number }) {
  const place = (instant: number) => `${(((instant - line.from) / (line.to - line.from)) * 100).toFixed(3)}%`;
  const words = line.points
    .map((point) => {
      const kind = t(point.kind === "clock_in" ? "punch.clock_in" : "punch.clock_out");
      return `${formatTime(point.point_at)} ${kind} ${wordOf(markOf(point.status), point.ended_by)}`;
    })
    .join(t("list.comma"));
  return (
    <div class="day-line" role="img" aria-label={words}>
      <span class="day-axis" />
      {line.spans.map((span) => (
        <span
          key={span.from}
          class="day-span"
          style={{
            insetInlineStart: place(span.from),
            inlineSize: `calc(${place(span.to)} - ${place(span.from)})`,
          }}
        />
      ))}
      {line.points.map((point) => {
        const mark = markOf(point.status);
        return (
          <span
            key={point.id}
            class={`day-point mark ${mark}`}
            style={{ insetInlineStart: place(Date.parse(point.point_at)) }}
          >
            <Sign shape={SHAPE[mark]} />
          </span>
        );
      })}
      {now >= line.from && now <= line.to && (
        <span class="day-now" style={{ insetInlineStart: place(now) }} />
      )}
      {line.hours.map((hour) => (
        <span key={hour} class="day-hour figures" style={{ insetInlineStart: place(hour) }}>
          {formatTime(hour).slice(0, 2)}
        </span>
      ))}
    </div>
  );
}
