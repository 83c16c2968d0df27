"""Writes tables as files of every format that planners send. Nothing is copied from a real file."""

import csv
import io
import struct
import zipfile
from collections.abc import Callable
from datetime import date
from functools import partial, wraps
from itertools import groupby
from xml.sax.saxutils import escape

import openpyxl
from openpyxl.styles import PatternFill


class Later:
    """A file that is written when somebody asks for its bytes."""

    def __init__(self, write: Callable[[], bytes]) -> None:
        self._write = write

    def __bytes__(self) -> bytes:
        return self._write()


def later(write: Callable[..., bytes]) -> Callable[..., Later]:
    """Whoever collects the tests would wait for hundreds of workbooks, and every process collects all of them."""

    @wraps(write)
    def put_off(*given, **options) -> Later:
        return Later(partial(write, *given, **options))

    return put_off


@later
def xlsx(rows, *, title="Sheet1", merged=(), colours=(), more=()) -> bytes:
    """A workbook; `colours` are (cell or range, RGB), `more` further (name, rows)."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for cells in merged:
        sheet.merge_cells(cells)
    for cells, colour in colours:
        for line in sheet[cells] if ":" in cells else [[sheet[cells]]]:
            for cell in line:
                cell.fill = PatternFill("solid", start_color=colour)
    for name, others in more:
        other = book.create_sheet(name)
        for row in others:
            other.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


@later
def strict(body: Later) -> bytes:
    """The workbook in the namespaces of ISO 29500 Strict."""
    packed = io.BytesIO()
    names = {
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
            b"http://purl.oclc.org/ooxml/officeDocument/relationships"
        ),
    }
    with zipfile.ZipFile(io.BytesIO(bytes(body))) as source, zipfile.ZipFile(packed, "w") as target:
        for part in source.namelist():
            content = source.read(part)
            for loose, exact in names.items():
                content = content.replace(loose, exact)
            target.writestr(part, content)
    return packed.getvalue()


def ods(rows, *, title="Sheet1", look="", row=None, column=None) -> bytes:
    """Equal cells beside each other are written once, as programs do; a row, or one of its cells, may have a look of its own."""

    def cell(value) -> str:
        if value is None or value == "":
            return "<table:table-cell/>"
        if isinstance(value, date):
            return f'<table:table-cell office:value-type="date" office:date-value="{value}"/>'
        if isinstance(value, int):
            number = f'office:value-type="float" office:value="{value}"'
            return f"<table:table-cell {number}><text:p>{value}</text:p></table:table-cell>"
        lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in value.split("\n"))
        return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'

    def line(number, values) -> str:
        cells = [(cell(value), number == row and column in (None, at)) for at, value in enumerate(values)]
        written = ""
        for (each, has_look), same in groupby(cells):
            attributes = f" table:number-columns-repeated='{len(list(same))}'" + " table:style-name='own'" * has_look
            written += each.replace("<table:table-cell", f"<table:table-cell{attributes}", 1)
        return f"<table:table-row>{written}<table:table-cell table:number-columns-repeated='16000'/></table:table-row>"

    lines = "".join(line(number, values) for number, values in enumerate(rows))
    style = f"<style:style style:name='own' style:family='table-cell'><style:text-properties {look}/></style:style>"
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{office}" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
        'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
        f"<office:automatic-styles>{style}</office:automatic-styles><office:body><office:spreadsheet>"
        f'<table:table table:name="{title}">{lines}'
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row></table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return packed.getvalue()


def text(rows, *, encoding="utf-8", delimiter=",") -> bytes:
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows(
        [["" if value is None else value for value in row] for row in rows]
    )
    return written.getvalue().encode(encoding)


def xls(rows, *, title="Sheet1") -> bytes:
    """Excel 97: a BIFF8 stream of labels and numbers in a compound file with one stream."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def cell(row: int, column: int, value) -> bytes:
        at = struct.pack("<HHH", row, column, 0)
        if isinstance(value, int):
            return record(0x0203, at + struct.pack("<d", value))
        value = str(value)
        return record(0x0204, at + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))

    begin = lambda kind: record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))  # noqa: E731
    name = title.encode("utf-16-le")
    head = begin(5) + record(0x0042, struct.pack("<H", 1200))
    place = len(head) + 4 + 8 + len(name) + 4
    head += record(0x0085, struct.pack("<IHBB", place, 0, len(title), 1) + name) + record(0x000A, b"")
    cells = b"".join(
        cell(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row) if value not in (None, "")
    )
    return _compound(head + begin(0x10) + cells + record(0x000A, b""))


def _compound(stream: bytes) -> bytes:
    stream = stream.ljust(4096, b"\0")
    sectors = -(-len(stream) // 512)
    assert sectors + 2 <= 128, "one sector of the allocation table"
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", 0) + b"\xff" * 4 * 108
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    table += [0xFFFFFFFF] * (128 - len(table))

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        encoded = (name + "\0").encode("utf-16-le") if name else b""
        links = struct.pack("<BBIII", kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
        return (
            encoded.ljust(64, b"\0")
            + struct.pack("<H", len(encoded))
            + links
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    none = 0xFFFFFFFF
    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, none, 2, len(stream))
    directory += entry("", 0, none, 0, 0) * 2
    return header + struct.pack("<128I", *table) + directory + stream.ljust(sectors * 512, b"\0")
