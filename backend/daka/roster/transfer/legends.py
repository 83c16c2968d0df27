"""What a file says about its shifts: legends such as 早=早班8:00-16:00, and times in a code itself. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from daka.roster.transfer.found import ShiftInLegend
from daka.roster.transfer.spans import NOON, TIMES, by_the_clock, is_doubtful, times_in, without_times
from daka.roster.transfer.words import CODE, SHIFT, is_heading, is_shift, word_at
from daka.shifts.rest_words import REST_WORDS
from daka.spreadsheets.sheet import Row, text_of
from daka.widths import in_one_width, key

_ONE_TIME = re.compile(r"(\d{1,2}:[0-5]\d)(?::00)?")
_WITHOUT_COLONS = re.compile(
    r"(?:(?<=[=:(])|(?P<loose>(?<=[\s班番勤早中晚夜白日])|(?<=\d[,/、&+])))(\s?)([01]?\d|2[0-4])(?:\.([0-5]\d))?\s?[-–~至到]\s?"
    r"([01]?\d|2[0-4])(?:\.([0-5]\d))?(?=$|[\s;,。、/)&+])"
)
"""Times of a legend such as 早=9-18, 早:8.30-16.30 or 早班6-14."""
_NEXT_ENTRY = re.compile(r"[;,。、\n]")
_BETWEEN_WORDS = re.compile(r"[=:()/+&【】「」\[\]]")
_CODE_AND_NAME = re.compile(r"([A-Za-z]{1,2}\d?)(?!班|番|岗)([\u4e00-\u9fff]{2,})|([\u4e00-\u9fff]{1,4})([A-Z]\d?)")
"""D白班, or 小夜E."""
_PLACE = re.compile(r"\S{1,6}(?:[区店楼组部厅所层]|校区|门店|area|shop)", re.IGNORECASE)
"""Where times of a legend count, which are then not those of everybody."""
_BREAK = re.compile(r"\s?[(]?(?:吃饭|用餐|就餐|午餐|午休|休息|休|break|lunch|pause)", re.IGNORECASE)
_PARTS_OF_DAY = {
    "early": "早 early morning früh matin mañana manhã mattina vroeg 오전 아침",
    "late": "晚 遅 late evening spät soir laat 오후",
    "day": "白 日 day tag jour 주간",
    "night": "夜 大夜 通宵 深夜 night nacht nuit noche noite notte 야간",
}
_PART_OF = {word: part for part, words in _PARTS_OF_DAY.items() for word in words.split()}
_SHIFT_SUFFIX = re.compile(r"(?:班|番|勤|shift|schicht|dienst)$")
_NAMED = re.compile(
    r"(?<![^\s;,。、(:=])([^\s;,。、=:()]{1,12}?)\s?(?:[=:(→-]|代表|表示|即|为|是)\s?([^\s;,。、=:()-]{1,8})(?![^\s;,。、)])"
)
"""早=早班, without times."""
_ONE_END = re.compile(
    r"(?<![^\s;,。、=:()\d])([^\s;,。、=:()\d]{1,12})\s?[:(]?\s?(\d{1,2}:[0-5]\d)\s?(上班|到岗|开始|start|下班|结束)",
    re.IGNORECASE,
)
"""早班9:00上班, which does not say the other end."""
_BOTH_ENDS = re.compile(r"(\d:[0-5]\d)\s?(?:上班|到岗|开始)[\s,/、]?(\d{1,2}:[0-5]\d)\s?(?:下班|结束)")
_WHEN = re.compile(
    r"周末|(?:周|星期|礼拜)[一二三四五六日天](?:[至到~-](?:周|星期)?[一二三四五六日天])?|节?假日|工作日|平[时日]|[冬夏](?:[季天]|令时)?"
    r"|(?:\d{1,2}月)?\d{1,2}[日号]|[起原旧]|以[前后]"
)
"""When times of a legend count, which are then not those of every day."""
LONGEST_CODE = 4
LONGEST_WORD = 12
MOST_ENTRIES = 100


def _with_colons(found: re.Match[str]) -> str:
    _, start, minute, end, last_minute = (group or "00" for group in found.groups()[1:])
    is_certain = found["loose"] is None or "0" in (start, end) or max(int(start), int(end)) > NOON
    return f"{found[2]}{start}:{minute}-{end}:{last_minute}" if is_certain else found[0]


class Legend:
    """Collects the entries of a file's legends."""

    def __init__(self) -> None:
        self.entries: dict[str, ShiftInLegend] = {}
        """By the key of the code."""
        self.split = set[str]()
        """Codes of which two places of the file say different things, as the legends of two shops do."""
        self._place = 0
        self._places: dict[str, int] = {}
        """Where each code was first explained."""

    def read(self, rows: Iterable[Row]) -> None:
        """The legends of a sheet, from what is beside its tables."""
        columns: tuple[int, int] | None = None
        above: Row = []
        for row in rows:
            self._place += 1
            if are_times_below(above, [row]):
                for word, times in zip(map(text_of, above), map(text_of, row), strict=False):
                    self.take(f"{word}={times}" if word else "")
            above = row
            for text in _runs(row):
                self.take(text)
            code = next((column for column, value in enumerate(row) if is_heading(value, CODE)), None)
            columns = columns if code is None else (code, code + 1)
            if columns and is_shift(name := word_at(row, columns[1])):
                self.add(word_at(row, columns[0]), name)

    def add(self, word: str, name: str, periods: tuple[tuple[str, str], ...] = ()) -> None:
        """Take what is said of a word; of two that differ in their times, neither counts."""
        word, before = key(word), self.entries.get(key(word))
        if not word or len(word) > LONGEST_WORD or (before is None and len(self.entries) >= MOST_ENTRIES):
            return
        if before and self._place != self._places[word] and _differ(before, name, periods):
            self.split.add(word)
        self._places.setdefault(word, self._place)
        if before and not (before.name and name and (not periods or before.periods in ((), periods))):
            name, periods = "", ()
        elif before and not periods:
            names = before.name.split("\n")
            name = before.name if before.periods or name in names else "\n".join([*names, name])
            periods = before.periods
        self.entries[word] = ShiftInLegend(name, periods if name else ())

    def take(self, text: str) -> None:
        """Entries of a text such as 早=早班8:00-16:00; 晚:16:00-24:00."""
        text = by_the_clock(_WITHOUT_COLONS.sub(_with_colons, in_one_width(text)))
        text, ended = _BOTH_ENDS.sub(r"\1-\2", text), 0
        entries: list[tuple[list[str], list[tuple[str, str]]]] = []
        doubtful: list[str] = []
        for match in TIMES.finditer(text):
            said = _NEXT_ENTRY.split(text[ended : match.start()])[-1]
            ended = match.end()
            if words := _words_of(_WHEN.sub(" ", said)):
                entries.append((words, []))
                doubtful += words[:-1] if _PLACE.fullmatch(words[-1]) else []
            elif entries and (_WHEN.search(said) or _overlap(entries[-1][1], times_in(match))):
                if _BREAK.match(text, ended):
                    continue
                doubtful += entries[-1][0]
            if entries:  # without words, it is another period of the last entry
                entries[-1][1].append(times_in(match))
                doubtful += entries[-1][0] if is_doubtful(match) else []
        for words, periods in entries:
            is_certain = not any(_is_unlike(word, *periods[0]) for word in words)
            for word in words:
                self.add(word, words[-1] if is_certain and word not in doubtful else "", tuple(periods))
        pieces = filter(None, map(_CODE_AND_NAME.fullmatch, text.split()))
        for word, name in [
            *((piece[1], piece[2]) for piece in pieces if piece[1]),
            *_NAMED.findall(TIMES.sub(" ", text)),
        ]:
            if is_shift(name) or key(name) in REST_WORDS:
                self.add(word, name)
        for word, time, end in _ONE_END.findall(_WHEN.sub(" ", TIMES.sub(" ", text))):
            place, known = int(end in ("下班", "结束")), self.entries.get(key(word))
            if not (known and known.periods and known.periods[-place][place] == time.zfill(5)):
                self.add(word, word, (("", time.zfill(5)) if place else (time.zfill(5), ""),))


