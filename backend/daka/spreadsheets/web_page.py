"""Reads the tables of web pages, which many systems export under the name of a workbook. Pure."""

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
_CELL, _CELL_END = ("td", "th"), ("td", "th", "tr", "table")


class _Tables(HTMLParser):
    """The rows of a page's tables, one below the other, with a blank row between two; and their merged ranges."""

    def __init__(self, found: Sheet) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.merging = Merging(found.hollow)
        self._aside = found.aside
        self._taken: dict[int, int] = {}
        """Columns that a cell of an earlier row reaches into, with the number of its last row."""
        self._text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("table", "tr", *_CELL):
            self._end_of_cell()
        if self._text is not None and (tag == "br" or (tag in _BLOCK and self._text)):
            self._text.append("\n")
        if tag in ("table", "tr"):
            self.rows.append([])
            if len(self.rows) > MOST_ROWS:
                raise too_many_rows()
            if _is_hidden(attrs):
                self._aside.add((len(self.rows), 0))
        if tag not in _CELL or not self.rows:
            return
        said, number, row = dict(attrs), len(self.rows), self.rows[-1]
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
        if _is_hidden(attrs):
            self._aside.add((number, self._at + 1))

    def handle_endtag(self, tag: str) -> None:
        if tag in _CELL_END:
            self._end_of_cell()

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data.replace("\r", "").replace("\n", " "))

    def _end_of_cell(self) -> None:
        if self._text is not None and 0 <= self._at < len(self.rows[-1]):
            self.rows[-1][self._at] = plain("".join(self._text).strip())
        self._text = None


def _is_hidden(attrs: list[tuple[str, str | None]]) -> bool:
    return "display:none" in (dict(attrs).get("style") or "").replace(" ", "").lower()


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
