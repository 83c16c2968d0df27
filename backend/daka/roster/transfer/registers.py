"""Tells registers of punches, attendance, overtime or leave, and other lists of people and days, from rosters. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from daka.roster.transfer.headers import Header, cell
from daka.roster.transfer.sheet_in_file import SheetInFile
from daka.roster.transfer.spans import TIMES, by_the_clock, times_in
from daka.spreadsheets.sheet import text_of
from daka.widths import key

_TITLE = re.compile(
    r"(?:打卡|签到|刷卡|考勤)(?:时间|记录|明细|结果|数据|统计|汇总|日报|月报|报表)表?(?![:\d])|签到表|(?:月度|每日)(?:考勤)?(?:汇总|统计)|原始记录"
    r"|(?:加班|请假|休假|调休|补卡|外出)(?:登记|申请|记录|明细|统计|汇总)|通讯录|(?:订|报|用)餐[表单]|工资[表条单]|绩效(?:表|考核)|课程表|培训(?:计划|安排)表?$"
    r"|timesheet|timecard|attendance(?:report|record|sheet|log)|clock(?:ing)?(?:report|log)|(?:overtime|leave)(?:record|request|log)"
    r"|zeiterfassung|stundenzettel|anwesenheit|feuilledetemps|fichaje|出勤簿|打刻|勤怠|근태|출퇴근기록"
)
_HEADING = re.compile(
    r"(?:[上下]班|首次|末次|最早|最晚|应|实际|第\S)?(?:打卡|签到|签退|刷卡)(?:时间|结果|次数|状态|地[址点])?\d?|考勤(?:时间|结果|状态)|最[早晚](?:时间)?"
    r"|实际(?:上班|下班|到岗|离岗|签到)(?:时间)?|加班(?:开始|结束|时长|原因)(?:时间)?|clock-?(?:in|out)(?:time)?|punch-?(?:in|out)?(?:time)?"
    r"|actual(?:start|end|in|out|hours)|出勤打刻|退勤打刻|打刻|출근시각|퇴근시각"
)
_RESULT = re.compile(
    r"(?:[上下]班)?(?:迟到|早退|缺卡|旷工|未打卡|补卡|漏打卡|严重迟到)[\d.]*(?:分钟?|小时|次)?.{0,12}|考勤正常|absent|lateby\d+.*"
)
FEWEST_MOMENTS = 4
NOT_A_ROSTER = "这像是打卡、考勤、加班或请假的记录，不是排班表"


def told_by(sheet: SheetInFile, codes: Iterable[str]) -> str:
    """What in a sheet with tables says that it is no roster; "" if nothing does."""
    above = [text_of(value) for row in sheet.rows[: sheet.headers[0].row] for value in row if isinstance(value, str)]
    titles = (text for text in (sheet.sheet.name, *above) if _TITLE.search(key(text)))
    headings = (
        text_of(value)
        for header in sheet.headers
        for row in sheet.rows[max(0, header.row - 2) : header.row + 2]
        for column, value in enumerate(row)
        if isinstance(value, str) and _HEADING.fullmatch(key(value)) and _is_filled(sheet, header, column)
    )
    used = [code for code in codes if code]
    results = (code for code in dict.fromkeys(used) if _RESULT.fullmatch(key(code)))
    return next(chain(titles, headings, results, _moments(used)), "")


def _moments(codes: Sequence[str]) -> Iterator[str]:
    """Spans that are all different, and most of them of odd minutes: when people came and went."""
    if 2 * len(set(codes)) <= len(codes):
        return
    spans = [times_in(match) for code in codes for match in TIMES.finditer(by_the_clock(code))]
    odd = [span for span in spans if any(int(time[-1]) % 5 for time in span)]
    if len(odd) >= FEWEST_MOMENTS and len(set(spans)) == len(spans) and 2 * len(odd) > len(codes):
        yield "-".join(odd[0])


def _is_filled(sheet: SheetInFile, header: Header, column: int) -> bool:
    """Whether anything stands below a heading, unlike below that of signatures."""
    return any(cell(row, column) is not None for index, row in sheet.rows_of(header) if index > header.row + 1)
