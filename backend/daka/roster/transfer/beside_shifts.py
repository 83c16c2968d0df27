"""What further columns of a list say of a row's day: another shift, a rest, leave, weekdays. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date
from functools import lru_cache
from itertools import product
from typing import Literal, NamedTuple

from daka.roster.transfer.days import as_date, date_parts, weekday_in
from daka.roster.transfer.headers import Long, cell
from daka.roster.transfer.months import title_clue
from daka.roster.transfer.tongues import MONTH_IN_TEXT
from daka.roster.transfer.words import code_of, is_set_aside
from daka.shifts.rest_words import REST_WORDS
from daka.spreadsheets.sheet import Row, Value, text_of
from daka.widths import key

Kind = Literal["shift", "rest", "leave", "work", "valid", "void", "remark", "weekdays", "times", "name", "other"]
_HEADINGS: dict[Kind, re.Pattern[str]] = {
    "shift": re.compile(
        r"(?:班次|班[别別]|shift)\(?[2二]\)?|第二(?:班|班次|个班次)|(?:actual|new|final|revised|changed)shift"
        r"|(?:调整|变更|更改|修改|实际|最终|确认|新)(?:后|的){0,2}(?:出勤|上班|执行|排班)?(?:班次|班[别別]|班)|[调换]班后?(?:班次)?"
    ),
    "rest": re.compile(
        r"(?:是否)?(?:休息|公休|轮休)日?|是否(?:休假|放假)|休息标[记志识]|(?:is_?)?(?:day)?off|rest(?:day)?"
    ),
    "leave": re.compile(
        r"(?:是否)?(?:请假|休假|缺勤|[调补换]休|加班)(?:类型|类别|种类|日期|时[间长数段])?|假别|overtime|(?:on)?leave(?:type)?|absen(?:t|ce)"
    ),
    "work": re.compile(r"是否(?:上班|出勤|在岗|工作|排班)|(?:is)?(?:working|onduty)"),
    "valid": re.compile(r"(?:是否|已)(?:有效|生效|启用|发布|确认)|(?:is_?)?(?:valid|active|published)"),
    "void": re.compile(r"(?:是否|已)(?:取消|作废|删除)|(?:is_?)?(?:cancell?ed|void|deleted)"),
    "remark": re.compile(
        r"\w{0,4}(?:[备備][注註忘]|[说說]明|[变异][动更]|调整|[调换]班)\w{0,2}|\w{0,9}(?:状态|情况|结果|status)|类[型别]"
        r"|(?=[abchkmnor備摘メ비참])(?:remarks?|notes?|comments?|memo|bemerkung(?:en)?|anmerkung(?:en)?|hinweise?|notiz(?:en)?|kommentare?"
        r"|remarques?|commentaires?|observaci(?:ón|ones)|notas?|comentarios?|備考|摘要|メモ|비고|메모|참고)"
    ),
    "times": re.compile(r"(?:班次|上班|工作|值班|排班|起止)?时[间段]|(?:shift|work)?(?:times?|hours?)"),
    "name": re.compile(r"(?:班次|班[别別])(?:代[码号]|编[码号]|名称|简称)?|shift_?(?:code|name|id)?"),
    "weekdays": re.compile(
        r"(?:适用|生效|执行)?(?:星期几?|[周週]几)|曜日|weekdays?|day(?:ofweek)?|周期|循环|重复|频[率次]|repeats?|frequency"
    ),
}
_NO = {"否", "不", "没有", "×", "x", "n", "no", "0", "false"}
_GONE = re.compile(r"已?(?:离职|离岗|辞职|退休|停职|停岗|调[离出走])|resigned|terminated|suspended|inactive|left")
"""The status of somebody who does not work at all."""
_CHANGES = re.compile(
    r"[请病事年休产婚丧探补]假|[调轮补]休|[换调串]班|[对互]调|(?<!更)换(?![药证季届岗])|[替代顶](?:[班岗替]|$)|顶[上了]|接班人|借调|调[往到至]"
    r"|停[薪用]|出差|外派|支援|改|更正|取消|作废|驳回|拒绝|撤[销回]|旷工|缺勤|隔离|住院|工伤|[早晚迟]\S{0,2}[走到退]|早退|哺乳期?每天|提前|推迟|顺延|产检|体检|辞退|开除|解聘|转岗|轮岗"
    r"|sick|leave|cancel|reject|swap|resign|cover(?:s|ing|ed|by|for)|instead|replac|exchange|trad(?:e|es|ing)(?:d|with|shift)|switch|vacation|absen|maternity"
    r"|tausch|vertret|vertritt|krank|urlaub|(?<![a-z])statt|ersatz|fällt?aus|kündig|remplac|échang|congé|malade|absent|à?laplacede|sustitu|reemplaz|cambi[oa]|vacaciones"
    r"|debaja|enlugarde|交代|交替|代わ|代理|振替|欠勤|有給|休暇|退職|変更|대체|대근|변경|휴가|병가|퇴사|替わ|"
    + _GONE.pattern
)
"""What a remark says of a day that may not be worked as planned."""
_OF_A_DAY = re.compile(
    _CHANGES.pattern + r"|[早中晚夜白日]班|(?:全[员体]|所有人)\S{0,3}(?:到岗|上班|出勤|在岗)"
    r"|加班(?![费补])|提前|推迟|延[后长]|入职|报到|调入|放假|停[业产工]|闭店|starts?(?!time)|joins"
)
"""What a sentence with a day may change."""
_SIGNED = re.compile(r"(?:制表|编制|审[核批]|批准|填表|排班|制作|更新|打印)[人员者日]?\W")
_OFTEN = re.compile(r"(?:班次?|[上下]班|到岗)\S{0,4}(?:提前|推迟|顺延|错后|延[后长迟])\S{0,3}小时")
_MEANS = r"\S{0,4}?(?:=|:|为|表示|代表|即|是|means?|indicates?|is(?![a-z])|are(?![a-z])|bedeutet|heißt)"
_NOT_OF_SHIFTS = r"(?!\S{0,3}(?:周|星期|节|假日|法定|休|末|weekend|holiday|off|feiertag|frei|wochenende))"
_LOOKS = re.compile(
    rf"(?:(?:[红黄蓝绿橙紫灰粉青][色底]?|标[红黄蓝绿]|颜色)|(?<![a-z])(?:red|yellow|green|blue|orange|purple|gr[ae]y|pink|rot|gelb|grün|blau|grau)"
    rf"(?:cells?|shading|background|er?hintergrund)?){_MEANS}{_NOT_OF_SHIFTS}"
)
"""What a colour means; that of letters, and their form, is not read at all."""
_LETTERS = re.compile(
    rf"(?:(?:[红黄蓝绿橙紫灰粉青]色?字体?|加粗|粗体|斜体|下划线|字体|边框)|(?<![a-z])(?:bold|italics?|underlined?|fett|kursiv)"
    rf"|(?:red|blue|green|rote|blaue)(?:text|font|letters|schrift)){_MEANS}{_NOT_OF_SHIFTS}"
    r"|(?:[红黄蓝绿橙紫灰粉青]字|加粗|粗体|斜体|下划线|字体|边框)\S{0,6}(?:[早中晚夜白日值][班夜]|休|假)(?!长)"
)
_BLANKS = re.compile(
    r"(?:空白|空格|留空|不填|未填|[/—\-×])\W{0,2}(?:=|:|为|表示|代表|即|是)\W{0,2}(?:休|不上班|off|rest)"
)
_FROM_A_DAY = re.compile(r"(\d{1,2})[/.月](\d{1,2})[日号]?起(?:执行|实[行施]|施行|启用|生效)")
_INSTEAD = re.compile(r"[换替代顶]")
_OF_SOMEBODY = re.compile(
    _GONE.pattern + r"|[替代顶][班岗]|[接顶]替|暂停|[产病事婚丧]假|固定休|每周|的班|只上|[对互]调|[换串]班"
    r"|swap|cover(?:s|ing|edby|for)|instead|replac|onleave|offsick|maternity|tausch|vertret|vertritt|krank|urlaub|(?<![a-z])statt|ersatz|remplac|échang"
    r"|malade|sustitu|reemplaz|debaja|交代|代わ|休職|産休|退職|대근|대체|휴직|퇴사"
)
"""What a sentence that names a person may change, on whatever day."""
_VOID = re.compile(r"(?<![改期])作废(?:\)?$|(?=[,;。]))|(?:以[下上]|此|本)\S{0,6}作废")
_A_DAY = re.compile(
    r"(?<![前\d月])\d{1,2}(?:日|号(?![楼岗机线门床车位店厅桌仓院]))(?![前内])"
    r"|(?<![\d./年])\d{1,2}[/.月]\d{1,2}(?![\d./:]|\s?[天小个h%])"
    r"|\d(?:st|nd|rd|th)?(?:of)?" + MONTH_IN_TEXT + "|" + MONTH_IN_TEXT + r"\d{1,2}(?!\d)"
)
_NO_SHIFT = re.compile(
    r"部门|[组岗职区楼店]|主管|班长|领导|经理|审[批核]|制表|排班[人员]|[创提]|team|group|dep|area|position|role|manage|superv|approv|creat"
)
"""In the heading of a column that may have the words of shifts and people for something else."""
CHANGED = "这句话说有人换班、请假或离职；没有读取它"
_EVERY_DAY = {"每天", "每日", "天天", "daily", "everyday"}


class Contradiction(NamedTuple):
    column: int
    code: str
    detail: str
    said: str


def columns_beside(top: Row, header: Long) -> dict[int, Kind]:
    """The columns that say more of a row's day than its shift; any `other` may name another shift or person."""
    own = {header.person, header.day, header.until, header.shift, header.account, header.mobile}
    own |= {header.begin, header.cease}
    headings = {
        column: key(text_of(top[column]))
        for column in range(len(top))
        if column in header.columns and column not in own
    }
    kinds: dict[int, Kind] = {column: "other" for column, said in headings.items() if not _NO_SHIFT.search(said)}
    first = reversed(_HEADINGS.items())  # of several kinds the first counts
    return kinds | {column: kind for kind, known in first for column, said in headings.items() if known.fullmatch(said)}


