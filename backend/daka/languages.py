"""The two languages in which people are written to. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum


class Language(StrEnum):
    CHINESE = "zh"
    ENGLISH = "en"


WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Words = tuple[str, str]
"""A text in Chinese and English."""


def colon_after(label: str) -> str:
    """The label with its script's colon."""
    return f"{label}：" if label and label[-1] >= "\u2e80" else f"{label}: "


def day_in(day: date, language: Language) -> str:
    """12月1日, or 1 Dec."""
    return said((f"{day.month}月{day.day}日", f"{day.day} {MONTHS[day.month - 1]}"), language)


def weekday_in(day: date, language: Language) -> str:
    """周二, or Tue."""
    return said((f"周{'一二三四五六日'[day.weekday()]}", WEEKDAYS[day.weekday()]), language)


def date_in(day: date, language: Language) -> str:
    """12月1日 周二, or Tue 1 Dec."""
    parts = [day_in(day, language), weekday_in(day, language)]
    return " ".join(parts if language is Language.CHINESE else reversed(parts))


def listed(texts: Iterable[str], language: Language) -> str:
    """早、中, or early, late."""
    return said(("、", ", "), language).join(texts)


def people_in(names: Iterable[str], language: Language, most: int = 5) -> str:
    """张三、李四 等 7 人, or 张三, 李四 and others (7 people): up to `most` names, and the number of people if there are more."""
    distinct = list(dict.fromkeys(names))
    more = said((" 等 {} 人", " and others ({} people)"), language).format(len(distinct))
    return listed(distinct[:most], language) + (more if len(distinct) > most else "")


def said(words: Words, language: Language) -> str:
    return words[language is Language.ENGLISH]


def language_of_terminal(environment: Mapping[str, str]) -> Language:
    """Chinese where the first of LC_ALL, LC_MESSAGES and LANG that is set says so."""
    found = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(name))), "")
    return Language.CHINESE if found.lower().startswith("zh") else Language.ENGLISH
