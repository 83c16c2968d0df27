"""What a vendor's attendance system tells, so that rosters, leave and people are read from it.

What is the same for every vendor is elsewhere: `pulls.py` (who is asked about, one transaction, the next run, telling planners),
`comparison.py` (which cells and shifts differ), `leaves.py`, `people.py` (departments become teams), `permissions.py`. What
asks a vendor is a `RosterReader`: one file per vendor beside this one, listed in `registry.py` by its kind of punch source,
whose credentials it uses. It must `read` and test its `permissions`; what a vendor cannot tell stays as in the base class:

* `zone`: a vendor whose times are those of one place refuses teams elsewhere; others convert them to the team's zone.
* `find_people`: people without an id there are looked up by mobile number.
* `directory`: departments and people; without it, planners add people themselves.
* `PlanRead.leaves`: None where leave is not told; what was recorded stays.

Every counted call goes through `SourceSession.send`, which counts it, also for `PullRead.calls`.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo

from daka import clock
from daka.outbound.quota import BEIJING
from daka.reminders.punches.kind import SourceSession
from daka.reminders.punches.results import PersonField, SourceError, SourceErrorKind
from daka.roster.calendar import Day
from daka.syncing.directory import Directory
from daka.syncing.leaves import LeaveSpan
from daka.syncing.permissions import PermissionTests, Refusals
from daka.syncing.reading import Days, ShiftDefinition, in_turn

T = TypeVar("T")

MOST_LOOKUPS = 100
"""People without an id who are looked up in one pull, where each costs a call."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The days and people of one team that a vendor is asked about."""

    userids: Sequence[str]
    """The vendor's own ids, sorted."""
    first: date
    days: int
    zone: ZoneInfo
    """Dates and times of the answer are in this zone: the team's."""
    calendar: Mapping[date, Day] = field(default_factory=dict)
    """The kind of each of these days, for vendors that tell rules instead of days."""
    operator_userid: str = ""
    """In whose name the last pull read, if this vendor wants to know."""

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)


@dataclass(slots=True)
class PlanRead:
    """What a vendor says of these days."""

    days: Days = field(default_factory=dict)
    """Days that are left out have no schedule; without any day, the pull fails and the roster stays."""
    definitions: dict[tuple[str, str], ShiftDefinition | None] = field(default_factory=dict)
    """By shift and version, as in `days`. None: the vendor does not describe it."""
    refused: set[str] = field(default_factory=set)
    """Userids that the vendor does not know or does not let the app see: their days stay as they are."""
    leaves: list[LeaveSpan] | None = None
    """None: the vendor does not tell the app; what was recorded stays."""
    leaves_until: date | None = None
    """The last day whose leave was asked about; None: the last one of all."""
    operator_userid: str = ""


class RosterReader(ABC):
    """Reads one vendor's attendance system; may keep between pulls what does not change.

    Every method may raise SourceError, with a hint of `remedies.HINTS`.
    """

    kind: ClassVar[str]
    """The kind of punch source (`SourceKind.name`) whose credentials it uses."""
    userids: ClassVar[PersonField]
    """The field of the profile with people's ids at the vendor."""
    names: ClassVar[dict[str, str]]
    """The vendor's name by language, in messages: `{"zh": "钉钉", "en": "DingTalk"}`."""
    refusals: ClassVar[Refusals]
    """What its refusals mean where permissions are tested."""

    @classmethod
    def zone(cls, team: ZoneInfo, now: datetime) -> ZoneInfo:
        """The zone in which a team's roster is read. Raises SourceError: it cannot be."""
        return team

    @abstractmethod
    async def read(self, session: SourceSession[Any], asked: Asked) -> PlanRead:
        """The schedules and the leave of these people."""

    async def find_people(self, session: SourceSession[Any], mobiles: Mapping[int, str]) -> dict[int, str]:
        """The vendor's ids of people, by user id, from their mobile numbers. Who is not found is left out."""
        return {}

    async def directory(self, session: SourceSession[Any]) -> Directory:
        """Everybody whom the app may see. Raises SourceError: also if the vendor does not tell."""
        raise SourceError.broken("no_directory", "there is no directory", hint="roster_no_directory")

    @abstractmethod
    async def permissions(self, session: SourceSession[Any], tests: PermissionTests) -> None:
        """Test what the app may do, one permission after the other, for the guided set-up."""


async def find_one_by_one(
    mobiles: Mapping[int, str], find: Callable[[int, str], Awaitable[str | None]]
) -> dict[int, str]:
    """The ids that `find` tells of user ids and numbers; of more than `MOST_LOOKUPS`, each pull goes on with others."""
    some = in_turn(sorted(mobiles.items()), MOST_LOOKUPS, clock.now().astimezone(BEIJING))
    return {user_id: userid for user_id, mobile in some if (userid := await find(user_id, mobile))}


async def if_told(asking: Awaitable[T]) -> T | None:
    """What is asked for; None if the app may not know it. Raises SourceError: it could not be asked now."""
    try:
        return await asking
    except SourceError as error:
        if error.kind is SourceErrorKind.BROKEN:
            return None
        raise


def zone_of_china(team: ZoneInfo, now: datetime) -> ZoneInfo:
    """For vendors whose times have no zone and are China's. Raises SourceError: the team's are not."""
    if now.astimezone(team).utcoffset() != now.astimezone(BEIJING).utcoffset():
        raise SourceError.broken("zone", "the team is in another time zone", hint="roster_zone")
    return BEIJING