def columns_of_status(tops: Sequence[Row], columns: Iterable[int]) -> dict[int, Kind]:
    """The columns that say more of a whole row of days; their heading is in one of the rows."""
    kinds: tuple[Kind, ...] = ("valid", "void", "remark")
    found = product(columns, tops, kinds)
    return {column: kind for column, top, kind in found if _HEADINGS[kind].fullmatch(key(text_of(cell(top, column))))}


def is_void(kind: Kind, said: str) -> bool:
    """Whether what such a column says means that its row does not count."""
    own = key(said)
    if kind == "remark":
        return is_set_aside(said) or _GONE.fullmatch(own) is not None
    return bool(own) and (own in _NO) == (kind == "valid")


def is_change(kind: Kind, said: str, names: Iterable[str] = (), *, is_of_days: bool = False) -> bool:
    """Whether what such a column says may mean that its row is not worked as planned; `names` are those of the table. A
    remark of a row of many days may name one of them."""
    word = key(said)
    is_about_days = _CHANGES.search(word) or (is_of_days and _A_DAY.search(word)) or word in REST_WORDS
    is_instead = _INSTEAD.search(word) and any(key(name) in word for name in names)
    return kind == "remark" and bool(is_about_days or is_instead)


@lru_cache(maxsize=4_096)
def tells_change(text: str, names: frozenset[str], days: frozenset[date], *, has_colours: bool = False) -> str:
    """Why a text beside the tables may change what they say; "" if it does not: 8日张三、李四换班, 赵六离职, 以下作废."""
    said = key(text)
    may_be_of_somebody = _A_DAY.search(said) or _OF_SOMEBODY.search(said)
    is_named = may_be_of_somebody and said not in names and any(name in said for name in names)
    is_of_a_day = _A_DAY.search(said) and (is_named or _OF_A_DAY.search(said)) and not _SIGNED.match(said)
    is_title = title_clue(text) is not None and not (is_named and _CHANGES.search(said))
    is_of_somebody = is_named and _OF_SOMEBODY.search(said)
    if (is_of_a_day and not is_title) or _VOID.search(said) or is_of_somebody or _OFTEN.search(said):
        return CHANGED
    if (has_colours and _LOOKS.search(said)) or _LETTERS.search(said):
        return "这句话说颜色或字体有含义；没有读取它"
    if _BLANKS.search(said):
        return "这句话说空格或符号是休息；请写上休"
    if any(
        day.month == int(month) and day.day < int(first) for month, first in _FROM_A_DAY.findall(said) for day in days
    ):
        return "这句话说从某一天起执行，表里却有更早的日期"
    return ""


