"""Which month does a table mean? Examples of the pure function."""

from datetime import date

import pytest

from daka.roster.transfer.dating import Dates, Headings, dated
from daka.roster.transfer.days import date_parts
from daka.roster.transfer.months import Question, clue_in, title_clue

WHOLE = list(range(1, 32))


@pytest.mark.parametrize(
    ("text", "year", "month"),
    [
        ("2026年12月排班表", 2026, 12),
        ("排班202607", 2026, 7),
        ("2026.7", 2026, 7),
        ("Roster Dec 2026", 2026, 12),
        ("12月份", None, 12),
        ("2026年度", 2026, None),
        ("排班 2026-11-28", None, None),
        ("排班_20261128", None, None),
        ("2026年12月排班表 制表日期：2026年11月28日", 2026, 12),
        ("2026年12月排班表 导出时间:2026-11-28 10:00", 2026, 12),
        ("文件编号：HR-202601", None, None),
        ("HR-202601 2026年12月", 2026, 12),
        ("roster-2026-12-01-2026-12-31", 2026, 12),
        ("统计日期：2026-11-26 至 2026-12-25", 2026, 12),
        ("甲班", None, None),
    ],
)
def test_what_a_text_says_about_the_month(text, year, month) -> None:
    clue = clue_in(text)
    assert (clue and clue.year, clue and clue.month) == (year, month)


@pytest.mark.parametrize(
    ("text", "is_title"),
    [
        ("2026年12月排班表", True),
        ("2026年12月值班", True),
        ("December 2026 roster", True),
        ("2026年12月", True),
        ("年月：2026-12", True),
        ("制表日期：2026-11-28", False),
        ("2026年12月工资说明", False),
        ("2026-11-28", False),
    ],
)
def test_which_lines_above_a_table_are_titles(text, is_title) -> None:
    assert (title_clue(text) is not None) == is_title


# Headings, the planner's choice; sheet name, title, file name → the first day, or the question.
@pytest.mark.parametrize(
    ("headings", "chosen", "texts", "expected"),
    [
        (WHOLE, None, ["", "2026年12月", ""], "2026-12-01"),
        (WHOLE, None, ["2026年12月", "", ""], "2026-12-01"),
        (WHOLE, None, ["12月", "2026年排班", ""], "2026-12-01"),
        (WHOLE, None, ["", "", "排班2026-12"], "2026-12-01"),
        (WHOLE, None, ["", "", ""], "month_unknown"),
        (WHOLE, None, ["12月", "", ""], "month_unknown"),
        (WHOLE, None, ["2026年12月", "2026年10月", ""], "month_contradiction"),
        (WHOLE, None, ["2026年12月", "", "2025年"], "month_contradiction"),
        (WHOLE, date(2026, 12, 1), ["2026年10月", "2026年8月", ""], "2026-12-01"),
        (WHOLE, None, ["", "2026年11月", ""], "2026-11-01"),
        (WHOLE[:30], None, ["", "2026年12月", ""], "days_contradiction"),
        (WHOLE[:30], None, ["", "2026年11月", ""], "2026-11-01"),
        (WHOLE[:30], date(2026, 12, 1), ["", "", ""], "2026-12-01"),
        (WHOLE[:7], None, ["", "2026年12月", ""], "2026-12-01"),
        (WHOLE[:28], None, ["", "2027年2月", ""], "2027-02-01"),
        ([*range(26, 31), *range(1, 26)], None, ["", "2026年12月", ""], "2026-11-26"),
        ([*range(26, 32), *range(1, 26)], None, ["", "2026年12月", ""], "2026-12-26"),
        ([*range(26, 32), *range(1, 26)], None, ["", "2027年1月", ""], "month_unknown"),
        ([*range(26, 32), *range(1, 26)], None, ["", "2026-12-26至2027-01-25", ""], "2026-12-26"),
        ([*range(26, 32), *range(1, 26)], date(2027, 1, 1), ["", "", ""], "2027-01-26"),
        ([*range(26, 31), *range(1, 26)], date(2026, 12, 1), ["", "", ""], "days_contradiction"),
        (["12月30日", "12月31日", "1月1日"], None, ["", "2026年12月", ""], "2026-12-30"),
        (["12月30日", "12月31日", "1月1日"], None, ["", "2027年1月", ""], "2026-12-30"),
        (["12月1日", "12月2日", "12月3日"], None, ["", "2026年11月", ""], "month_contradiction"),
        (["12月1日", "12月2日", "12月3日"], None, ["", "", "2026年"], "2026-12-01"),
        (["12月1日", "12月2日", "12月3日"], None, ["", "", ""], "month_unknown"),
        (["12月1日", "12月2日", "12月3日"], date(2026, 11, 1), ["", "", ""], "month_contradiction"),
        (["2026-12-01", "2026-12-02"], None, ["", "", ""], "2026-12-01"),
        (["2026-12-01", "2026-12-02"], None, ["11月", "", ""], "month_contradiction"),
        (["2026-12-01", "2026-12-02"], date(2026, 11, 1), ["", "", ""], "month_contradiction"),
    ],
)
def test_which_month(headings, chosen, texts, expected) -> None:
    found = _dated(headings, [None] * len(headings), texts, chosen)
    assert (found.code if isinstance(found, Question) else str(found[0])) == expected


def _dated(headings: list, weekdays: list, texts: list[str], chosen: date | None = None) -> Dates | Question | None:
    parts = tuple(map(date_parts, headings))
    return dated([Headings(parts, tuple(weekdays), tuple(map(clue_in, texts)))], chosen)[0]


def test_a_surplus_day_has_no_date() -> None:
    found = _dated(WHOLE, [None] * 31, ["2026年11月"])
    assert found[:1] + found[-2:] == [date(2026, 11, 1), date(2026, 11, 30), None]


def test_weekdays_decide_between_two_months_and_contradict_a_wrong_one() -> None:
    headings = [*range(26, 32), *range(1, 26)]
    of_december = [(date(2026, 12, 26).weekday() + step) % 7 for step in range(31)]
    assert _dated(headings, of_december, ["2027年1月"])[0] == date(2026, 12, 26)
    question = _dated(headings, [(day + 1) % 7 for day in of_december], ["2027年1月"])
    assert (question.code, question.between[:10]) == ("weekday_contradiction", "2027-01-26")
