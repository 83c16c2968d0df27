"""Mobile numbers in one form, however people, spreadsheets and services write them. Pure."""

import re

from daka.widths import in_one_width

_MADE_BY_A_SPREADSHEET = re.compile(r"\d{1,20}\.0|\d\.(\d{1,20})[eE]\+?(\d{1,2})")
_SEPARATORS = re.compile(r"[\s().·\u200b\u202a-\u202e\u2010-\u2015\u2212-]")
MAINLAND_DIGITS = 11
_MAINLAND = re.compile(r"^(?:(?:\+|00)86|(?:86|0)(?=1\d{10}$))")


def bare_mobile(written: str) -> str:
    """13800000000 for a number of mainland China, +14155550100 for others: no separators, no country code 86.

    Other characters stay, so that validation can refuse what is no number.
    """
    text = in_one_width(written).strip()
    made = _MADE_BY_A_SPREADSHEET.fullmatch(text)
    if made and (made[1] is None or len(made[1]) >= int(made[2])):  # 1.39E+10 has lost its other digits
        text = str(int(float(text)))
    number = _SEPARATORS.sub("", text)
    bare = _MAINLAND.sub("", number)
    return re.sub(r"^00", "+", number) if bare == number else bare


def is_broken(written: str) -> bool:
    """Whether a number that begins like a mobile number of mainland China has a digit too few or too many."""
    number = bare_mobile(written)
    return re.fullmatch(r"1[3-9]\d*", number) is not None and len(number) != MAINLAND_DIGITS
