"""Files that mean harm: small ones that take much time or memory to read, and what no parser should follow.

None is larger than what the server takes.
"""

import io
import json
import zipfile
from collections.abc import Callable

SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TOO_LONG, TOO_COMPLEX = "file_takes_too_long", "file_too_complex"
READERS = {
    "roster": ("daka.roster.transfer.file_lines:read_lines", {"file_name": "x", "month": None}),
    "people": ("daka.identity.people_files:read_lines", {}),
    "calendar": ("daka.roster.holidays.files:read_lines", {}),
}
"""Each reader of uploaded files, with its options."""
HEADINGS = "姓名,日期,班次,工号\n"
ENTITIES = "<!DOCTYPE x [<!ENTITY l0 'ha'>" + "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 9))


def workbook(*, sheets: int = 1, **parts: str | bytes) -> bytes:
    """A workbook made by hand. `parts` replaces what a part holds: `sheet`, `workbook`, `strings`, `styles`."""
    names = [f"sheet{number}" for number in range(1, sheets + 1)]
    listed = "".join(f'<sheet name="{name}" sheetId="{at}" r:id="r{at}"/>' for at, name in enumerate(names, 1))
    related = "".join(
        f'<Relationship Id="r{at}" Type="{OFFICE}/worksheet" Target="worksheets/{name}.xml"/>'
        for at, name in enumerate(names, 1)
    )
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/{name}.xml" ContentType="{TYPES}.worksheet+xml"/>' for name in names
    )
    more = {"strings": ("sharedStrings", "sharedStrings"), "styles": ("styles", "styles")}
    for key, (file, kind) in more.items():
        if key in parts:
            related += f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{file}.xml"/>'
            overrides += f'<Override PartName="/xl/{file}.xml" ContentType="{TYPES}.{kind}+xml"/>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
            f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>{overrides}</Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r0" Type="{OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            parts.get("workbook", f"<workbook {MAIN} {RELATIONS}><sheets>{listed}</sheets></workbook>"),
        )
        for name in names:
            archive.writestr(f"xl/worksheets/{name}.xml", parts.get("sheet", sheet("")))
        for key, (file, _) in more.items():
            if key in parts:
                archive.writestr(f"xl/{file}.xml", parts[key])
    return packed.getvalue()


def sheet(rows: str, *, after: str = "") -> str:
    return f"<worksheet {MAIN}><sheetData>{rows}</sheetData>{after}</worksheet>"


def _text_cells(*texts: str) -> str:
    return "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)


TABLE = (
    f"<row>{_text_cells('姓名', '日期', '班次', '工号')}</row>" + f"<row>{_text_cells('a', 'b', 'c', 'd')}</row>" * 20
)


