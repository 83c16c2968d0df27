"""Reads XLSX row by row, with openpyxl's parser and defusedxml. Pure."""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

from daka.spreadsheets.sheet import (
    MOST_BLANK_ROWS,
    MOST_COLUMNS,
    MOST_ROWS,
    BadFile,
    MergedRange,
    Merging,
    Row,
    Sheet,
    plain,
    too_many_rows,
    whatever_breaks_it,
    without_blank_end,
)

MOST_UNPACKED_BYTES = 120_000_000
MOST_SHARED_BYTES = 30_000_000
"""Limit for parts that are kept in memory whole: shared strings, styles."""
MOST_PARTS = 1_000
DAYS_FROM_1900_TO_1904 = 1_462
_FIRST_OWN_FORMAT = 164
"""Number of the first format that is not one of Excel's own."""
_SHARED_STRING = re.compile(rb"<(?:\w+:)?si(?:\s[^<>]*)?(?:/>|>(?:[^<]++|<(?!/?(?:\w+:)?si[\s/>]))*+</(?:\w+:)?si>)")
_STRUCK = re.compile(rb"<(?:\w+:)?strike\s*/>|<(?:\w+:)?strike\s+val=\"(?:1|true)\"")


def refuse_bombs(archive: zipfile.ZipFile) -> None:
    """Raises BadFile: the workbook, XLSX or ODS, would unpack into too much."""
    # zipfile never unpacks more of a member than its header declares, so the declared sizes are upper bounds.
    parts = archive.infolist()
    in_memory = sum(part.file_size for part in parts if not part.filename.startswith("xl/worksheets/"))
    if (
        len(parts) > MOST_PARTS
        or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES
        or in_memory > MOST_SHARED_BYTES
    ):
        raise BadFile("file_unpacks_too_large", "文件解压后太大，未读取；请只保留需要的工作表再导入")


_STRICT = b"http://purl.oclc.org/ooxml/"
_STRICT_NAMES = {
    _STRICT + b"spreadsheetml/main": b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    _STRICT + b"drawingml/main": b"http://schemas.openxmlformats.org/drawingml/2006/main",
    _STRICT + b"officeDocument/": b"http://schemas.openxmlformats.org/officeDocument/2006/",
}


def _without_strict_names(archive: zipfile.ZipFile, body: bytes) -> bytes:
    """The workbook in the namespaces that openpyxl knows; ISO 29500 Strict has others."""
    if _STRICT not in archive.read("xl/workbook.xml"):
        return body
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        for part in archive.infolist():
            content = archive.read(part)
            for exact, loose in _STRICT_NAMES.items():
                content = content.replace(exact, loose)
            target.writestr(part.filename, content)
    return packed.getvalue()


def xlsx_sheets(body: bytes, archive: zipfile.ZipFile) -> Iterator[Sheet]:
    """The visible sheets of a workbook; `archive` is its body, opened."""
    import openpyxl  # megabytes that most processes never need

    body = _without_strict_names(archive, body)
    book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
    with closing(book):
        worksheets: list[Any] = list(book.worksheets)
        struck = _struck_strings(archive)
        for sheet in worksheets:
            if sheet.sheet_state == "visible":
                path = sheet._worksheet_path
                found = Sheet.of(sheet.title, partial(_rows, sheet, _merged_ranges(archive, path), struck))
                _add_notes(archive, path, found)
                yield found


def _parser(sheet: Any, source: Any, struck: set[str]) -> Any:
    """openpyxl's own parser of a sheet; marks formulas without a stored value, which it takes for blank cells, and the
    shared strings that are `struck` through."""
    from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

    class Parser(WorkSheetParser):
        def parse_cell(self, element: Any) -> Any:
            cell = super().parse_cell(element)
            if cell["value"] is None and element.get("t") != "str" and element.find(FORMULA_TAG) is not None:
                cell["data_type"] = "hollow"
            elif _is_struck(element, struck):
                cell["data_type"] = "struck"
            return cell

    book = sheet.parent
    formats = {"date_formats": book._date_formats, "timedelta_formats": book._timedelta_formats}
    return Parser(source, sheet._shared_strings, data_only=True, epoch=book.epoch, **formats)


def _is_struck(element: Any, struck: set[str]) -> bool:
    """Whether a part of a cell's text is struck through."""
    from openpyxl.worksheet._reader import VALUE_TAG

    if element.get("t") == "inlineStr":
        return any(each.tag.endswith("}strike") for each in element.iter())
    return bool(struck) and element.get("t") == "s" and element.findtext(VALUE_TAG) in struck


@dataclass(frozen=True, slots=True)
class _Look:
    """What a style of a workbook makes of its cells."""

    colour: int
    """0 if none or white."""
    is_unseen: bool
    """Its text is struck through or white on white, or its format shows no value."""
    words: dict[str, str]
    """What is shown in place of numbers: 早 for 1 in the format [=1]"早"."""


_WORD_OF_NUMBER = re.compile(r'\[=(\d+)\]"?([^";\[\]]+)')


