"""A month in blocks below each other, in any order: each day is read as it is meant, or a question is asked."""

from datetime import date, timedelta
from itertools import product

import pytest

from daka.roster.transfer.reading import read_file
from roster.files.formats import text
from roster.files.shapes import WEEKDAYS

FIRST_DAYS = [date(2026, 12, 1), date(2026, 11, 26), date(2023, 12, 26), date(2026, 11, 21)]
TITLES = {
    "range": lambda days: (f"排班表 {days[0]}至{days[-1]}", None),
    "short range": lambda days: (
        f"{days[-1].year}年{days[-1].month}月排班表（{days[0]:%m.%d}-{days[-1]:%m.%d}）",
        None,
    ),
    "last month": lambda days: (f"{days[-1].year}年{days[-1].month}月排班表", None),
    "first month": lambda days: (f"{days[0].year}年{days[0].month}月排班表", None),
    "chosen": lambda days: ("排班表", days[0].replace(day=1)),
    "both": lambda days: (f"{days[-1].year}年{days[-1].month}月排班表", days[0].replace(day=1)),
}
SHAPES = {
    "wide": ("姓名", lambda day: str(day.day)),
    "tall": ("日期", lambda day: f"{day.day}日"),
    "months": ("姓名", lambda day: f"{day.month}月{day.day}日"),
}
ORDERS = {
    "in order": lambda blocks: blocks,
    "backwards": lambda blocks: blocks[::-1],
    "the second half first": lambda blocks: blocks[2:] + blocks[:2],
    "odd and even": lambda blocks: blocks[::2] + blocks[1::2],
    "two teams": lambda blocks: blocks * 2,
}


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("shape", SHAPES)
def test_blocks_are_read_as_meant_or_asked_about(title: str, order: str, shape: str) -> None:
    corner, heading = SHAPES[shape]
    for first, length, has_weekdays in product(FIRST_DAYS, (5, 6), (False, True)):
        month = [first + timedelta(days=number) for number in range(31 if first.month == 12 else 30)]
        blocks = [month[start : start + length] for start in range(0, len(month), length)]
        line, chosen = TITLES[title](month)
        rows = [[line]]
        for number, block in enumerate(ORDERS[order](blocks)):
            name = "张三" if number < len(blocks) else "李四"
            table = [[corner, *map(heading, block)]]
            table += [["星期", *(f"周{WEEKDAYS[day.weekday()]}" for day in block)]] if has_weekdays else []
            table.append([name, *(f"班{day:%m%d}" for day in block)])
            rows += [*map(list, zip(*table, strict=True))] if shape == "tall" else table
            rows.append([])
        if "range" not in title and order == "the second half first" and (chosen or first.day != 1):
            continue  # it looks like a month that begins with its first block
        found = read_file(text(rows), file_name="x.csv", month=chosen)
        at = f"{first} by {length}{' with weekdays' if has_weekdays else ''}: {found.problems[:2]}"
        wrong = [(cell.day, cell.code) for cell in found.cells if cell.code and cell.code != f"班{cell.day:%m%d}"]
        assert found.problems or not wrong, (at, wrong)
        days = {cell.day for cell in found.cells if cell.code}
        assert found.problems or days == set(month), at
        assert not found.problems or title != "range", at