def _bomb(part: str, size: int) -> bytes:
    packed = io.BytesIO(workbook())
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive, archive.open(part, "w") as file:
        for _ in range(size // 1_000_000):
            file.write(b" " * 1_000_000)
    return packed.getvalue()


def _many_entries() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(30_000):
            archive.writestr(f"xl/{number}", b"")
    return packed.getvalue()


def _broken_deflate() -> bytes:
    body = bytearray(workbook(sheet=sheet(TABLE * 100)))
    at = body.index(b"xl/worksheets/sheet1.xml") + len(SHEET)
    body[at + 20 : at + 60] = b"\xff" * 40
    return bytes(body)


def _crowded(start: str, end: str) -> bytes:
    """Rows under a merged range that is as large as a sheet can be, many times over."""
    merges = f'<mergeCell ref="{start}:{end}"/>' * 4_900
    return workbook(
        sheet=sheet(TABLE + "<row><c><v>1</v></c></row>" * 100_000, after=f"<mergeCells>{merges}</mergeCells>")
    )


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    # text
    "parentheses": ("roster_not_recognised", lambda: b"(" * 40_000),
    "parentheses in a cell": ("", lambda: (HEADINGS + "(" * 30_000 + ",1,2\n").encode()),
    "parentheses in headings": ("roster_not_recognised", lambda: ("(" * 40_000 + HEADINGS).encode()),
    "quotes in JSON": ("file_not_json", lambda: b'{"""' * 10_000),
    "commas in JSON": ("file_not_json?", lambda: b"{" + b"," * 9_000_000),
    "blanks in JSON": ("file_not_json?", lambda: b"[1," + b" " * 9_000_000),
    "arrays in arrays": ("file_not_json?", lambda: b"[" * 9_000_000),
    "objects in objects": ("file_not_json?", lambda: b'{"a":' * 1_800_000),
    "millions of arrays": ("roster_not_recognised?", lambda: b"[" + b"[]," * 3_000_000 + b"1]"),
    "millions of objects": ("roster_not_recognised?", lambda: b"[" + b'{"a":{}},' * 1_000_000 + b"1]"),
    "a number without end": ("file_not_json?", lambda: b'{"2026":{"7":{"1":' + b"9" * 9_000_000 + b"}}}"),
    "numbers that are infinite": (
        "",
        lambda: json.dumps({"2026": {"7": {str(day): 1e999 for day in range(1, 29)}}}).encode(),
    ),
    "a field without end": ("file_broken", lambda: b'"' + b"a" * 9_000_000),
    "a quoted field of all rows": ("file_broken", lambda: b'a,"' + b"x,y\n" * 2_000_000),
    "millions of columns": ("roster_not_recognised?", lambda: b"," * 9_000_000),
    "millions of rows": ("file_too_many_rows?", lambda: HEADINGS.encode() + b"a,2026-12-01,b,c\n" * 520_000),
    "blank rows": ("?", lambda: HEADINGS.encode() + b"\n" * 9_000_000),
    "combining characters": (
        "?",
        lambda: (HEADINGS + ("a" + "\u0315" * 15_000 + "\u0334" * 15_000 + ",1,2\n") * 140).encode(),
    ),
    "no text at all": ("file_unknown_encoding", lambda: bytes(range(256)) * 30_000),
    # workbooks
    "a sheet that unpacks to 200 MB": (
        "file_unpacks_too_large",
        lambda: _bomb("xl/worksheets/sheet2.xml", 200_000_000),
    ),
    "strings that unpack to 40 MB": ("file_unpacks_too_large", lambda: _bomb("xl/sharedStrings.xml", 40_000_000)),
    "millions of cells in a row": ("?", lambda: workbook(sheet=sheet(f"<row>{'<c><v>1</v></c>' * 5_000_000}</row>"))),
    "millions of rows of a cell": (
        "?",
        lambda: workbook(sheet=sheet(TABLE + "<row><c><v>1</v></c></row>" * 3_500_000)),
    ),
    "millions of strings": ("?", lambda: workbook(strings=f"<sst {MAIN}>{'<si><t>x</t></si>' * 1_700_000}</sst>")),
    "millions of formats": (
        "?",
        lambda: workbook(
            styles=f"<styleSheet {MAIN}><cellXfs>" + '<xf numFmtId="1"/>' * 1_500_000 + "</cellXfs></styleSheet>"
        ),
    ),
    "millions of names": (
        "?",
        lambda: workbook(
            workbook=f"<workbook {MAIN} {RELATIONS}><sheets/><definedNames>"
            + '<definedName name="a">A1</definedName>' * 700_000
            + "</definedNames></workbook>"
        ),
    ),
    "hundreds of sheets": ("?", lambda: workbook(sheets=900, sheet=sheet(TABLE))),
    "a million merged ranges": (
        "file_too_many_merged",
        lambda: workbook(
            sheet=sheet(TABLE, after="<mergeCells>" + '<mergeCell ref="A1:B2"/>' * 1_000_000 + "</mergeCells>")
        ),
    ),
    "merged ranges over everything": ("roster_not_recognised?", lambda: _crowded("A1", "XFD1048576")),
    "elements in elements": ("?", lambda: workbook(sheet=sheet("<a>" * 5_000_000))),
    "a value of 100 MB": (
        "roster_not_recognised?",
        lambda: workbook(sheet=sheet(f"<row>{_text_cells('x' * 100_000_000)}</row>")),
    ),
    "entities in the sheet": ("file_broken", lambda: workbook(sheet=f"{ENTITIES}]><worksheet {MAIN}>&l8;</worksheet>")),
    "entities in the strings": (
        "file_broken",
        lambda: workbook(strings=f"{ENTITIES}]><sst {MAIN}><si><t>&l8;</t></si></sst>"),
    ),
    "entities in the book": ("file_broken", lambda: workbook(workbook=f"{ENTITIES}]><workbook>&l8;</workbook>")),
    "a file of this machine": (
        "file_broken",
        lambda: workbook(
            strings=f'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><sst {MAIN}><si><t>&f;</t></si></sst>'
        ),
    ),
    "a row and a column far away": (
        "file_broken",
        lambda: workbook(sheet=sheet('<row r="999999999999"><c r="ZZZZ999999999999"><v>1</v></c></row>')),
    ),
    "a date beyond all years": (
        "file_broken",
        lambda: workbook(sheet=sheet('<row><c t="d"><v>99999-99-99</v></c><c t="n"><v>1e308</v></c></row>')),
    ),
    "tens of thousands of parts": ("file_unpacks_too_large", _many_entries),
    "a part that is damaged": ("file_broken", _broken_deflate),
    "no workbook": ("file_broken", lambda: b"PK\x03\x04" + b"\0" * 9_000_000),
}
"""How reading it as a roster ends (`""`: it is read), and what makes it. `?`: time or memory may run out before."""


def ends(name: str) -> set[str]:
    """The codes with which reading this file as a roster may end."""
    code = FILES[name][0]
    return {code.rstrip("?"), *((TOO_LONG, TOO_COMPLEX) if code.endswith("?") else ())}
