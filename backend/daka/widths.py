"""Text in one width (Ａ is A, １ is 1) and without what nobody sees. Pure."""

import re
import unicodedata

LONGEST = 300
"""Characters. No name, number or date is longer."""
_JOINERS = "\u200c\u200d"
_BLANKS = re.compile("[\u00a0\u115f\u1160\u1680\u2000-\u200a\u202f\u205f\u2800\u3000\u3164\uffa0]")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
_CIRCLED = re.compile(r"[\u2460-\u2473](?=\d)")


def visible(text: str, *, keeps_joiners: bool = False) -> str:
    """The text without invisible characters (zero-width spaces, BOM, direction marks), and with ordinary blanks.

    Some scripts and emoji are written with joiners, between what one sees.
    """
    if text.isascii():
        return text
    text = _BLANKS.sub(" ", text)
    if not keeps_joiners:
        return _UNSEEN.sub("", text)
    return _UNSEEN.sub(lambda found: found[0] if found[0] in _JOINERS else "", text).strip(_JOINERS)


def in_one_width(text: str) -> str:
    """The text in Unicode's form NFKC, without letters that nobody sees, cut to `LONGEST`: the time that this takes grows
    with the square of the length. ①6:00 is no 16:00."""
    text = _UNSEEN.sub("", text[:LONGEST])
    return unicodedata.normalize("NFKC", _CIRCLED.sub(r"\g<0> ", text) if not text.isascii() else text)


def key(text: str) -> str:
    """A word normalised for comparison: width, case, whitespace and the invisible are ignored (`Ａ` = `a`, 张　三 = 张三)."""
    return re.sub(r"\s+", "", in_one_width(visible(text))).casefold()
