"""What names things in a chat: the short code of a reminder, which people write, and the id of a message with buttons. Pure."""

import re

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: without I, L, O and U, which people mistake for other characters."""
_MISTAKEN = str.maketrans("ILO", "110")
SHORTEST_CODE, LONGEST_CODE = 3, 12


def code_of(reminder_id: int) -> str:
    """`81234` is `2FAJ`. Not a secret: who writes it is what the vendor says."""
    digits = ""
    while reminder_id:
        reminder_id, digit = divmod(reminder_id, 32)
        digits = _DIGITS[digit] + digits
    return digits.rjust(SHORTEST_CODE, "0")


def reminder_of(code: str) -> int | None:
    """The reminder's id; None for what is no code. Two characters are none, so that "稍后 10" names no reminder."""
    found = 0
    if not SHORTEST_CODE <= len(code) <= LONGEST_CODE or not code.isascii():
        return None
    for character in code.upper().translate(_MISTAKEN):
        digit = _DIGITS.find(character)
        if digit < 0:
            return None
        found = found * 32 + digit
    return found


_CARD = re.compile(r"daka-([0-9]{1,15})-[0-9A-Za-z_-]{1,64}")


def card_id(delivery_id: int | None, key: str) -> str:
    """Our own id of a card: the same for every attempt, so that a repeated request makes no second card."""
    return f"daka-{delivery_id or 0}-{key}"


def delivery_of(card: str) -> int | None:
    """The delivery that a card names; None: the card is not ours."""
    found = _CARD.fullmatch(card)
    return int(found[1]) if found else None
