"""Runs the measuring rod. A shape that is read as another roster, without a question, is the worst that can happen."""

import pytest

from daka.roster.transfer.reading import read_file
from daka.spreadsheets.sheet import BadFile
from daka.widths import key
from roster.files.beside_shapes import beside_shapes
from roster.files.cell_shapes import cell_shapes
from roster.files.change_shapes import change_shapes
from roster.files.date_shapes import date_shapes
from roster.files.doubt_shapes import doubt_shapes
from roster.files.heading_shapes import heading_shapes
from roster.files.list_shapes import list_shapes
from roster.files.look_shapes import look_shapes
from roster.files.month_shapes import month_shapes
from roster.files.more_shapes import more_shapes
from roster.files.people_shapes import people_shapes
from roster.files.register_shapes import register_shapes
from roster.files.shapes import ASKS, Shape, shapes
from roster.files.table_shapes import table_shapes
from roster.files.tongue_shapes import tongue_shapes


def judged(shape: Shape) -> str:
    """`right`, what it asks, or `WRONG`: another roster than the shape means, or one where it should ask."""
    try:
        found = read_file(bytes(shape.body), **shape.options)
    except BadFile as refused:
        return "right" if shape.means in (refused.code, ASKS) else f"refused: {refused.code}"
    codes = {problem.code for problem in found.problems}
    read: dict = {}
    for cell in found.cells:
        if cell.code and read.setdefault((key(cell.person.name), cell.day), cell.code) != cell.code:
            codes.add("twice")  # the comparison with the roster asks
    if isinstance(shape.means, str):
        return (
            "right"
            if codes == {shape.means} or (codes and shape.means == ASKS)
            else f"asked: {sorted(codes)}"
            if codes
            else "WRONG"
        )
    if codes:
        return f"asked: {sorted(codes)}"
    meant = {(key(name), day): code for (name, day), code in shape.means.items()}
    return "right" if read == meant else "WRONG"


OF_TRADES = (
    month_shapes,
    table_shapes,
    people_shapes,
    heading_shapes,
    cell_shapes,
    look_shapes,
    list_shapes,
    change_shapes,
    beside_shapes,
    doubt_shapes,
    tongue_shapes,
    register_shapes,
)

SHAPES = [shape for of_kind in (shapes, more_shapes, date_shapes, *OF_TRADES) for shape in of_kind()]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_shape_is_read_as_it_is_meant(shape: Shape) -> None:
    assert judged(shape) == "right"
