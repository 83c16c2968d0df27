import { useImperativeHandle, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { language } from "../../i18n";
import { formatFullDate } from "../../lib/time";
import type { Cell } from "../cells";
import { cellNotes, draftNotes, noteText, syncedNotes, typedNote, wishNotes } from "../notes";
import { isSameCell, rectOf, single } from "../selection";
import { t } from "../words";
import { CoverageRows } from "./CoverageRows";
import { DayHead, dayClass } from "./DayHead";
import type { RosterGridProps } from "./props";
import { useCellNotes } from "./useCellNotes";
import { useGridFocus } from "./useGridFocus";
import { useGridKeyboard } from "./useGridKeyboard";
import { usePointerGestures } from "./usePointerGestures";
import { useRememberedPlace } from "./useRememberedPlace";
import { useRowWindow } from "./useRowWindow";
import { useSelectionFrame } from "./useSelectionFrame";

const DAYS_OF_A_WEEK = 7;

/** People × days: one table with one set of listeners. The hooks run their layout effects in this order. */
export function RosterGrid(props: RosterGridProps) {
  const {
    dates,
    rows,
    days,
    today,
    shifts,
    warnings,
    marks,
    drafts,
    notes: written,
    wishes,
    synced,
    canEdit,
    isBrushing,
    selection,
  } = props;
  const active = selection.head;
  const hasTotals = dates.length > DAYS_OF_A_WEEK;
  const columns = dates.length + (hasTotals ? 2 : 1);
  const isMany = !isSameCell(selection.anchor, active);

  const describe = (cell: Cell) => {
    const row = rows[cell.row];
    const date = dates[cell.column];
    if (!row || !date) return "";
    const id = row.shiftIds[cell.column] ?? null;
    const shift = id === null ? null : shifts.get(id);
    return [row.name, formatFullDate(date), shift?.name ?? t("empty")].join(", ");
  };
  const notesAt = (cell: Cell) => {
    const id = rows[cell.row]?.id ?? 0;
    const date = dates[cell.column] ?? "";
    return [
      ...noteText(written.get(id)?.get(date)),
      ...wishNotes(wishes.get(id)?.get(date), shifts),
      ...draftNotes(drafts.get(id)?.get(date), shifts),
      ...syncedNotes(synced.get(id)?.get(date)),
      ...cellNotes(marks.get(id)?.get(date), warnings.get(id)?.get(date)),
    ];
  };

  const scroller = useRef<HTMLElement>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const { rowHeight, resizes, isWide, measure, follow } = useRowWindow(scroller, body, {
    ...{ dates, rows, shifts, warnings, marks, drafts, notes: written, wishes, synced, selection, isMany },
    hasTotal: hasTotals,
    language: language.value,
  });
  const focus = useGridFocus(scroller, { active, canEdit, describe });
  const keepPlace = useRememberedPlace(
    scroller,
    props.place,
    { teamId: props.teamId, from: dates[0] ?? "" },
    measure,
  );
  const frame = useSelectionFrame(scroller, {
    rect: rectOf(selection),
    dates,
    rowCount: rows.length,
    rowHeight,
    resizes,
  });
  const { waiting, settle, ...keyboard } = useGridKeyboard(scroller, focus.input, props);
  const { note, notes, hover } = useCellNotes(scroller, {
    active,
    hasFocus: focus.hasFocus,
    notesAt: (cell) => (waiting ? [typedNote(props.codes, shifts, waiting)] : notesAt(cell)),
  });
  useLayoutEffect(() => {
    if (focus.input.current) focus.input.current.placeholder = waiting || " ";
  }, [waiting, focus.input]);
  const pointer = usePointerGestures(scroller, props, { focus, frame, rowHeight, hover });

  useImperativeHandle(props.handle, () => ({
    goTo: (cell) => {
      props.onSelect(single(cell));
      focus.focusActiveLater();
    },
    endTapSelection: pointer.endTapSelection,
  }));

  const head = useMemo(
    () => (
      <thead>
        <tr aria-rowindex={1}>
          <th scope="col" class="corner">
            <span class="only-heard">{t("roster.person")}</span>
          </th>
          {dates.map((date) => (
            <DayHead key={date} date={date} day={days[date]} isToday={date === today} />
          ))}
          {hasTotals && (
            <th scope="col" class="row-total">
              {t("row_total")}
            </th>
          )}
        </tr>
      </thead>
    ),
    [dates, days, today, hasTotals, language.value],
  );

  /** Lies below the rows, so that a cell paints only what is its own; where a row is not drawn yet, it is what is seen. */
  const stripes = useMemo(
    () => (
      // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus.
      <tr class="day-stripes" aria-hidden="true">
        <td />
        {dates.map((date) => (
          <td key={date} class={dayClass(date, days[date], today)} />
        ))}
        {hasTotals && <td class="row-total" />}
      </tr>
    ),
    [dates, days, today, hasTotals],
  );
  const { totals, totalsLabel, covered, open } = props;
  const foot = useMemo(
    () => (
      <CoverageRows
        {...{ dates, shifts, totals, totalsLabel, covered, open }}
        hasTotal={hasTotals}
        firstIndex={rows.length + 2}
      />
    ),
    [dates, shifts, totals, totalsLabel, covered, open, hasTotals, rows.length, language.value],
  );

  return (
    <section
      ref={scroller}
      class={`roster-scroll${isBrushing ? " brushing" : ""}${canEdit ? " editing" : ""}${isWide ? " wide" : ""}`}
      aria-label={props.caption}
      onScroll={() => {
        follow();
        if (isWide) frame.onScroll();
        keepPlace();
      }}
      onFocusIn={focus.onFocusIn}
      onFocusOut={(event) => {
        focus.onFocusOut();
        if (!scroller.current?.contains(event.relatedTarget as Node | null)) settle();
      }}
      onPointerDownCapture={settle}
      {...keyboard}
      {...pointer.handlers}
    >
      <table
        class="roster"
        style={{ "--days": dates.length, "--people": rows.length }}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose cells are moved in by arrow keys is a grid.
        role="grid"
        aria-rowcount={rows.length + 2 + props.covered.size}
        aria-colcount={columns}
        aria-readonly={!canEdit}
        aria-multiselectable={canEdit}
      >
        <caption class="only-heard">{props.caption}</caption>
        {head}
        <tbody ref={body}>{stripes}</tbody>
        {foot}
      </table>
      {canEdit && (
        <div ref={frame.frame} class={`selection${isMany ? " many" : ""}`} aria-hidden="true">
          <span class="handle" title={t("fill")} />
        </div>
      )}
      {notes.length > 0 && (
        <div ref={note} class="cell-note" role="tooltip">
          {notes.map((each) => (
            <p key={each}>{each}</p>
          ))}
        </div>
      )}
    </section>
  );
}
