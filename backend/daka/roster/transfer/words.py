"""The words of roster files: headings, totals, notes, shifts. Pure."""

import re
from collections.abc import Sequence, Set
from functools import lru_cache
from itertools import pairwise
from typing import Any

from daka.roster.transfer.days import date_parts
from daka.shifts.rest_words import REST_WORDS
from daka.spreadsheets.csv_text import from_text
from daka.spreadsheets.sheet import Row, Value, text_of
from daka.widths import in_one_width, key

LONGEST_WORD = 200
"""Characters of a name or code; the rest of longer ones is dropped. No user, shift or mapping has a longer one."""

PERSON = {
    "姓名",
    "名字",
    "成员",
    "员工",
    "人员",
    "员工姓名",
    "人员姓名",
    "成员姓名",
    "氏名",
    "名前",
    "社員名",
    "従業員",
    "值班人",
    "值班人员",
    "值班员",
    "當班人員",
    "当班人员",
    "员工名称",
    "人员名称",
    "人员名单",
    "名单",
    "職員",
    "員工",
    "人員",
}
PERSON |= {"name", "user", "person", "employee", "staff", "fullname", "staffname", "employeename", "nameofstaff"}
PERSON |= {
    "empname",
    "agentname",
    "mitarbeiter",
    "mitarbeiterin",
    "mitarbeiter/in",
    "personal",
    "nom",
    "nometprénom",
    "salarié",
    "employé",
}
PERSON |= {
    "nombre",
    "empleado",
    "trabajador",
    "nome",
    "funcionário",
    "colaborador",
    "dipendente",
    "naam",
    "medewerker",
    "фио",
    "сотрудник",
}
PERSON |= {
    "tên",
    "họtên",
    "họvàtên",
    "이름",
    "성명",
    "직원",
    "직원명",
    "사원명",
    "근무자",
    "担当者",
    "担当",
    "スタッフ",
}
ACCOUNT = {"账号", "帐号", "用户名", "username", "account", "userid"}
NUMBER = {"工号", "工號", "员工编号", "員工編號", "员工工号"}
MOBILE = {"手机", "手机号", "手机号码", "电话", "mobile", "phone"}
IDENTITY = PERSON | ACCOUNT | NUMBER | MOBILE
DATE = {
    "日期",
    "工作日期",
    "排班日期",
    "上班日期",
    "出勤日期",
    "值班日期",
    "日付",
    "date",
    "workdate",
    "work_date",
    "day",
    "shiftdate",
}
DATE |= {"datum", "fecha", "jour", "data", "날짜", "일자", "근무일", "дата", "ngày", "年月日"}
FROM = {"开始日期", "起始日期", "开始", "起", "from", "start", "startdate"}
UNTIL = {"结束日期", "截止日期", "终止日期", "结束", "止", "until", "to", "end", "enddate"}
INSTEAD = {
    "换班人",
    "换班对象",
    "调班人",
    "调班对象",
    "代班人",
    "替班人",
    "顶班人",
    "代班",
    "替班",
    "顶班",
    "代班人员",
    "替班人员",
    "顶班人员",
    "substitute",
}
BEGIN = {
    "上班时间",
    "上班",
    "开始时间",
    "起始时间",
    "班次开始时间",
    "開始時間",
    "出勤时间",
    "出勤時間",
    "starttime",
    "start",
    "timein",
}
CEASE = {
    "下班时间",
    "下班",
    "结束时间",
    "终止时间",
    "班次结束时间",
    "結束時間",
    "退勤时间",
    "退勤時間",
    "endtime",
    "end",
    "timeout",
}
BEGIN |= {
    "shiftstart",
    "beginn",
    "schichtbeginn",
    "dienstbeginn",
    "début",
    "heuredebut",
    "heuredébut",
    "inicio",
    "horainicio",
}
BEGIN |= {"inizio", "begintijd", "von", "시작", "시작시간", "출근", "출근시간", "開始", "始業", "出勤"}
CEASE |= {
    "shiftend",
    "ende",
    "schichtende",
    "dienstende",
    "fin",
    "heurefin",
    "heuredefin",
    "horafin",
    "salida",
    "fine",
}
CEASE |= {"eindtijd", "bis", "종료", "종료시간", "퇴근", "퇴근시간", "終了", "終業", "退勤"}
SPAN = {"时间", "值班时间", "班次时间", "工作时间", "上班时间段", "时间段", "时段", "時間", "シフト時間", "시간"}
SPAN |= {"time", "times", "hours", "uhrzeit", "horario", "horaires"}
"""Headings of spans of time, if one stands below."""
STATUS = {"状态", "审批状态", "排班状态", "审批", "审核", "審批狀態", "狀態", "status"}
SHIFT = {
    "班次",
    "排班",
    "班",
    "班次代码",
    "班次名称",
    "班别",
    "班別",
    "班别名称",
    "班別名稱",
    "シフト",
    "shift",
    "code",
    "shiftcode",
    "shift_code",
}
SHIFT |= {
    "schicht",
    "dienst",
    "schichtart",
    "dienstart",
    "turno",
    "poste",
    "근무",
    "근무조",
    "смена",
    "ca",
    "勤務",
    "勤務区分",
}
BLANK = {"", "-", "--", "—", "——", "/", "\\", "无", "未排", "none", "null"}
_TOTAL = re.compile(
    r"(?:合计|小计|总计|统计|人数|需求|缺口|差额|差异|在岗|应到|实到|应出勤|实出勤|出勤|缺勤|备注|说明|制表|审核|审批|填表|班次说明|图例|注意?|totals?|notes?)(?:人|员|签字|签名|日期|人数|数|事项)?(?:[:(].*)?"
    r"|total.{0,12}|(?:head|staff)count|(?:approved|prepared|checked|signed)by.*|signatures?|gesamt|summe|anzahl.{0,12}|besetzung"
    r"|unterschrift|承認|합계|인원|결재|서명"
    r"|.{0,6}(?:负责人|主管|批准人?|核准人?|签[字名]):.*"
)
CODE = {"代码", "代号", "班次代码", "班次编码", "编码", "符号", "简称", "缩写", "图例", "code"}
"""Headings of the words that a legend explains."""
_LEGEND = CODE | {"班次", "legend"}
_TOTAL_LABEL = re.compile(r"(?:人数|人次|合计|小计|总计|汇总|计数|天数|工时|需求|实排|在岗|缺人|缺岗|客流量?|营业额)$")
_NOTE = re.compile(r"=|\d{1,2}:\d\d")
_BARE_TIMES = re.compile(r"[\d:\s~至到—–-]+")
_SIDE_ROW = re.compile(
    r"wochentag|tag|jour|día|dia|요일|农历|農曆|阴历|节气|节日|节假日|假期|星期|周几?|曜日|日期|weekday|day"
)
_PIECES = re.compile(r"[\n/\\|()]+|(?<=[\u4e00-\u9fff])\s+(?=[a-z])", re.IGNORECASE)
_ASIDE = re.compile(
    r"取消|作废|撤[销回]|删除|驳回|拒绝|无效|[未不](?:通过|同意|批准|生效|发布|确认)|待(?:[审批]|发布|确认|定)"
    r"|cancel|void|reject|delete|declined|pending|draft|unpublished|tentative",
    re.IGNORECASE,
)
_CLOSED = re.compile(r"停[业产工]|闭店|歇业|\bclosed\b", re.IGNORECASE)
_OUTDATED = re.compile(
    r"作废|草稿|初稿|意见稿|意愿|意向|期望|希望休|希望表|备选|备班|调整前|变更前|旧版|旧表|旧$|\(旧\)|样表|示例|\b(?:draft|old|example|void|obsolete|superseded|wishes|availability|entwurf|alt|muster|brouillon|borrador|下書き)\b|초안|가안",
    re.IGNORECASE,
)
_OLD_SHEET = re.compile(_OUTDATED.pattern + r"|备份|模板|历史(?:版|记录)?$|\b(?:backup|template)\b", re.IGNORECASE)
MOST_WORDS_OF_A_LEGEND = 3
_TIME = re.compile(r"\d{1,2}:\d\d")
_A_SHIFT = re.compile(
    r"[^\s]{0,6}[班番]|[早日中夜準准深]{1,2}勤|(?:总?值班|带班|值守|备勤)\S{0,4}|早|中|晚|夜|白|日|休|休息|大夜|小夜|公休|年假|调休|\S{0,8}\d{1,2}:\d\d.*"
    r"|(?:early|late|morning|afternoon|evening|night|day|mid)(?:shift)?(?:\(.*)?|(?:früh|spät|nacht|tag)(?:schicht|dienst)?(?:\(.*)?|日直|当直|宿直"
    r"|matin|après-midi|soir|nuit|mañana|tarde|noche|manhã|noite|mattina|pomeriggio|notte|주간|야간|오전|오후|데이|이브닝|나이트"
)
_SIDE_COLUMN = re.compile(
    r"星期|周几|曜日|weekday|备注|说明|合计|小计|总计|人数|电话|手机|\b(?:remarks?|notes?|totals?|phone|tel)\b",
    re.IGNORECASE,
)
_EAST_ASIAN = "\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3"
_SEVERAL = re.compile(rf"[、,;/&+\n]+|\s(?:and|und|et|y|e)\s|(?<=[{_EAST_ASIAN})])\s+(?=[{_EAST_ASIAN}])")
_MOBILE = re.compile(r"[\s(:]{0,3}(?<!\d)(1[3-9]\d{9})(?!\d)\)?")
_SERIAL = re.compile(r"^\(?\d{1,3}[.、)]\s?(?=[^\d\s])")


