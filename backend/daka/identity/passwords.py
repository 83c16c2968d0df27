"""Password strength: long enough, not among the most common ones, not the user's own name. Checked offline."""

from functools import lru_cache
from importlib.resources import files

from daka.errors import Invalid

SHORTEST = 8
SHORTEST_OF_DIGITS = 16
"""Minimum length of passwords of digits only: shorter ones are often dates or phone numbers, and quickly cracked offline."""
FEWEST_DIFFERENT_CHARACTERS = 4


@lru_cache
def common_passwords() -> frozenset[str]:
    """The most common passwords, in lower case."""
    lines = files("daka.identity").joinpath("common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def weakness(password: str, *names: str | None) -> tuple[str, str] | None:
    """Error code and reason if a password is too easy to guess, else None. `names` are the user's own."""
    plain = password.strip().lower()
    if len(password) < SHORTEST:
        return "password_too_short", f"Use at least {SHORTEST} characters"
    if plain in common_passwords() or plain.rstrip("!.?") in common_passwords():
        return "password_too_common", "This is one of the most common passwords"
    if plain.isdecimal() and len(plain) < SHORTEST_OF_DIGITS:
        return "password_only_digits", "Digits alone are easy to guess; add letters or words"
    if len(set(plain)) < FEWEST_DIFFERENT_CHARACTERS:
        return "password_too_simple", "Use more different characters"
    for name in names:
        if name and len(name) >= 3 and plain.replace(name.lower(), "", 1).strip("0123456789._-@!") == "":
            return "password_is_name", "The password is the user's own name"
    return None


def refuse_weak(password: str, *names: str | None, field: str = "password") -> None:
    """Raise Invalid if the password is too easy to guess. The error does not contain the password."""
    if found := weakness(password, *names):
        code, reason = found
        raise Invalid(code, reason, loc=("body", field))
