"""Text in one width: Ａ is A, １ is 1. Pure."""

import unicodedata

LONGEST = 300
"""Characters. No name, number or date is longer."""


def in_one_width(text: str) -> str:
    """The text in Unicode's form NFKC, cut to `LONGEST`: the time that this takes grows with the square of the length."""
    return unicodedata.normalize("NFKC", text[:LONGEST])