def row_as_text(row: Row, names: Set[str], days: Set[date]) -> str:
    """A row of a register such as 张三 | 2026-12-08 | 请假 as a sentence, if it names a person and a day of the roster."""
    month = min(days, default=None)
    parts = ((value, date_parts(value)) for value in row if value is not None)
    in_days = {value: as_date(value, month) if said and said[1] else None for value, said in parts}
    is_of_both = any(day in days for day in in_days.values()) and any(key(text_of(value)) in names for value in row)
    said = (f"{day:%m月%d日}" if day in days else text_of(value) for value, day in in_days.items())
    return " ".join(said) if is_of_both else ""


def contradiction(
    row: Row, header: Long, beside: Mapping[int, Kind], code: str, days: Sequence[date], others: Set[str]
) -> Contradiction | None:
    """The first column that says something else than the shift and the days of its row; `others` are the shifts and people
    of other rows."""
    is_rest = key(code) in REST_WORDS
    for column, kind in beside.items():
        said = code_of(cell(row, column))
        is_no = key(said) in _NO
        differs = {
            "shift": key(said) != key(code),
            "rest": bool(code) and is_no == is_rest,
            "leave": bool(code) and not is_no and not is_rest,
            "work": bool(code) and is_no != is_rest,
            "valid": is_no,
            "void": not is_no,
            "remark": bool(code) and not is_rest and is_change(kind, said),
            "times": False,
            "name": False,
            "other": key(said) in others and key(said) != key(code),
            "weekdays": key(said) not in _EVERY_DAY and (len(days) > 1 or _is_another_weekday(said, days)),
        }
        if said and differs[kind]:
            if kind == "weekdays":
                return Contradiction(column, "weekday_contradiction", "星期与日期不符", said)
            return Contradiction(column, "twice", "同一天有两种说法", f"{code} / {said}")
    own = cell(row, header.day)
    if len(days) == 1 and _is_another_weekday(own, days):
        return Contradiction(header.day, "weekday_contradiction", "星期与日期不符", code_of(own))
    return None


def _is_another_weekday(value: Value, days: Sequence[date]) -> bool:
    named = weekday_in(value)
    return named is not None and any(day.weekday() != named for day in days)