def is_contradicted(word: str, legend: Legend) -> bool:
    """Whether two places of a file say different things of a code, or the times beside it are not those of the legend."""
    clocked, entries = by_the_clock(word), legend.entries
    times = tuple(times_in(match) for match in TIMES.finditer(clocked))
    own = without_times(clocked) if times else word
    said = said_of(own, entries)
    if said is None or not legend.split.isdisjoint(_variants(own)):
        return said is not None
    ends = ((said.periods[0][0], said.periods[-1][1]),) if said.periods else times
    return bool(times) and all(ends[0]) and times not in (said.periods, ends)


def _differ(before: ShiftInLegend, name: str, periods: tuple[tuple[str, str], ...]) -> bool:
    """Whether two explanations of a code are of different times, or their names of different parts of the day."""
    if periods and before.periods:
        return periods != before.periods and all(map(all, [*periods, *before.periods]))
    parts = {_part_of_day(each) for each in (*before.name.split("\n"), name)}
    return len(parts - {None}) > 1


def _part_of_day(name: str) -> str | None:
    return _PART_OF.get(_SHIFT_SUFFIX.sub("", key(name)))


def _variants(word: str) -> tuple[str, ...]:
    """A code as it may stand in a legend: A, A班."""
    bare = _SHIFT_SUFFIX.sub("", key(word))
    return key(word), bare, *(bare + end for end in ("班", "番", "勤"))


