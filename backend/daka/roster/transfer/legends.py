"""What a file says about its shifts: legends such as 早=早班8:00-16:00, and times in a code itself. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from daka.roster.transfer.found import ShiftInLegend
from daka.roster.transfer.words import CODE, is_heading, is_shift, word_at
from daka.shifts.rest_words import REST_WORDS
from daka.spreadsheets.sheet import Row, text_of
from daka.widths import in_one_width, key

_SECONDS, _NEXT_DAY = r"(?::00)?(?![\d:])", r"次日|翌日|隔日|第二[天日]|次|翌"
TIMES = re.compile(
    rf"[(\[]?(?<!\d)(?<!\d:)(\d{{1,2}}):([0-5]\d){_SECONDS}\s{{0,3}}(?:-{{1,2}}|[‐‑–—−~至到→])\s{{0,3}}(?:{_NEXT_DAY})?\s{{0,3}}"
    rf"(\d{{1,2}}):([0-5]\d){_SECONDS}(?:\s?\(?(?:{_NEXT_DAY}|\+1(?!\d))\)?)?[)\]]?"
)
_LENGTH = re.compile(r"[(\[]?\d{1,2}(?:\.\d)?\s?(?:小时|hours|h)[)\]]?", re.IGNORECASE)
_ONE_TIME = re.compile(r"(\d{1,2}:[0-5]\d)(?::00)?")
_FOUR_DIGITS = re.compile(r"(?<!\d)([01]\d|2[0-4])([0-5][05])\s?[-–~至]\s?([01]\d|2[0-4])([0-5][05])(?!\d)")
_SPOKEN_TIME = re.compile(
    r"(?P<half>上午|早上|凌晨|中午|下午|傍晚|晚上)?\s?(?<!\d)(?<!\d[:.])(?P<hour>\d{1,2})(?::(?P<minute>[0-5]\d)|(?P<said>[点时](?!间)半?)|(?=\s?[ap]\.?m))"
    r"(?:\s?(?P<m>[ap])\.?m\b\.?)?",
    re.IGNORECASE,
)
_WITHOUT_COLONS = re.compile(
    r"(?<=[=:(])(\s?)([01]?\d|2[0-4])(?:\.([0-5]\d))?\s?[-–~至到]\s?([01]?\d|2[0-4])(?:\.([0-5]\d))?(?=$|[\s;,。、/)])"
)
"""Times of a legend such as 早=9-18 or 早:8.30-16.30."""
_NEXT_ENTRY = re.compile(r"[;,。、\n]")
_BETWEEN_WORDS = re.compile(r"[=:\s()/+&]")
_NAMED = re.compile(
    r"(?<![^\s;,。、(:=])([^\s;,。、=:()]{1,12}?)\s?(?:[=:(→-]|代表|表示|即|为|是)\s?([^\s;,。、=:()-]{1,8})(?![^\s;,。、)])"
)
"""早=早班, without times."""
_ONE_END = re.compile(
    r"(?<![^\s;,。、=:()\d])([^\s;,。、=:()\d]{1,12})\s?[:(]?\s?(\d{1,2}:[0-5]\d)\s?(上班|到岗|开始|start|下班|结束)",
    re.IGNORECASE,
)
"""早班9:00上班, which does not say the other end."""
_WHEN = re.compile(
    r"周末|(?:周|星期|礼拜)[一二三四五六日天](?:[至到~-](?:周|星期)?[一二三四五六日天])?|节?假日|工作日|平[时日]|[冬夏](?:[季天]|令时)?"
    r"|(?:\d{1,2}月)?\d{1,2}[日号]|[起原旧]|以[前后]"
)
"""When times of a legend count, which are then not those of every day."""
LONGEST_CODE = 4
LONGEST_WORD = 12
MOST_ENTRIES = 100


def by_the_clock(text: str) -> str:
    """A text with its times as 17:30, where it says 5:30pm, 下午5点半 or 0830-1730."""
    text = _FOUR_DIGITS.sub(r"\1:\2-\3:\4", in_one_width(text))
    return _SPOKEN_TIME.sub(_as_time, text)


def _as_time(found: re.Match[str]) -> str:
    half, hour, minute, other_half = found["half"] or "", int(found["hour"]), found["minute"] or "00", found["m"] or ""
    is_late = half in ("下午", "晚上", "傍晚") or other_half.lower() == "p"
    is_spoken = half or other_half or found["said"]
    minute = "30" if found["said"] and found["said"].endswith("半") else minute
    return f"{hour % 12 + 12 * is_late if half or other_half else hour}:{minute}" if is_spoken else found[0]


def _with_colons(found: re.Match[str]) -> str:
    space, start, minute, end, last_minute = found.groups("00")
    return f"{space}{start}:{minute}-{end}:{last_minute}"


def times_in(match: re.Match[str]) -> tuple[str, str]:
    """Start and end as HH:MM; 24:00 is 00:00."""
    start, end = (f"{int(hour) % 24:02}:{minute}" for hour, minute in (match.group(1, 2), match.group(3, 4)))
    return start, end


def without_times(text: str) -> str:
    """What a text says besides its times and how many hours they are: 早班 in 早班: 08:00-16:00 (8h)."""
    return _LENGTH.sub(" ", TIMES.sub(" ", text)).strip(" \n:,;、/+-()")


class Legend:
    """Collects the entries of a file's legends."""

    def __init__(self) -> None:
        self.entries: dict[str, ShiftInLegend] = {}
        """By the key of the code."""

    def read(self, rows: Iterable[Row]) -> None:
        """The legends of a sheet, from what is beside its tables."""
        columns: tuple[int, int] | None = None
        for row in rows:
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
        if before and not (before.name and name and (not periods or before.periods in ((), periods))):
            name, periods = "", ()
        elif before and not periods:
            names = before.name.split("\n")
            name = before.name if before.periods or name in names else "\n".join([*names, name])
            periods = before.periods
        self.entries[word] = ShiftInLegend(name, periods if name else ())

    def take(self, text: str) -> None:
        """Entries of a text such as 早=早班8:00-16:00; 晚:16:00-24:00."""
        text, ended = by_the_clock(_WITHOUT_COLONS.sub(_with_colons, in_one_width(text))), 0
        entries: list[tuple[list[str], list[tuple[str, str]]]] = []
        doubtful: list[str] = []
        for match in TIMES.finditer(text):
            said = _NEXT_ENTRY.split(text[ended : match.start()])[-1]
            ended = match.end()
            if words := [word for word in _BETWEEN_WORDS.split(_WHEN.sub(" ", said)) if word][-2:]:
                entries.append((words, []))
            elif entries and _WHEN.search(said):
                doubtful += entries[-1][0]
            if entries:  # without words, it is another period of the last entry
                entries[-1][1].append(times_in(match))
        for words, periods in entries:
            for word in words:
                self.add(word, "" if word in doubtful else words[-1], tuple(periods))
        for word, name in _NAMED.findall(TIMES.sub(" ", text)):
            if is_shift(name) or key(name) in REST_WORDS:
                self.add(word, name)
        for word, time, end in _ONE_END.findall(_WHEN.sub(" ", TIMES.sub(" ", text))):
            place, known = int(end in ("下班", "结束")), self.entries.get(key(word))
            if not (known and known.periods and known.periods[-place][place] == time.zfill(5)):
                self.add(word, word, (("", time.zfill(5)) if place else (time.zfill(5), ""),))


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
    if len(spans) == 1:
        name = without_times(by_the_clock(text))
        start, end = times_in(spans[0])
        return SuggestedShift(
            (name or f"{start}-{end}")[:40], (name or start.lstrip("0")).split(":")[0][:LONGEST_CODE] or "0", start, end
        )
    if (shift := legend.get(key(text))) and len(shift.periods) == 1 and all(shift.periods[0]):
        return SuggestedShift(shift.name, code, *shift.periods[0])
    return None
