"""Whom a channel calls: by their profile, or by the table of people in its settings. Pure.

A row of the table is a name or a mobile number (or both), and the id by which the vendor knows the person:

    张三 ou_1a2b          a name
    Bob Dylan = ou_3c4d    a name of several words
    +86 138-0013-8000 ou_5e6f
    李四 13800138001,ou_7a8b
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from daka.delivery.messages import Mention, RenderedMessage
from daka.delivery.models import Occasion
from daka.delivery.remedies import Remedy
from daka.mobile_numbers import bare_mobile
from daka.widths import key

_SIGNS = " \t\u3000=：:,，|"
_SIGN = re.compile(f"[{_SIGNS}]")
_ID = re.compile(r"(?!all$)[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}", re.IGNORECASE)
"""What any vendor may take for one person's id: never the word that stands for everybody."""
_DIGITS = re.compile(r"\+?[0-9]{7,20}")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table that could be read."""

    line: int
    who: str
    """As it is written."""
    keys: tuple[str, ...]
    """Name and number as they are compared."""
    id: str


@dataclass(frozen=True, slots=True)
class IdForm:
    """The form of a vendor's ids, with its name for people."""

    pattern: str
    zh: str
    en: str


def split(line: str) -> tuple[str, str]:
    """Whom a line is about, and the id at its end; empty if there is none."""
    whole = line.strip(_SIGNS)
    vendors_id = _SIGN.split(whole)[-1]
    return whole[: len(whole) - len(vendors_id)].strip(_SIGNS), vendors_id


def keys_of(who: str) -> tuple[str, ...]:
    """A name and a number as they are compared; words of digits are a number if together they have enough of them."""
    words = _SIGN.split(who)
    written = [word for word in words if re.fullmatch(r"\+?[0-9().-]+", word)]
    number = bare_mobile("".join(written))
    if not _DIGITS.fullmatch(number):
        return (key(who),)
    name = key("".join(word for word in words if word not in written))
    return (name, number) if name else (number,)


@lru_cache(maxsize=256)
def rows(table: str) -> tuple[Row, ...]:
    """The lines that can be read; `problem_with` names those that cannot."""
    found = []
    for number, line in enumerate(table.splitlines(), 1):
        who, vendors_id = split(line)
        if who and _ID.fullmatch(vendors_id):
            found.append(Row(number, who, keys_of(who), vendors_id))
    return tuple(found)


def problem_with(table: str, form: IdForm) -> tuple[str, str] | None:
    """Why a table cannot be saved, in Chinese and English, naming the line; None if every line can be read."""
    for number, line in enumerate(table.splitlines(), 1):
        who, vendors_id = split(line)
        if not who and not vendors_id:
            continue
        if not who:
            return (
                f"第 {number} 行只有一项。每行一人：姓名或手机号、空格、{form.zh}。",
                f"Line {number} has one part only. Each line is a name or mobile number, a space, and {form.en}.",
            )
        if vendors_id.lower() == "all":
            return (
                f"第 {number} 行会 @ 所有人。每行填一个人的 {form.zh}。",
                f"Line {number} would call everybody. Give one person's id on each line: {form.en}.",
            )
        if not _ID.fullmatch(vendors_id) or not re.fullmatch(form.pattern, vendors_id):
            return (
                f"第 {number} 行的最后一项不是{form.zh}。",
                f"The last part of line {number} is not {form.en}.",
            )
    lines: dict[str, Row] = {}
    for row in rows(table):
        for each in row.keys:
            if (other := lines.setdefault(each, row)).id != row.id:
                return (
                    f"第 {other.line} 行和第 {row.line} 行写的是同一个人，id 却不同。",
                    f"Lines {other.line} and {row.line} name the same person with different ids.",
                )
    return None


NOT_IN_TABLE = Remedy(
    "not_in_table",
    zh="表里没有这个姓名，也没有资料里的手机号。",
    en="The table has neither this name nor the profile's mobile number.",
)
NAMESAKE = Remedy(
    "namesake",
    zh="班组里有人同名，按姓名分不出是谁。在表里写手机号。",
    en="Somebody else in the team has the same name. Use the mobile number in the table.",
)
NO_NUMBER = Remedy(
    "no_number",
    zh="表里没有这个人，资料里也没有手机号。",
    en="The person is not in the table, and has no mobile number in the profile.",
)
NO_NUMBER_OR_USERID = Remedy(
    "no_number_or_userid",
    zh="资料里没有手机号，也没有钉钉 userid。",
    en="The profile has neither a mobile number nor a DingTalk userid.",
)
NO_USERID = Remedy("no_userid", zh="资料里没有钉钉 userid。", en="The profile has no DingTalk userid.")


@dataclass(frozen=True, slots=True)
class Call:
    """Whether a channel's messages call a person."""

    id: str = ""
    """The id or the number by which they are called."""
    reason: Remedy | None = None
    """Why they are not called."""


@lru_cache(maxsize=256)
def _ids(table: str) -> dict[str, str]:
    """The vendor's ids by name and number; of several rows the first counts."""
    return {each: row.id for row in reversed(rows(table)) for each in row.keys}


def found_in(table: str | None, person: Mention) -> Call:
    """The person's id in a table: by mobile number, or by name if nobody else in their team has it."""
    ids = _ids(table or "")
    if vendors_id := ids.get(bare_mobile(person.mobile or "")):
        return Call(vendors_id)
    if not (vendors_id := ids.get(key(person.name))):
        return Call(reason=NOT_IN_TABLE)
    return Call(reason=NAMESAKE) if person.has_namesake else Call(vendors_id)


def recipients_of(message: RenderedMessage, table: str | None, listed: list[str]) -> list[str]:
    """The ids to which a message goes, one by one: with a table, a reminder goes to its person or to nobody."""
    if table and message.lines and message.occasion is not Occasion.ESCALATION:
        return [found for mention in message.mentions if (found := found_in(table, mention).id)]
    return listed


def by_profile(known: str | None, otherwise: Remedy) -> Call:
    """A call by a number or id in the person's profile."""
    return Call(known) if known else Call(reason=otherwise)


def rows_of_nobody(table: str | None, people: list[Mention]) -> list[str]:
    """The rows that are about none of these people, as they are written."""
    known = {each for person in people for each in (bare_mobile(person.mobile or ""), key(person.name))}
    return [row.who for row in rows(table or "") if not known & set(row.keys)]
