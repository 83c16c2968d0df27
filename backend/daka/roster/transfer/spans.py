"""Spans of time as people write them: 8:00-16:00, 上午8点至下午4点半, 8h-16h30, 9am-5pm, 0830-1730, 9-13/17-21. Pure."""

import re

from daka.widths import in_one_width

_SECONDS, _NEXT_DAY = r"(?::00)?(?![\d:])", r"次日|翌日|隔日|第二[天日]|次|翌"
TIMES = re.compile(
    rf"[(\[]?(?<!\d)(?<!\d:)(\d{{1,2}}):([0-5]\d){_SECONDS}\s{{0,3}}(?:-{{1,2}}|[‐‑–—−~至到→])\s{{0,3}}(?:{_NEXT_DAY})?\s{{0,3}}"
    rf"(\d{{1,2}}):([0-5]\d){_SECONDS}(?:\s?\(?(?:{_NEXT_DAY}|\+1(?!\d))\)?)?[)\]]?"
)
"""A span in the one form into which `by_the_clock` puts them."""
_OVER_NIGHT = re.compile(rf"{_NEXT_DAY}|\+1")
_DASH, _LONE = r"\s?[-–—~至到]\s?", r"(?<![\d:.])"
_LENGTH = re.compile(r"[(\[]?\d{1,2}(?:\.\d)?\s?(?:小时|hours|h)[)\]]?", re.IGNORECASE)
_WITH_FOUR_DIGITS = re.compile(rf"(?<!\d)([01]?\d|2[0-4])([0-5][05]){_DASH}([01]\d|2[0-4])([0-5][05])(?!\d)")
_WITH_H = re.compile(
    rf"{_LONE}(\d{{1,2}})\s?h([0-5]\d)?(?:{_DASH}|\s?[àa]\s?)(\d{{1,2}})\s?h([0-5]\d)?(?!\d)", re.IGNORECASE
)
_WITH_DOTS = re.compile(rf"{_LONE}(\d{{1,2}})\.([0-5][05]){_DASH}(\d{{1,2}})\.([0-5][05])(?![\d.])")
_SAID_ONCE = re.compile(rf"{_LONE}(\d{{1,2}}){_DASH}(\d{{1,2}})(?:\s?[点时](?![半间\d])|\s?uhr\b)", re.IGNORECASE)
_HALF_SAID_LAST = re.compile(
    rf"{_LONE}(\d{{1,2}})(:[0-5]\d)?({_DASH})(?=(\d{{1,2}})(?::[0-5]\d)?\s?([ap])\.?m)", re.IGNORECASE
)
_HALF_SAID_FIRST = re.compile(
    rf"(?:下午|午后|傍晚|晚上)\s?(\d{{1,2}})([:点时]\S{{0,3}}?)({_DASH})(\d{{1,2}})(?=[:点时])"
)
_IN_WORDS = re.compile(
    r"(\d:[0-5]\d)\s?(?:uhr\s?)?(?:to|till|until|bis|hasta|à|a)\s?(?=\d{1,2}:[0-5]\d)", re.IGNORECASE
)
_SHORT_HALF = re.compile(
    r"(?<![\w:.])(\d{1,2}(?::[0-5]\d)?\s?[ap])\s?([-–])\s?(\d{1,2}(?::[0-5]\d)?\s?[ap])(?![\w.])", re.IGNORECASE
)
_CLOCK = re.compile(r"(?<=\d:[0-5]\d)\s?uhr\b", re.IGNORECASE)
_SPOKEN = re.compile(
    r"(?P<half>上午|早上|凌晨|中午|下午|傍晚|晚上)?\s?(?<!\d)(?<!\d[:.])(?P<hour>\d{1,2})(?::(?P<minute>[0-5]\d)|(?P<said>[点时](?!间)半?)|(?=\s?[ap]\.?m))"
    r"(?:\s?(?P<m>[ap])\.?m\b\.?)?",
    re.IGNORECASE,
)
_BARE = re.compile(
    rf"(?:[^\d\s:=-]{{2,10}}\s?)?\d{{1,2}}{_DASH}\d{{1,2}}(?:[\s,/、;+&]{{1,3}}\d{{1,2}}{_DASH}\d{{1,2}}){{0,2}}"
)
_BARE_SPAN = re.compile(rf"(\d{{1,2}}){_DASH}(\d{{1,2}})")
_A_TIME = r"\d{1,2}:[0-5]\d(?::00)?"
NOON, LATEST, LONGEST_HOURS = 12, 30, 16


