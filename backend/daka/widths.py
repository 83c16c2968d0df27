"""Text in one width: Ａ is A, １ is 1. Pure."""

import re
import unicodedata

LONGEST = 300
"""Characters. No name, number or date is longer."""
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def in_one_width(text: str) -> str:
    """The text in Unicode's form NFKC, without letters that nobody sees, cut to `LONGEST`: the time that this takes grows
    with the square of the length."""
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", text[:LONGEST]))


def key(text: str) -> str:
    """A word normalised for comparison: width, case and whitespace are ignored (`Ａ` = `a`, 张　三 = 张三)."""
    return re.sub(r"\s+", "", in_one_width(text)).casefold()
