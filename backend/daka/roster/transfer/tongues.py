"""Names of months and weekdays in the languages in which rosters are written. Pure."""

import re
from collections.abc import Iterable

_MONTHS = (
    "january jan janvier janv januar jänner januari enero ene gennaio gen janeiro января январь",
    "february feb février fevrier févr februar februari febrero febbraio fevereiro fev февраля февраль",
    "march mar mars märz maerz mär mrz maart marzo março марта март",
    "april apr avril avr abril abr aprile апреля апрель",
    "may mai mayo maggio mag maio mei мая май",
    "june jun juin juni junio giugno giu junho июня июнь",
    "july jul juillet juil juli julio luglio lug julho июля июль",
    "august aug août aout agosto ago augustus августа август",
    "september sept sep septembre septiembre setiembre settembre set setembro сентября сентябрь",
    "october oct octobre oktober okt octubre ottobre ott outubro октября октябрь",
    "november nov novembre noviembre novembro ноября ноябрь",
    "december dec décembre decembre déc dezember dez diciembre dic dicembre dezembro декабря декабрь",
)
_WEEKDAYS = (
    "monday mon montag mo lundi lun lunes lunedì lunedi segunda-feira segunda maandag ma понедельник пн 월",
    "tuesday tues tue dienstag di mardi mar martes martedì martedi terça-feira terça dinsdag вторник вт 화",
    "wednesday wed mittwoch mi mercredi mer miércoles miercoles mié mercoledì quarta-feira quarta woensdag wo среда ср 수",
    "thursday thurs thur thu donnerstag do jeudi jeu jueves jue giovedì giovedi gio quinta-feira quinta donderdag четверг чт 목",
    "friday fri freitag fr vendredi ven viernes vie venerdì venerdi sexta-feira sexta vrijdag vr пятница пт 금",
    "saturday sat samstag sonnabend sa samedi sam sábado sabado sáb sabato zaterdag za суббота сб 토",
    "sunday sun sonntag so dimanche dim domingo domenica dom zondag zo воскресенье вс 일",
)
MONTH_NUMBERS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
WEEKDAY_NUMBERS = {name: number for number, names in enumerate(_WEEKDAYS) for name in names.split()}
WEEKDAY_NUMBERS |= {f"{name}요일": number for name, number in WEEKDAY_NUMBERS.items() if name in "월화수목금토일"}


def _any_of(names: Iterable[str]) -> str:
    """A pattern for one of the names, which looks at two letters before it tries them all."""
    names = sorted(names, key=len, reverse=True)
    first, second = ("".join(sorted({name[at] for name in names if len(name) > 1})) for at in (0, 1))
    alone = [name for name in names if len(name) == 1]
    return "|".join([f"(?=[{first}][{second}])(?:{'|'.join(name for name in names if len(name) > 1)})", *alone])


MONTH = f"({_any_of(MONTH_NUMBERS)})"
_IN_ENGLISH = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "june",
    "jul",
    "july",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
]
MONTH_IN_TEXT = f"({_any_of(name for name in MONTH_NUMBERS if len(name) > 4 or name in _IN_ENGLISH)})"
"""In a sentence, where short names such as set or out are other words."""
WEEKDAY = _any_of(WEEKDAY_NUMBERS)
WEEKDAY_IN_TEXT = _any_of(
    name for name in WEEKDAY_NUMBERS if len(name) > 3 or name in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
)
_IN_HANGUL = re.compile(r"(?<=\d)\s?([년월일])(?!요일)")
_SIGNS = {"년": "年", "월": "月", "일": "日"}


def in_signs(text: str) -> str:
    """A text with its Korean dates as 2026年 12月 1日."""
    return text if text.isascii() else _IN_HANGUL.sub(lambda found: _SIGNS[found[1]], text)