def by_the_clock(text: str) -> str:
    """A text with its times as 17:30, where it says 5:30pm, 下午5点半, 0830-1730, 8h-17h30, 8.00-16.00, or nothing but 9-17."""
    text = in_one_width(text)
    if _BARE.fullmatch(text.strip()) and _are_of_24_hours([int(hour) for hour in re.findall(r"\d+", text)]):
        return _BARE_SPAN.sub(r"\1:00-\2:00", text)
    text = _WITH_FOUR_DIGITS.sub(r"\1:\2-\3:\4", text)
    text = _SHORT_HALF.sub(r"\1m\2\3m", text)
    text = _WITH_H.sub(lambda found: "{}:{}-{}:{}".format(*found.groups("00")), text)
    text = _WITH_DOTS.sub(_with_colons, text)
    text = _SAID_ONCE.sub(r"\1:00-\2:00", text)
    text = _HALF_SAID_LAST.sub(_with_its_half, text)
    text = _HALF_SAID_FIRST.sub(_in_the_same_half, text)
    return _CLOCK.sub("", _IN_WORDS.sub(r"\1-", _SPOKEN.sub(_as_time, text)))


def _are_of_24_hours(hours: list[int]) -> bool:
    """Whether bare numbers are hours that are counted through: 9-17, not 9-5."""
    is_counted = any(hour == 0 or hour > NOON for hour in hours)
    return is_counted and all(hour <= LATEST for hour in hours) and all(hour <= 24 for hour in hours[::2])


def _with_colons(found: re.Match[str]) -> str:
    """8.00-16.00; 10.15-12.15 may be dates."""
    first, last = int(found[1]), int(found[3])
    is_time = "00" in (found[2], found[4]) or max(first, last) > NOON or last - first > 2
    return f"{found[1]}:{found[2]}-{found[3]}:{found[4]}" if is_time else found[0]


def _with_its_half(found: re.Match[str]) -> str:
    """2-6pm begins in the afternoon, 9-5pm in the morning, 10-6am in the evening."""
    is_the_same = int(found[1]) % NOON < int(found[4]) % NOON
    half = found[5] if is_the_same else "a" if found[5].lower() == "p" else "p"
    return f"{found[1]}{found[2] or ':00'} {half}m{found[3]}"


def _in_the_same_half(found: re.Match[str]) -> str:
    """下午2:00-6:00 ends at 18:00, 晚上10:00-6:00 in the morning."""
    first, last = int(found[1]) % NOON + NOON, int(found[4])
    last += NOON if last < NOON and last + NOON > first else 0
    return f"{first}{found[2]}{found[3]}{last}"


def _as_time(found: re.Match[str]) -> str:
    half, hour, minute, other_half = found["half"] or "", int(found["hour"]), found["minute"] or "00", found["m"] or ""
    is_late = half in ("下午", "晚上", "傍晚") or other_half.lower() == "p"
    is_spoken = half or other_half or found["said"]
    minute = "30" if found["said"] and found["said"].endswith("半") else minute
    is_midnight = half == "晚上" and hour == NOON
    hour = hour % NOON + NOON * (is_late + is_midnight) if half or other_half else hour
    return f"{hour}:{minute}" if is_spoken else found[0]


def is_time(text: str) -> bool:
    """Whether a text is nothing but a time or a span of it."""
    return re.fullmatch(_A_TIME, text) is not None or TIMES.fullmatch(by_the_clock(text)) is not None


def times_in(match: re.Match[str]) -> tuple[str, str]:
    """Start and end as HH:MM; 24:00 is 00:00."""
    start, end = (f"{int(hour) % 24:02}:{minute}" for hour, minute in (match.group(1, 2), match.group(3, 4)))
    return start, end


def without_times(text: str) -> str:
    """What a text says besides its times and how many hours they are: 早班 in 早班: 08:00-16:00 (8h)."""
    return _LENGTH.sub(" ", TIMES.sub(" ", text)).strip(" \n:,;、/+-()")


def is_doubtful(match: re.Match[str]) -> bool:
    """Whether a span ends on the morning after the one on which it begins without saying so: 9:00-6:00 is rather 9:00-18:00."""
    start, end = times_in(match)
    is_said = _OVER_NIGHT.search(match[0]) is not None
    return not is_said and end < start < f"{NOON}" and int(start[:2]) - int(end[:2]) < 24 - LONGEST_HOURS