def said_of(word: str, legend: Mapping[str, ShiftInLegend]) -> ShiftInLegend | None:
    """What a legend says of a code; what it says of A班 is said of A, too."""
    return next((legend[each] for each in _variants(word) if each in legend), None)


def _words_of(said: str) -> list[str]:
    """The code and the name before a span: E = Early, 早 早班, D白班, or one word that is both."""
    parts = [part.strip(" -–") for part in _BETWEEN_WORDS.split(said) if part.strip(" -–")][-2:]
    if len(parts) == 1:
        pieces = [piece for piece in parts[0].split() if piece not in "-–"]
        is_code_first = len(pieces) > 2 and len(pieces[0]) <= 2
        parts = [pieces[0], " ".join(pieces[1:])] if is_code_first else pieces[-2:]
    if len(parts) == 1 and (match := _CODE_AND_NAME.fullmatch(parts[0])):
        return [match[1] or match[4], match[2] or match[3]]
    return [*(part.split()[-1] for part in parts[:-1]), *parts[-1:]]


def _overlap(periods: list[tuple[str, str]], times: tuple[str, str]) -> bool:
    """Whether a span begins within one of the periods before it."""
    return any(start <= times[0] < end for start, end in periods)


def _is_unlike(word: str, start: str, end: str) -> bool:
    """Whether times are of another part of the day than their word says: 早 20:00-8:00, 夜 8:00-16:00."""
    part = _part_of_day(word)
    return (
        (part == "early" and not "03:00" <= start < "12:00")
        or (part == "late" and "03:00" <= start < "09:00")
        or (part == "day" and not "04:00" <= start < "18:00")
        or (part == "night" and "06:00" <= start < end <= "22:00")
    )


def are_times_below(row: Row, below: Sequence[Row]) -> bool:
    """Whether a row of codes has one of their times below it: 班次 | 早 | 中, then 时间 | 6:30-14:30 | 14:30-22:30."""
    if not below or not any(is_heading(value, CODE | SHIFT) for value in row):
        return False
    spans = [column for column, value in enumerate(below[0]) if TIMES.fullmatch(by_the_clock(text_of(value)))]
    return len(spans) > 1 and all(word_at(row, column) for column in spans)


def _runs(row: Row) -> Iterator[str]:
    """Texts of adjacent cells, joined; a start and an end beside each other become a span."""
    run: list[str] = []
    for value in [*row, None]:
        text = text_of(value)
        if not text:
            if run:
                yield " ".join(run)
            run = []
        elif run and (start := _ONE_TIME.fullmatch(run[-1])) and (end := _ONE_TIME.fullmatch(text)):
            run[-1] = f"{start[1]}-{end[1]}"
        else:
            run.append(text)


class SuggestedShift(NamedTuple):
    """A shift that a word of a file seems to mean."""

    name: str
    code: str
    start: str | None
    end: str | None
    """Without times it is a rest day."""


def suggested_shift(word: str, legend: Mapping[str, ShiftInLegend]) -> SuggestedShift | None:
    """The shift to make for an unknown word; None where the file does not say its times."""
    text = in_one_width(word).strip()
    if key(text) in REST_WORDS:
        return SuggestedShift(text, text[:LONGEST_CODE], None, None)
    code = text if len(text) <= LONGEST_CODE and not re.search(r"[\s,]", text) else re.sub(r"[\s,]", "", text)[:2]
    spans = list(TIMES.finditer(by_the_clock(text)))
    if len(spans) == 1 and not is_doubtful(spans[0]):
        name = without_times(by_the_clock(text))
        start, end = times_in(spans[0])
        return SuggestedShift(
            (name or f"{start}-{end}")[:40], (name or start.lstrip("0")).split(":")[0][:LONGEST_CODE] or "0", start, end
        )
    if (shift := said_of(text, legend)) and len(shift.periods) == 1 and all(shift.periods[0]):
        return SuggestedShift(shift.name, code, *shift.periods[0])
    return None
