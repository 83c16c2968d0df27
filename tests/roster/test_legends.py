"""What a file says about its shifts, by dated examples."""

from datetime import date

import pytest

from daka.roster.transfer.legends import Legend, suggested_shift
from daka.roster.transfer.reading import read_file
from roster.test_reading import workbook

LEGENDS = [
    (["早=早班8:00-16:00；晚=晚班 16:00-24:00"], {"早": "早班 08:00-16:00", "晚": "晚班 16:00-00:00"}),
    (["A：08:00-16:00"], {"a": "A 08:00-16:00"}),
    (["早班(8:00-16:00)"], {"早班": "早班 08:00-16:00"}),
    (["夜", "夜班", "22:00-次日6:00"], {"夜": "夜班 22:00-06:00"}),
    (["早", "早班", "8:00", "16:00"], {"早": "早班 08:00-16:00"}),
    (["早", "8:00-16:00", None, "晚", "16:00~24:00"], {"早": "早 08:00-16:00", "晚": "晚 16:00-00:00"}),
    (["白班 8:30-17:30 夜班 20:30-8:30"], {"白班": "白班 08:30-17:30", "夜班": "夜班 20:30-08:30"}),
    (["分=两头班 8:00-12:00，17:00-21:00"], {"分": "两头班 08:00-12:00 17:00-21:00"}),
    (["早=8:00-12:00/13:00-17:00；晚=14-22"], {"早": "早 08:00-12:00 13:00-17:00", "晚": "晚 14:00-22:00"}),
    (["早=9-18"], {"早": "早 09:00-18:00"}),
    (["早：8.30-16.30，晚：16.30-0.30"], {"早": "早 08:30-16:30", "晚": "晚 16:30-00:30"}),
    (["排班周期：12.01-12.31"], {"排班周期": "排班周期 12:01-12:31"}),  # nobody's shift is called so
    (["床位：12-15床"], {"床位": None}),
    (["早=早班8:00-16:00", None, "早=早班9:00-17:00"], {"早": ""}),  # contradicts itself
    (["早=早班8:00-16:00", None, "早=晨班8:00-16:00"], {"早": "晨班 08:00-16:00"}),
    (["早：8:00-16:00（周末9:00-17:00）"], {"早": ""}),
    (["行政班：周一至周五 9:00-18:00"], {"行政班": "行政班 09:00-18:00"}),
    (["夏令时 早 8:00-16:00 冬令时 早 8:30-16:30"], {"早": ""}),
    (["图例：早=晚班，中=中班；休=休息 早：张三"], {"早": "晚班", "中": "中班", "休": "休息", "图例": None}),
    (["早=早班", None, "早=晚班"], {"早": "早班\n晚班"}),
    (["早班：9点-17点半"], {"早班": "早班 09:00-17:30"}),
    (["早班：上午9:00—下午5:00"], {"早班": "早班 09:00-17:00"}),
    (["D1 = 9:00 AM-6:00 PM; N1 = 10pm - 6am"], {"d1": "D1 09:00-18:00", "n1": "N1 22:00-06:00"}),
    (["D1 0830-1730"], {"d1": "D1 08:30-17:30"}),
    (["营业时间 10:00-22:00，共3点要求"], {"要求": None}),
    (["制表时间 2026-12-01 8:00"], {"制表时间": None}),
]


@pytest.mark.parametrize(("row", "means"), LEGENDS, ids=[str(row[0][0]) for row in LEGENDS])
def test_a_legend_says_the_times_of_a_code(row: list[str | None], means: dict[str, str | None]) -> None:
    legend = Legend()
    legend.read([row])
    entries = legend.entries.items()
    found = {word: " ".join([shift.name, *("-".join(times) for times in shift.periods)]) for word, shift in entries}
    assert {word: found.get(word) for word in means} == means


WORDS = [
    ("早", ("早班", "早", "08:00", "16:00")),
    ("早班 08:00-17:00", ("早班", "早班", "08:00", "17:00")),
    ("10:00-19:00", ("10:00-19:00", "10", "10:00", "19:00")),
    ("08:00:00-16:00:00", ("08:00-16:00", "8", "08:00", "16:00")),
    ("早班：8:00--16:00 (8h)", ("早班", "早班", "08:00", "16:00")),
    ("大夜[22:00-06:00+1]", ("大夜", "大夜", "22:00", "06:00")),
    ("22:00−6:00（次日）", ("22:00-06:00", "22", "22:00", "06:00")),
    ("休", ("休", "休", None, None)),
    ("大夜", None),
    ("8:00-12:00 13:00-17:00", None),
]


@pytest.mark.parametrize(("word", "shift"), WORDS, ids=[word for word, _ in WORDS])
def test_an_unknown_word_becomes_a_shift_only_where_its_times_are_known(
    word: str, shift: tuple[str, ...] | None
) -> None:
    legend = Legend()
    legend.read([["早=早班8:00-16:00"]])
    assert suggested_shift(word, legend.entries) == shift


def test_what_stands_in_somebodys_days_is_no_legend_but_what_is_beside_and_below_them_is() -> None:
    body = workbook(
        ["姓名", "2026-12-01", "2026-12-02"],
        ["张三", "夜", "8:00-16:00", None, "中", "中班", "14:00-22:00"],
        ["李四", "夜", "夜"],
        [],
        ["早=早班7:00-15:00"],
    )
    found = read_file(body)
    assert {cell.day for cell in found.cells} == {date(2026, 12, 1), date(2026, 12, 2)}
    assert sorted(found.legend) == ["中", "中班", "早", "早班"]
