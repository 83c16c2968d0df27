import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { language } from "../i18n";
import type { PlainDate } from "../lib/dates";
import { formatFullDate } from "../lib/time";
import type { Shift } from "../shifts/useShifts";
import { newCatcher } from "./catcher";
import { type Cell, moved, type RosterRow, shiftTyped, visibleRows } from "./cells";
import { folded } from "./clipboard";
import type { Covered, MarksOf } from "./coverage";
import type { WarningsOf } from "./draft";
import { isOfCell, markText, warningText } from "./notes";
import { CoverageRows, DayHead, type DayRead, Row, Spacer } from "./Row";
import { type Direction, isSame, only, type Rect, rectOf, type Selection } from "./selection";
import { stretches } from "./stretches";
import { t } from "./words";

interface RosterGridProps {
  caption: string;
  dates: PlainDate[];
  days: Record<PlainDate, DayRead>;
  today: PlainDate;
  rows: RosterRow[];
  shifts: Map<number, Shift>;
  /** The ones that may be typed. */
  usable: Shift[];
  warnings: ReadonlyMap<number, WarningsOf>;
  marks: ReadonlyMap<number, MarksOf>;
  totals: number[];
  totalsLabel: string;
  covered: ReadonlyMap<number, Covered[]>;
  canEdit: boolean;
  /** A brush is chosen: pressing and dragging paints. */
  isBrushing: boolean;
  /** Taps select instead of opening. */
  isSelecting: boolean;
  selection: Selection;
  /** Each new number asks for the focus. */
  wish: number;
  /** Each new number: something was done with the selection, so that the next tap begins another. */
  deeds: number;
  onSelect: (selection: Selection) => void;
  onLongPress: () => void;
  onPaint: (cells: Cell[]) => void;
  /** Sets the selection; `goesOn` when it is one more letter of the same word. */
  onType: (shiftId: number | null, goesOn: boolean) => void;
  onUnknown: (text: string) => void;
  onOpen: (at: HTMLElement) => void;
  onPull: (to: Cell) => void;
  onFill: (direction: Direction) => void;
  onSwipe: (weeks: 1 | -1) => void;
}

/** Above this only the rows in sight are drawn. */
const WINDOW_FROM = 60;
const TYPING_PAUSE_MS = 700;
const SWIPE_PX = 60;
const LONG_PRESS_MS = 450;
const TREMBLE_PX = 8;
const EDGE_PX = 28;

type Stroke = {
  kind: "paint" | "select" | "pull" | "look";
  cells: Map<string, Cell>;
  /** Where it began, and whether that was the active cell already. */
  from: Cell | null;
  wasActive: boolean;
  x: number;
  y: number;
  /** A finger that rested: moving it does not scroll. */
  isHeld: boolean;
};

