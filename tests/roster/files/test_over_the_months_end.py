"""Days that name their month once and go on after its end."""

from datetime import date, timedelta

import pytest

from daka.roster.transfer.reading import read_file

TITLE = "2026年{month}月排班表\n"


def _headings(first: date, length: int, *, named: int) -> list[str]:
    days = [first + timedelta(days=number) for number in range(length)]
    return [f"{day.month}月{day.day}日" if number < named else f"{day.day}日" for number, day in enumerate(days)]


@pytest.mark.parametrize("first", [date(2026, 11, 26), date(2026, 12, 27), date(2026, 11, 28)])
@pytest.mark.parametrize("named", [1, 2])
@pytest.mark.parametrize("chosen", [False, True])
@pytest.mark.parametrize("is_tall", [False, True])
def test_each_day_is_read_as_meant_or_asked_about(first: date, named: int, chosen: bool, is_tall: bool) -> None:
    headings = _headings(first, 10, named=named)
    rows = [["姓名", *headings], ["张三", *["早"] * 10], ["李四", *["晚"] * 10]]
    if is_tall:
        rows = [list(row) for row in zip(*rows, strict=True)]
    text = TITLE.format(month=first.month) + "\n".join(",".join(row) for row in rows)
    found = read_file(text.encode(), file_name="x.csv", month=first.replace(day=1) if chosen else None)
    meant = {first + timedelta(days=number) for number in range(10)}
    read = {cell.day for cell in found.cells}
    assert read <= meant, sorted(read - meant)
    assert read == meant or found.problems


def test_blocks_after_the_years_end_are_in_the_new_year() -> None:
    weeks = [
        "12月26日,12月27日,12月28日,12月29日,12月30日,12月31日,1月1日",
        "1月2日,1月3日,1月4日,1月5日,1月6日,1月7日,1月8日",
    ]
    text = "排班表 2023-12-26至2024-01-08\n" + "\n\n".join(f"姓名,{week}\n张三,早,早,早,早,早,早,早" for week in weeks)
    found = read_file(text.encode(), file_name="x.csv")
    assert sorted(cell.day for cell in found.cells) == [date(2023, 12, 26) + timedelta(days=day) for day in range(14)]
