"""Reads the tables of web pages, which many systems export under the name of a workbook. Pure."""

import re
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser

from daka.spreadsheets.sheet import (
    MOST_COLUMNS,
    MOST_ROWS,
    MergedRange,
    Merging,
    Row,
    Sheet,
    plain,
    too_many_rows,
    without_blank_end,
)

_BLOCK = ("p", "div", "li")
_CELL = ("td", "th")
_TITLE = ("h1", "h2", "h3", "h4", "caption")
_PICTURES = ("img", "svg", "input", "object")
"""What may stand for a shift without a text."""
_STRUCK = ("s", "strike", "del")
_CLASS = re.compile(r"\.([\w-]{1,80})\s*\{([^{}]*)\}")
_WHITE = ("white", "#fff", "#ffffff", "rgb(255,255,255)")
_NO_FILL = ("", "none", "transparent", "inherit", "initial", "auto", *_WHITE)
_DECORATION = ("text-decoration", "text-decoration-line")


class _Tables(HTMLParser):
    """The rows of a page's tables, one below the other, with a blank row between two; and their merged ranges."""

    def __init__(self, found: Sheet) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.merging = Merging(found.hollow)
        self._found = found
        self._colours: dict[str, int] = {}
        self._classes: dict[str, str] = {}
        """The declarations of the classes that the page defines itself."""
        self._columns = 0
        self._row_fill = ""
        self._is_style = False
        self._taken: dict[int, int] = {}
        """Columns that a cell of an earlier row reaches into, with the number of its last row."""
        self._text: list[str] | None = None
        self._at = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table" and self._text is not None:
            self._found.hollow.add((len(self.rows), self._at + 1))
        if tag in ("table", "tr", *_CELL, *_TITLE):
            self._end_of_cell()
        self._is_style = tag == "style"
        if self._text is not None and (tag == "br" or (tag in _BLOCK and self._text)):
            self._text.append("\n")
        if self._text is not None and tag in _PICTURES:
            self._found.hollow.add((len(self.rows), self._at + 1))
        if self._text is not None and tag in _STRUCK:
            self._found.aside.add((len(self.rows), self._at + 1))
        if tag in ("table", "tr", *_TITLE):
            self.rows.append([])
            if len(self.rows) > MOST_ROWS:
                raise too_many_rows()
        if tag == "table":
            self._columns = 0
        said, number = dict(attrs), len(self.rows)
        look = self._look(said)
        is_hidden = "hidden" in said or look.get("display") == "none"
        if tag == "tr":
            self._row_fill = _fill(look)
            if is_hidden:
                self._found.aside.add((number, 0))
        if tag == "col":
            span = min(_count(said.get("span")), MOST_COLUMNS)
            if is_hidden:
                self._found.aside.update((0, self._columns + step) for step in range(1, span + 1))
            self._columns += span
        if tag in _TITLE:
            self.rows[-1].append(None)
            self._text, self._at = [], 0
        if tag not in _CELL or not self.rows:
            return
        row = self.rows[-1]
        while self._taken.get(len(row) + 1, 0) >= number:
            row.append(None)
        across, down = (min(_count(said.get(name)), MOST_COLUMNS) for name in ("colspan", "rowspan"))
        is_overflow = "mso-ignore:colspan" in (
            said.get("style") or ""
        )  # Excel shows a long text over the blank cells beside it
        if (across > 1 and not is_overflow) or down > 1:
            self.merging.add(MergedRange(number, len(row) + 1, number + down - 1, len(row) + across))
            self._taken.update((len(row) + step, number + down - 1) for step in range(1, across + 1))
        row.extend([None] * across if len(row) < MOST_COLUMNS else [])
        self._text, self._at = [], len(row) - across
        at = number, self._at + 1
        if fill := _fill(look):
            self._found.fills[at] = self._colours.setdefault(fill, len(self._colours) + 1)
        is_white = look.get("color") in _WHITE and not fill and not self._row_fill
        if is_hidden or is_white or any("line-through" in look.get(name, "") for name in _DECORATION):
            self._found.aside.add(at)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("tr", "table", *_CELL, *_TITLE):
            self._end_of_cell()

    def handle_data(self, data: str) -> None:
        if self._is_style:
            self._classes.update((found[1], found[2]) for found in _CLASS.finditer(data))
        elif self._text is not None:
            self._text.append(data.replace("\r", "").replace("\n", " "))

    def _look(self, said: dict[str, str | None]) -> dict[str, str]:
        """What a tag's style and classes say of its look: property and value."""
        classes = (self._classes.get(name, "") for name in (said.get("class") or "").split()[:9])
        texts = [f"background:{said.get('bgcolor') or ''}", *classes, said.get("style") or ""]
        said_so = (each.partition(":") for text in texts for each in text.lower().split(";"))
        return {name.strip(): re.sub(r"\s", "", value) for name, _, value in said_so}

    def _end_of_cell(self) -> None:
        if self._text is not None and 0 <= self._at < len(self.rows[-1]):
            self.rows[-1][self._at] = plain("".join(self._text).strip())
        self._text = None


def _fill(look: dict[str, str]) -> str:
    """The colour behind a cell or row; "" is that of the paper."""
    fills = (look.get(name, "") for name in ("background", "background-color"))
    return next((fill for fill in fills if fill not in _NO_FILL), "")


def _count(text: str | None) -> int:
    return max(1, int(text)) if text and text.isdecimal() else 1


def html_sheets(text: str) -> Iterator[Sheet]:
    """The tables of a web page as one sheet."""
    yield Sheet.of("", partial(_rows, text))


def _rows(text: str, found: Sheet) -> list[tuple[int, Row]]:
    page = _Tables(found)
    page.feed(text)
    page.close()
    rows = []
    for number, row in enumerate(page.rows, start=1):
        page.merging.fill(number, row)
        if without_blank_end(row):
            rows.append((number, row[:MOST_COLUMNS]))
    return rows
