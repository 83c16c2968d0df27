"""What writes a roster into a vendor's attendance system.

What is the same for every vendor is elsewhere: `push_plan.py` (what would be written and what cannot be, pure) and `pushes.py` (a
preview, one transaction, reading back). What asks a vendor is a `RosterWriter`: one file per vendor beside this one, listed in
`registry.py` by its kind of punch source, as its `RosterReader` is, whose zone, ids and names it shares.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from daka.reminders.punches.kind import SourceSession
from daka.syncing.reader import Asked
from daka.syncing.reading import Days, Times, latest

REST = ""
"""Stands for a rest, whatever the vendor calls it."""


@dataclass(frozen=True, slots=True)
class ShiftThere:
    """A shift of the vendor that may be written."""

    id: str
    name: str
    times: Times
    flexible_minutes: int = 0
    asks_clock_out: bool = True
    group_id: str | None = None
    """The only group whose people may have it; None: all."""

    def fits(self, times: Times, *, asks_clock_out: bool) -> bool:
        """Whether it has these times, or its latest moments are these: a flexible shift is planned here by those."""
        has_times = times in (self.times, latest(self.times, self.flexible_minutes))
        return has_times and self.asks_clock_out == asks_clock_out


@dataclass(frozen=True, slots=True)
class GroupThere:
    """An attendance group: schedules are written into one, for the people in it."""

    id: str
    name: str
    is_writable: bool
    """Whether its people are scheduled day by day. The others work by the week or as they like."""


@dataclass(slots=True)
class There:
    """What a vendor says of these people and days before anything is written."""

    days: Days = field(default_factory=dict)
    shifts: dict[str, ShiftThere] = field(default_factory=dict)
    groups: dict[str, GroupThere] = field(default_factory=dict)
    """By userid. Who is left out is in none that the app can see."""
    refused: set[str] = field(default_factory=set)
    operator_userid: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One person's day as it is to be there."""

    userid: str
    day: date
    group_id: str
    shift_id: str | None
    """`REST`, or None: without a schedule."""


class RosterWriter(ABC):
    """Writes into one vendor's attendance system. Every method may raise SourceError, with a hint of `remedies.HINTS`."""

    kind: ClassVar[str]
    """The kind of punch source (`SourceKind.name`) whose credentials it uses."""
    days_ahead: ClassVar[int] = 180
    """So far ahead it takes schedules."""
    can_clear: ClassVar[bool] = True
    """Whether a day can be left without a schedule again."""

    @abstractmethod
    async def there(self, session: SourceSession[Any], asked: Asked) -> There:
        """What is there now, the shifts that may be written, and who is in which group."""

    @abstractmethod
    async def days(self, session: SourceSession[Any], asked: Asked) -> Days:
        """What is there now, only the days: to read back what was written."""

    @abstractmethod
    async def write(
        self, session: SourceSession[Any], operator_userid: str, entries: Sequence[Entry]
    ) -> set[tuple[str, date]]:
        """Write all entries, in as few calls as may be. Returns those (userid, day) that the vendor refused by name."""