/** People × days. One table, one set of listeners; rows are drawn again only when they are other objects. */
export function RosterGrid(props: RosterGridProps) {
  const { dates, rows, days, today, shifts, canEdit, isBrushing, isSelecting, selection } = props;
  const scroller = useRef<HTMLElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const note = useRef<HTMLDivElement>(null);
  const catcher = useRef<HTMLInputElement | null>(null);
  const [rowHeight, setRowHeight] = useState(innerWidth < 900 ? 44 : 36);
  const [span, setSpan] = useState(() => visibleRows(0, innerHeight, rowHeight, rows.length));
  const [hovered, setHovered] = useState<Cell | null>(null);
  const [hasFocus, setFocus] = useState(false);
  const isWindowed = rows.length > WINDOW_FROM;
  const active = selection.head;
  const drawn = isWindowed
    ? stretches(rows.length, span.first, span.last, active.row)
    : stretches(rows.length, 0, rows.length, active.row);

  const look = useCallback(() => {
    const box = scroller.current;
    if (!box || !isWindowed) return;
    const height = box.querySelector<HTMLElement>("tbody tr[data-row]")?.offsetHeight ?? 36;
    setRowHeight(height);
    const sight = [box.scrollTop, box.clientHeight, height, rows.length] as const;
    const needed = visibleRows(...sight, 3);
    const next = visibleRows(...sight);
    setSpan((before) => {
      const isEnough = before.first <= needed.first && before.last >= needed.last;
      const isSmall = before.last - before.first <= next.last - next.first + 8;
      return isEnough && isSmall ? before : next;
    });
  }, [isWindowed, rows.length]);

  useLayoutEffect(look, [look]);
  const [resized, setResized] = useState(0);
  useEffect(() => {
    const resize = () => {
      look();
      setResized((turn) => turn + 1);
    };
    addEventListener("resize", resize);
    return () => removeEventListener("resize", resize);
  }, [look]);

  const cellAt = useCallback(
    (cell: Cell) =>
      scroller.current?.querySelector<HTMLElement>(
        `tr[data-row="${cell.row}"] > td:nth-child(${cell.column + 2})`,
      ) ?? null,
    [],
  );

  const describe = useCallback(
    (cell: Cell) => {
      const row = rows[cell.row];
      const date = dates[cell.column];
      if (!row || !date) return "";
      const id = row.shiftIds[cell.column] ?? null;
      const shift = id === null ? null : shifts.get(id);
      return [row.name, formatFullDate(date), shift?.name ?? t("empty")].join(", ");
    },
    [rows, dates, shifts],
  );

  /** What is to be known of a cell beside its shift. */
  const notesOf = (cell: Cell): string[] => {
    const id = rows[cell.row]?.id ?? 0;
    const date = dates[cell.column] ?? "";
    return [
      ...(props.marks.get(id)?.get(date) ?? []).map(markText),
      ...(props.warnings.get(id)?.get(date) ?? []).filter(isOfCell).map(warningText),
    ];
  };

  /** The focus goes to the field over the cell; to the cell itself where nothing is typed: by touch, or by members. */
  const isByTouch = useRef(false);
  const focusOn = useCallback(
    (cell: Cell, byTouch = false) => {
      isByTouch.current = byTouch;
      const element = cellAt(cell);
      const field = catcher.current;
      const holder = field && !byTouch ? field : element;
      if (field && element && field.parentElement !== element) element.append(field);
      holder?.focus({ preventScroll: true });
      return element;
    },
    [cellAt],
  );

  // One stop for the Tab key; a row that goes out of sight and comes back must not lose the focus on its way.
  const hadFocus = scroller.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    if (canEdit) catcher.current ??= newCatcher();
    const element = cellAt(active);
    const field = catcher.current;
    if (field) {
      if (element && field.parentElement !== element) element.append(field);
      field.setAttribute("aria-label", describe(active));
    } else {
      for (const before of box.querySelectorAll('td[tabindex="0"]')) before.setAttribute("tabindex", "-1");
      element?.setAttribute("tabindex", "0");
    }
    if (hadFocus && !box.contains(document.activeElement)) focusOn(active);
  });

  useLayoutEffect(() => {
    cellAt({ row: active.row, column: active.column })?.scrollIntoView({
      block: "nearest",
      inline: "nearest",
    });
  }, [cellAt, active.row, active.column]);

  useEffect(() => {
    if (props.wish > 0) focusOn(active);
  }, [props.wish]);

  const rect = rectOf(selection);
  const isMany = !isSame(selection.anchor, selection.head);

  const { top, left, bottom, right } = rect;
  useLayoutEffect(() => {
    place(frame.current, scroller.current, { top, left, bottom, right }, rowHeight);
  }, [top, left, bottom, right, rowHeight, resized, rows.length, dates]);

  // On the elements: no row is drawn again for it. Rows that come into sight are told too.
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box || !isMany) return;
    for (const row of box.querySelectorAll<HTMLTableRowElement>("tr[data-row]")) {
      const index = Number(row.dataset.row);
      if (index < top || index > bottom) continue;
      for (let column = left; column <= right; column++)
        row.cells[column + 1]?.setAttribute("aria-selected", "true");
    }
    return () => {
      for (const cell of box.querySelectorAll("[aria-selected]")) cell.removeAttribute("aria-selected");
    };
  }, [isMany, top, left, bottom, right, span, dates]);

  // The note of the cell under the mouse, else of the active one.
  const noted = hovered ?? (hasFocus ? active : null);
  const notes = noted ? notesOf(noted) : [];
  useLayoutEffect(() => {
    const cell = noted && note.current && cellAt(noted);
    const box = scroller.current;
    if (!note.current || !cell || !box) return;
    const isLow = cell.getBoundingClientRect().bottom + 90 > box.getBoundingClientRect().bottom;
    const top = cell.parentElement?.offsetTop ?? 0;
    note.current.style.insetBlockStart = isLow
      ? `${top - note.current.offsetHeight - 4}px`
      : `${top + cell.offsetHeight + 4}px`;
    const widest = box.scrollLeft + box.clientWidth - note.current.offsetWidth - 8;
    note.current.style.insetInlineStart = `${Math.max(8, Math.min(cell.offsetLeft, widest))}px`;
  });

  const typed = useRef({ text: "", timer: 0 });
  const forget = () => {
    clearTimeout(typed.current.timer);
    typed.current.text = "";
  };

  function onKeyDown(event: KeyboardEvent) {
    // 229: the input method has the key.
    if (event.isComposing || event.keyCode === 229 || event.altKey) return;
    const here = cellOf(event.target);
    if (!here) return;
    const isFar = event.ctrlKey || event.metaKey;
    const to = moved(active, event.key, rows.length, dates.length, isFar);
    if (to) {
      event.preventDefault();
      forget();
      props.onSelect(event.shiftKey && canEdit ? { anchor: selection.anchor, head: to } : only(to));
      return;
    }
    if (!canEdit) return;
    if (isFar) {
      onFarKey(event);
      return;
    }
    if (event.key === "Enter" || event.key === " " || event.key === "F2") {
      event.preventDefault();
      forget();
      const element = cellAt(active);
      if (isBrushing) props.onPaint([active]);
      else if (element) props.onOpen(element);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      forget();
      props.onType(null, false);
    } else if (event.key.length === 1) {
      event.preventDefault();
      typeLetter(event.key);
    }
  }

  function onFarKey(event: KeyboardEvent) {
    const key = event.key.toLowerCase();
    if (key === "a") {
      const last = { row: rows.length - 1, column: dates.length - 1 };
      props.onSelect({ anchor: last, head: { row: 0, column: 0 } });
      if (scroller.current) scroller.current.scrollTop = 0;
    } else if (key === "d") props.onFill("down");
    // With one cell alone it is what it is everywhere: reload.
    else if (key === "r" && isMany) props.onFill("right");
    else return;
    event.preventDefault();
  }

  function typeLetter(letter: string) {
    clearTimeout(typed.current.timer);
    const all = props.usable;
    const text = typed.current.text + letter;
    const longer = shiftTyped(all, text);
    const goesOn = typed.current.text !== "" && (longer.shift !== null || !longer.isFinal);
    const found = longer.shift || !longer.isFinal ? longer : shiftTyped(all, letter);
    typed.current.text = goesOn ? text : letter;
    if (found.shift) props.onType(found.shift.id, goesOn);
    if (found.isFinal) typed.current.text = "";
    else typed.current.timer = setTimeout(forget, TYPING_PAUSE_MS) as unknown as number;
  }

  /** What an input method or a soft keyboard wrote: a whole word, or full-width letters. */
  function takeWritten() {
    const field = catcher.current;
    const text = field ? field.value.trim() : "";
    if (!field || text === "") return;
    field.value = "";
    const wanted = folded(text);
    const shift =
      props.usable.find((each) => folded(each.code) === wanted || folded(each.name) === wanted) ??
      shiftTyped(props.usable, wanted).shift;
    if (shift) props.onType(shift.id, false);
    else props.onUnknown(text);
  }

  function onInput(event: InputEvent) {
    if (event.target === catcher.current && !event.isComposing) takeWritten();
  }

  const stroke = useRef<Stroke | null>(null);
  const press = useRef(0);
  /** In selecting by taps: the next tap ends what the last one began. */
  const isOpen = useRef(false);
  useLayoutEffect(() => {
    isOpen.current = false;
  }, [props.deeds]);

  function onPointerDown(event: PointerEvent) {
    if (event.button !== 0) return;
    const isTouch = event.pointerType === "touch";
    const here = cellOf(event.target);
    const isHandle = (event.target as Element).classList.contains("handle");
    const kind =
      canEdit && isHandle
        ? "pull"
        : canEdit && here && isBrushing
          ? "paint"
          : canEdit && here && (!isTouch || isSelecting)
            ? "select"
            : "look";
    stroke.current = {
      kind,
      cells: new Map(),
      from: here,
      wasActive: here !== null && isSame(here, active) && hasFocus && !isMany,
      x: event.clientX,
      y: event.clientY,
      isHeld: false,
    };
    if (kind === "pull") event.preventDefault();
    if (!here) return;
    setHovered(null);
    if (isTouch && canEdit) press.current = setTimeout(() => hold(here), LONG_PRESS_MS) as unknown as number;
    if (kind === "paint") addToStroke(here);
    if (kind === "select" && !isTouch) {
      props.onSelect(event.shiftKey ? { anchor: selection.anchor, head: here } : only(here));
      focusOn(here);
    }
  }

  /** A finger that rests on a cell begins a selection there, or a stroke of the brush in any direction. */
  function hold(here: Cell) {
    if (!stroke.current) return;
    stroke.current.isHeld = true;
    navigator.vibrate?.(10);
    if (stroke.current.kind === "paint") return;
    stroke.current.kind = "select";
    isOpen.current = true;
    props.onLongPress();
    props.onSelect(only(here));
    focusOn(here, true);
  }

  function addToStroke(cell: Cell) {
    const key = `${cell.row} ${cell.column}`;
    if (stroke.current?.cells.has(key)) return;
    stroke.current?.cells.set(key, cell);
    cellAt(cell)?.classList.add("nextPaint");
  }

  function onPointerMove(event: PointerEvent) {
    const now = stroke.current;
    if (!now) {
      if (event.pointerType === "mouse") hover(cellOf(event.target));
      return;
    }
    const hasMoved = Math.hypot(event.clientX - now.x, event.clientY - now.y) > TREMBLE_PX;
    if (hasMoved && !now.isHeld) clearTimeout(press.current);
    if (now.kind === "look") return;
    scrollAtEdge(event);
    const here = cellOf(document.elementFromPoint(event.clientX, event.clientY));
    if (!here) return;
    if (now.kind === "paint") addToStroke(here);
    else if (now.kind === "pull") place(frame.current, scroller.current, around(rect, here), rowHeight);
    else if (hasMoved && now.from && !isSame(here, active)) {
      const anchor = event.pointerType === "touch" && isOpen.current ? selection.anchor : now.from;
      props.onSelect({ anchor: event.shiftKey ? selection.anchor : anchor, head: here });
      focusOn(here, event.pointerType === "touch");
    }
  }

  function hover(cell: Cell | null) {
    const next = cell && notesOf(cell).length > 0 ? cell : null;
    setHovered((before) => (before && next && isSame(before, next) ? before : next));
  }

  /** Dragging to the edge goes on beyond it. */
  function scrollAtEdge(event: PointerEvent) {
    const box = scroller.current;
    if (!box || (event.pointerType === "touch" && !stroke.current?.isHeld)) return;
    const edges = box.getBoundingClientRect();
    const head = box.querySelector("thead")?.clientHeight ?? 0;
    const foot = box.querySelector("tfoot")?.clientHeight ?? 0;
    if (event.clientY > edges.bottom - foot - EDGE_PX) box.scrollTop += rowHeight / 2;
    else if (event.clientY < edges.top + head + EDGE_PX / 2) box.scrollTop -= rowHeight / 2;
    if (event.clientX > edges.right - EDGE_PX) box.scrollLeft += EDGE_PX;
  }

  function endStroke(event: PointerEvent) {
    const ended = stroke.current;
    stroke.current = null;
    clearTimeout(press.current);
    if (!ended) return;
    for (const cell of ended.cells.values()) cellAt(cell)?.classList.remove("nextPaint");
    const byTouch = event.pointerType === "touch";
    if (event.type === "pointercancel") return;
    if (ended.kind === "paint") {
      const cells = [...ended.cells.values()];
      const last = cells.at(-1);
      if (last) props.onSelect(only(last));
      if (cells.length > 0) props.onPaint(cells);
      if (last) focusOn(last, byTouch);
      return;
    }
    if (ended.kind === "pull") {
      const here = cellOf(document.elementFromPoint(event.clientX, event.clientY));
      place(frame.current, scroller.current, rect, rowHeight);
      if (here) props.onPull(here);
      return;
    }
    const dx = event.clientX - ended.x;
    const dy = event.clientY - ended.y;
    const isTap = Math.abs(dx) <= TREMBLE_PX && Math.abs(dy) <= TREMBLE_PX;
    if (ended.kind === "look" && event.pointerType !== "mouse") {
      if (Math.abs(dx) > SWIPE_PX && Math.abs(dx) > 2 * Math.abs(dy)) {
        props.onSwipe(dx < 0 ? 1 : -1);
        return;
      }
    }
    const here = cellOf(event.target);
    if (!here || !isTap) {
      isOpen.current = false;
      return;
    }
    if (ended.isHeld) return;
    if (ended.kind === "select" && byTouch) {
      props.onSelect(isOpen.current ? { anchor: selection.anchor, head: here } : only(here));
      isOpen.current = !isOpen.current;
      focusOn(here, true);
      return;
    }
    if (ended.kind === "look") props.onSelect(only(here));
    const element = focusOn(here, byTouch);
    if (canEdit && element && (byTouch || ended.wasActive)) props.onOpen(element);
  }

  useEffect(() => {
    const box = scroller.current;
    const stay = (event: TouchEvent) => {
      if (stroke.current?.isHeld) event.preventDefault();
    };
    box?.addEventListener("touchmove", stay, { passive: false });
    return () => box?.removeEventListener("touchmove", stay);
  }, []);

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
        </tr>
      </thead>
    ),
    [dates, days, today, language.value],
  );

  return (
    <section
      ref={scroller}
      class={`roster-scroll${isBrushing ? " brushing" : ""}${canEdit ? " editing" : ""}`}
      aria-label={props.caption}
      onScroll={() => {
        look();
        tuck(frame.current, scroller.current);
      }}
      onKeyDown={onKeyDown}
      onInput={onInput}
      onCompositionEnd={takeWritten}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={endStroke}
      onPointerCancel={endStroke}
      onPointerLeave={() => setHovered(null)}
      onMouseDown={(event) => {
        // The browser would give the focus to the cell and mark its text.
        if (canEdit && cellOf(event.target)) event.preventDefault();
      }}
      onContextMenu={(event) => {
        if (stroke.current?.isHeld) event.preventDefault();
      }}
      onFocusIn={(event) => {
        setFocus(cellOf(event.target) !== null);
        if ((event.target as Element).tagName === "TD" && !isByTouch.current) catcher.current?.focus();
      }}
      onFocusOut={() => setFocus(false)}
    >
      <table
        class="roster"
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose cells are moved in by arrow keys is a grid.
        role="grid"
        aria-rowcount={rows.length + 2 + props.covered.size}
        aria-colcount={dates.length + 1}
        aria-readonly={!canEdit}
        aria-multiselectable={canEdit}
      >
        <caption class="only-heard">{props.caption}</caption>
        {head}
        <tbody>
          {drawn.flatMap(({ start, end, gap }, part) => [
            gap > 0 && <Spacer key={`gap ${part}`} height={gap * rowHeight} columns={dates.length + 1} />,
            ...rows
              .slice(start, end)
              .map((row, index) => (
                <Row
                  key={row.id}
                  row={row}
                  index={start + index}
                  dates={dates}
                  days={days}
                  today={today}
                  shifts={shifts}
                  warnings={props.warnings.get(row.id)}
                  marks={props.marks.get(row.id)}
                />
              )),
          ])}
        </tbody>
        <CoverageRows
          dates={dates}
          shifts={shifts}
          totals={props.totals}
          totalsLabel={props.totalsLabel}
          covered={props.covered}
          firstIndex={rows.length + 2}
        />
      </table>
      {canEdit && (
        <div ref={frame} class={`selection${isMany ? " many" : ""}`} aria-hidden="true">
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

/** Puts the frame around cells; rows that are not drawn count by their height. */
function place(frame: HTMLElement | null, box: HTMLElement | null, rect: Rect, rowHeight: number) {
  const any = box?.querySelector<HTMLTableRowElement>("tr[data-row]");
  const left = any?.cells[rect.left + 1];
  const right = any?.cells[rect.right + 1];
  if (!frame || !any || !left || !right) return;
  const height = any.offsetHeight || rowHeight;
  const top = any.offsetTop + (rect.top - Number(any.dataset.row)) * height;
  tuck(frame, box, left.offsetLeft);
  frame.style.insetBlockStart = `${top}px`;
  frame.style.insetInlineStart = `${left.offsetLeft}px`;
  frame.style.inlineSize = `${right.offsetLeft + right.offsetWidth - left.offsetLeft}px`;
  frame.style.blockSize = `${(rect.bottom - rect.top + 1) * height}px`;
}

/** Cuts off what would lie over the names, which are in stacks of their own, row by row. */
function tuck(frame: HTMLElement | null, box: HTMLElement | null, start = frame?.offsetLeft ?? 0) {
  const names = box?.querySelector<HTMLElement>(".corner");
  if (!frame || !box || !names) return;
  const hidden = box.scrollLeft + names.offsetWidth - start;
  frame.style.clipPath = hidden > 0 ? `inset(-5px -5px -5px ${hidden}px)` : "";
}

const around = (rect: Rect, cell: Cell): Rect => ({
  top: Math.min(rect.top, cell.row),
  left: Math.min(rect.left, cell.column),
  bottom: Math.max(rect.bottom, cell.row),
  right: Math.max(rect.right, cell.column),
});

function cellOf(target: EventTarget | null): Cell | null {
  const cell = (target as Element | null)?.closest?.("td");
  const row = cell?.closest<HTMLElement>("tr[data-row]");
  return cell && row ? { row: Number(row.dataset.row), column: cell.cellIndex - 1 } : null;
}
