"""Which passwords are good enough: long, not among those that are tried first, not the person's own name. All offline."""

from functools import lru_cache
from importlib.resources import files

from daka.errors import Invalid

SHORTEST = 8
LONGEST = 200
SHORTEST_OF_DIGITS = 16
"""Digits alone are birthdays and telephone numbers; fewer than this are guessed offline in minutes."""
FEWEST_DIFFERENT_CHARACTERS = 4


@lru_cache
def common_passwords() -> frozenset[str]:
    """Lower-case passwords that are tried first."""
    lines = files("daka.identity").joinpath("common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def weakness(password: str, *names: str | None) -> tuple[str, str] | None:
    """Code and reason why a password is too easy to guess; None if it is good. `names` are the person's own."""
    plain = password.strip().lower()
    if len(password) < SHORTEST:
        return "password_too_short", f"A password has at least {SHORTEST} characters"
    if plain in common_passwords() or plain.rstrip("!.?") in common_passwords():
        return "password_too_common", "This password is one of those that are tried first"
    if plain.isdecimal() and len(plain) < SHORTEST_OF_DIGITS:
        return "password_only_digits", "Dates and telephone numbers are tried first; add letters or words"
    if len(set(plain)) < FEWEST_DIFFERENT_CHARACTERS:
        return "password_too_simple", "Use more different characters"
    for name in names:
        if name and len(name) >= 3 and plain.replace(name.lower(), "", 1).strip("0123456789._-@!") == "":
            return "password_is_name", "This is the person's own name"
    return None


def refuse_weak(password: str, *names: str | None, field: str = "password") -> None:
    """Raise Invalid, without the password in it, if it is too easy to guess."""
    if found := weakness(password, *names):
        code, reason = found
        raise Invalid(code, reason, loc=("body", field))