def _looks(book: Any) -> list[_Look]:
    """The look of each style of a workbook."""
    numbers: dict[str, int] = {}
    of_fill = []
    is_plain = [getattr(fill, "fill_type", None) in (None, "none", "solid") for fill in book._fills]
    for fill in book._fills:
        colour = fill.fgColor if getattr(fill, "fill_type", None) == "solid" else None
        is_blank = colour is None or _is_white(colour)
        of_fill.append(0 if is_blank else numbers.setdefault(repr(colour), len(numbers) + 1))
    struck = [bool(font.strike) for font in book._fonts]
    white = [font.color is not None and _is_white(font.color) for font in book._fonts]
    formats = dict(enumerate(book._number_formats, start=_FIRST_OWN_FORMAT))
    found = []
    for style in book._cell_styles:
        format_code = formats.get(style.numFmtId, "")
        is_struck = style.fontId < len(struck) and struck[style.fontId]
        colour = of_fill[style.fillId] if style.fillId < len(of_fill) else 0
        is_on_white = not colour and (style.fillId >= len(is_plain) or is_plain[style.fillId])
        is_unseen = (
            is_struck or format_code == ";;;" or (is_on_white and style.fontId < len(white) and white[style.fontId])
        )
        found.append(_Look(colour, is_unseen, dict(_WORD_OF_NUMBER.findall(format_code))))
    return found


def _is_white(colour: Any) -> bool:
    """The theme's first colour is that of the paper."""
    is_paper = colour.type == "theme" and colour.theme == 0 and not colour.tint
    return is_paper or (colour.type == "rgb" and str(colour.rgb).upper() in ("FFFFFFFF", "00FFFFFF"))


def _struck_strings(archive: zipfile.ZipFile) -> set[str]:
    """The indices of shared strings of which a part is struck through."""
    content = archive.read("xl/sharedStrings.xml") if "xl/sharedStrings.xml" in archive.namelist() else b""
    if b"strike" not in content:
        return set()
    return {str(index) for index, each in enumerate(_SHARED_STRING.finditer(content)) if _STRUCK.search(each[0])}


def _rows(sheet: Any, merged: list[MergedRange], struck: set[str], found: Sheet) -> Iterator[tuple[int, Row]]:
    with whatever_breaks_it(), sheet._get_source() as source:
        merging, looks = Merging(found.hollow, merged), _looks(sheet.parent)
        last = count = 0
        parser = _parser(sheet, source, struck)
        counts_from_1904 = sheet.parent.epoch.year == 1904
        for number, cells in parser.parse():
            if not last:
                found.aside.update((0, column) for column in _hidden_columns(parser.column_dimensions))
            if _is_hidden(parser.row_dimensions.pop(str(number), {}), "ht"):
                found.aside.add((number, 0))
            row: Row = []
            for cell in cells:
                column, value = cell["column"], plain(cell["value"])
                if counts_from_1904 and isinstance(value, (int, float)) and 20_000 < value < 80_000:
                    value += DAYS_FROM_1900_TO_1904  # a date that is shown as a number
                if not 0 < column <= MOST_COLUMNS:
                    continue
                if cell["style_id"]:
                    look = looks[cell["style_id"]]
                    if look.colour:
                        found.fills[number, column] = look.colour
                    if look.is_unseen:
                        found.aside.add((number, column))
                    value = look.words.get(str(value), value) if look.words else value
                if cell["data_type"] == "struck":
                    found.aside.add((number, column))
                if cell["data_type"] == "hollow":
                    found.hollow.add((number, column))
                if value is not None:
                    row.extend([None] * (column - len(row)))
                    row[column - 1] = value
            merging.fill(number, row)
            if not (row := without_blank_end(row)):
                continue
            if number <= last:
                raise BadFile("file_broken", "无法读取这个工作簿：行的顺序不对")
            if number - last > MOST_BLANK_ROWS and last:
                return
            last, count = number, count + 1
            if count > MOST_ROWS:
                raise too_many_rows()
            yield number, row


def _is_hidden(dimension: dict[str, str], size: str) -> bool:
    """Whether a row or column is hidden, filtered out or of no size."""
    return dimension.get("hidden") in ("1", "true") or dimension.get(size) in ("0", "0.0")


def _hidden_columns(dimensions: dict[str, dict[str, str]]) -> Iterator[int]:
    for each in dimensions.values():
        if _is_hidden(each, "width"):
            yield from range(int(each["min"]), min(int(each["max"]), MOST_COLUMNS) + 1)


_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")


def _add_notes(archive: zipfile.ZipFile, path: str, found: Sheet) -> None:
    """The notes at the cells of a sheet, which are in a part of their own."""
    from defusedxml.ElementTree import fromstring

    folder, _, name = path.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels"
    for relation in fromstring(archive.read(relations)) if relations in archive.namelist() else ():
        part = posixpath.normpath(posixpath.join(f"/{folder}", relation.get("Target", ""))).lstrip("/")
        if not relation.get("Type", "").endswith("/comments") or part not in archive.namelist():
            continue
        root = fromstring(archive.read(part))
        authors = [each.text or "" for each in root.iterfind("{*}authors/{*}author")]
        for each in root.iterfind("{*}commentList/{*}comment"):
            cell, author = _CELL.fullmatch(each.get("ref", "")), int(each.get("authorId", "0"))
            text = "".join(piece.text or "" for piece in each.iterfind("{*}text//{*}t"))
            if cell:
                found.add_note(
                    int(cell[2]), _number(cell[1].encode()), text, authors[author] if author < len(authors) else ""
                )


def _merged_ranges(archive: zipfile.ZipFile, path: str) -> list[MergedRange]:
    """The merged ranges of a sheet. They follow the cells, so the part is scanned in pieces."""
    found = Merging(set())
    tail = b""
    with archive.open(path) as part:
        while piece := part.read(1 << 20):
            text = tail + piece
            end = 0
            for match in _MERGED.finditer(text):
                end = match.end()
                first_column, first_row, last_column, last_row = match.groups()
                found.add(MergedRange(int(first_row), _number(first_column), int(last_row), _number(last_column)))
            tail = text[max(end, len(text) - 200) :]
    return sorted(
        (merged for merged in found.ranges if merged.first_column <= MOST_COLUMNS),
        key=lambda merged: (merged.first_row, merged.first_column),
    )


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
