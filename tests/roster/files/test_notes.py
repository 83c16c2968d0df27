"""What people noted at cells is told with its cell; the cell is read as it stands."""

from typing import Any

import pytest
from openpyxl.comments import Comment

from daka.roster.transfer.reading import read_file
from roster.files.date_shapes import xml_2003
from roster.files.formats import Later, ods, strict, xlsx
from roster.files.more_shapes import TITLE, WEEK, edited, with_part
from roster.files.shapes import wide

BODY = xlsx([*TITLE, *wide(WEEK)])
SAID = "王主管:\n改为夜班"


def noted(cell: str, text: str = SAID, author: str = "王主管") -> Later:
    def note(sheet: Any) -> None:
        sheet[cell].comment = Comment(text, author)

    return edited(BODY, note)


def notes(body: bytes | Later) -> list[tuple[Any, ...]]:
    found = read_file(bytes(body))
    assert found.problems == []
    assert len([cell for cell in found.cells if cell.code]) == 21
    return [
        (each.row, each.column, each.value, each.person and each.person.name, each.day) for each in found.notes.problems
    ]


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("C4", (4, 3, "改为夜班", "李四", WEEK[1])),
        ("A4", (4, 1, "改为夜班", "李四", None)),
        ("C2", (2, 3, "改为夜班", None, None)),
        ("A1", (1, 1, "改为夜班", None, None)),
    ],
)
def test_a_note_is_told_with_its_cell(cell: str, told: tuple[Any, ...]) -> None:
    assert notes(noted(cell)) == [told]
    assert notes(strict(noted(cell))) == [told]


def test_our_own_notes_and_empty_ones_are_not_told() -> None:
    assert notes(noted("C4", "年假", "Daka")) == []
    assert notes(noted("C4", " ", "王主管")) == []


def test_notes_of_other_formats() -> None:
    told = [(3, 2, "改为夜班", "张三", WEEK[0])]
    word = wide(WEEK)[1][1]

    def annotated(xml: bytes) -> bytes:
        note = "<office:annotation><text:p>改为夜班</text:p></office:annotation>"
        return xml.replace(f"<text:p>{word}</text:p>".encode(), f"{note}<text:p>{word}</text:p>".encode(), 1)

    assert notes(with_part(ods([*TITLE, *wide(WEEK)]), "content.xml", annotated)) == told
    at = f"{word}</Data>".encode()
    comment = '<Comment ss:Author="王主管"><ss:Data>王主管:改为夜班</ss:Data></Comment>'.encode()
    assert notes(xml_2003([*TITLE, *wide(WEEK)]).replace(at, at + comment, 1)) == told