def position(row: Row, known: Set[str], first: int = 0, last: int | None = None) -> int | None:
    """The first column with one of the words, from 0."""
    return next((i for i, value in enumerate(row[first:last], first) if is_heading(value, known)), None)


def is_heading(value: Value, known: Set[str]) -> bool:
    """Whether a heading is one of the words, alone or as a piece: 姓名 Name, 日期/姓名, 保安姓名."""
    return bool(said(value, known))


def said(value: Value, known: Set[str]) -> frozenset[str]:
    """Which of the words a heading says."""
    return _pieces(value) & known if isinstance(value, str) else frozenset()


@lru_cache(maxsize=4_096)
def _pieces(heading: str) -> frozenset[str]:
    text = in_one_width(heading).strip()
    pieces = {key(piece).strip("*★※") for piece in (text, *_PIECES.split(text))} - {""}
    return frozenset({*pieces, "姓名"} if any(each.endswith("姓名") for each in pieces) else pieces)


def word_of(value: Any) -> str:
    return from_text(text_of(value))[:LONGEST_WORD]


def word_at(row: Row, column: int | None) -> str:
    return word_of(row[column]) if column is not None and column < len(row) else ""


@lru_cache(maxsize=4_096)
def code_of(value: Value) -> str:
    """The shift code or name in a cell; "" if the cell is blank."""
    text = word_of(value)
    return "" if key(text) in BLANK else text


