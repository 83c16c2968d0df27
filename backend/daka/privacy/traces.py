"""What identifies a person, and texts without it. Pure."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

SHORTEST_NAME, SHORTEST_IDENTIFIER = 2, 4
"""Anything shorter is looked for only where a column says whose it is: a text is full of single characters."""
SHORTEST_NUMBER = 5
"""A number that is a name or a userid, as work numbers are: shorter ones are ids, times and parts of dates as well."""
HIDDEN = "***"
PEOPLE_SETTINGS = frozenset({"people", "userids", "uids", "to", "chat_id"})
"""Settings of channels that list people, one on each line or with separators between them."""


@dataclass(frozen=True)
class Traces:
    """What identifies one person and nobody else."""

    placeholder: str
    """What stands for a name."""
    names: frozenset[str]
    identifiers: frozenset[str]
    """Numbers, userids, addresses."""
    longer_names: frozenset[str] = frozenset()
    """Others' names that contain one of theirs: 李明月 stays when 李明 is erased."""

    @cached_property
    def values(self) -> tuple[str, ...]:
        """Everything that is looked for."""
        names = {name for name in self.names if len(name) >= SHORTEST_NAME}
        found = names | {value for value in self.identifiers if len(value) >= SHORTEST_IDENTIFIER}
        return tuple(sorted(value for value in found if not value.isdecimal() or len(value) >= SHORTEST_NUMBER))

    def forms(self, *, in_json: bool) -> Iterable[str]:
        """The values as a column holds them."""
        return (json.dumps(value)[1:-1] for value in self.values) if in_json else self.values

    def only_identifiers(self) -> "Traces":
        return Traces(self.placeholder, frozenset(), self.identifiers, self.longer_names)

    @cached_property
    def _hidden(self) -> dict[str, str | None]:
        """What stands for each value; None: the text stays."""
        hidden: dict[str, str | None] = dict.fromkeys(map(str.lower, self.longer_names))
        return hidden | {value.lower(): self.placeholder if value in self.names else HIDDEN for value in self.values}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """Longest first. Words of Latin letters and digits only as a whole: Al is not in Also, nor 1380 in a longer number."""
        sought = sorted(self._hidden, key=len, reverse=True)
        return re.compile("|".join(map(_as_word, sought)) or r"(?!)", re.IGNORECASE)

    def text(self, text: str) -> str:
        """The text without the person."""
        return self._pattern.sub(lambda found: self._hidden.get(found[0].lower()) or found[0], text)

    def is_in(self, text: str) -> bool:
        return self.text(text) != text

    def document(self, value: Any) -> Any:
        """A JSON value without the person. An identifier that stands alone becomes null, or leaves its list."""
        if isinstance(value, dict):
            return {self.text(name): self.document(part) for name, part in value.items()}
        if isinstance(value, list):
            return [cleared for part in value if (cleared := self.document(part)) is not None or part is None]
        if isinstance(value, str):
            return None if (cleared := self.text(value)) == HIDDEN != value else cleared
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return None if is_number and str(value) in self.identifiers.intersection(self.values) else value

    def settings(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """A channel's settings without the person: whole entries leave lists of people, other texts lose identifiers only."""
        cleared = {
            name: self._people(value) if name in PEOPLE_SETTINGS and isinstance(value, str) else value
            for name, value in config.items()
        }
        found: dict[str, Any] = self.only_identifiers().document(cleared)
        return {name: value for name, value in found.items() if value not in (None, "") or config.get(name) == value}

    def _people(self, listed: str) -> str:
        lines = [",".join(part for part in line.split(",") if not self.is_in(part)) for line in listed.split("\n")]
        return "\n".join(line for line in lines if line.strip())


def _as_word(value: str) -> str:
    before, after = ("(?<![0-9a-z_])", "(?![0-9a-z_])")
    return (before if _is_latin(value[0]) else "") + re.escape(value) + (after if _is_latin(value[-1]) else "")


def _is_latin(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")