def is_shift(word: str) -> bool:
    """Whether a heading looks like a shift rather than a name."""
    return _A_SHIFT.fullmatch(key(word)) is not None


def is_off(code: str) -> bool:
    """Whether a code says that somebody does not work."""
    return key(code) in REST_WORDS or code.endswith(("休", "假"))


def is_side_column(word: str) -> bool:
    """Whether a heading is of remarks, weekdays or totals."""
    return _SIDE_COLUMN.search(word) is not None


def names_in(value: Value) -> list[str]:
    return [name for each in _SEVERAL.split(code_of(value)) if (name := name_and_mobile(each)[0])]


def name_and_mobile(text: str) -> tuple[str, str]:
    """The name in a cell such as 1.张三 13800138000, and its mobile number."""
    mobile = _MOBILE.search(text)
    name = _SERIAL.sub("", _MOBILE.sub("", text)).strip()
    return name or text, mobile[1] if mobile and name else ""


def is_total(name: str, labels: Sequence[str] = ()) -> bool:
    """Whether a row is a total, a remark or a signature. Its `labels` tell where it has no name but a shift's, if any."""
    said = [name, *(labels if not name or is_shift(name) or name in labels else ())]
    return any(_TOTAL.fullmatch(key(each)) or _TOTAL_LABEL.search(key(each)) for each in said)


def is_side_row(name: str) -> bool:
    """Whether a row holds what is known of its days: weekdays, the lunar calendar, holidays."""
    return _SIDE_ROW.fullmatch(key(name)) is not None


def is_set_aside(status: str) -> bool:
    """Whether a status says that its row is not to be followed."""
    return _ASIDE.search(status) is not None


def is_closed(heading: str) -> bool:
    """Whether the heading of a day says that nobody works then."""
    return _CLOSED.search(heading) is not None


def is_outdated(name: str) -> bool:
    """Whether a name or title says that its roster is not the one that counts: 作废, 12月(旧), 草稿."""
    return _OUTDATED.search(in_one_width(name)) is not None


def is_old_sheet(name: str) -> bool:
    """The same of a sheet beside another one, also where it is a copy: 备份."""
    return _OLD_SHEET.search(in_one_width(name)) is not None


def is_legend(filled: Sequence[str]) -> bool:
    """Whether a row without a name explains shifts, and is not one of somebody's times."""
    times = sum(_BARE_TIMES.fullmatch(word) is not None for word in filled)
    return times <= MOST_WORDS_OF_A_LEGEND and all(map(_explains, filled))


def may_be_unmerged(filled: Sequence[bool]) -> bool:
    """Whether as many blank cells follow each filled one: merged cells that a program wrote apart."""
    starts = [place for place, is_filled in enumerate([*filled, True]) if is_filled]
    steps = {after - before for before, after in pairwise(starts)}
    return len(starts) > 2 and starts[0] == 0 and len(steps) == 1 and steps != {1}


def is_note(name: str, values: Sequence[Value]) -> bool:
    """Whether a row of a table is a legend, a note or the name of a team, and nobody's shifts."""
    words = [code_of(value) for value in values]
    filled = [word for word in words if word]
    if filled and all(word == name for word in filled):
        return True
    if key(name) in _LEGEND or (
        is_shift(name) and any(_TIME.search(word) for word in filled) and len(filled) <= MOST_WORDS_OF_A_LEGEND
    ):
        return True
    if not _NOTE.search(name) and ":" not in name:
        return False
    return is_legend(filled)


def _explains(word: str) -> bool:
    """Whether a word is a piece of a legend, or a date such as that of making."""
    parts = date_parts(word)
    is_full_date = parts is not None and parts[0] is not None
    return key(word) in _LEGEND or ":" in word or bool(_NOTE.search(word)) or is_full_date
