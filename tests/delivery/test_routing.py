"""Which channels a message takes: one's own, else the team's, else the environment's; broken ones do not count."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from daka.delivery.messages import Mention
from daka.delivery.models import Channel, ChannelStatus
from daka.delivery.routing import Channels, Usefulness, escalation_route, has_working, step_route
from daka.shifts.times import PunchKind

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
IN, OUT = PunchKind.CLOCK_IN, PunchKind.CLOCK_OUT
BOB, TEAM = 5, 2


def channel(name: str, **values: Any) -> Channel:
    return Channel(name=name, kind="webhook", config={}, lane=name, created_at=NOW, **values)


def broken(name: str, minutes_ago: int = 1) -> Channel:
    return channel(name, status=ChannelStatus.BROKEN, status_at=NOW - timedelta(minutes=minutes_ago))


def route(channels: Channels, kind: PunchKind = IN, team_id: int | None = TEAM) -> list[str]:
    person = Mention("Bob")
    return [
        found.name for found in step_route(channels, user_id=BOB, person=person, team_id=team_id, kind=kind, now=NOW)[0]
    ]


HELD = {
    "held a minute": NOW + timedelta(minutes=1),
    "held 9 minutes": NOW + timedelta(minutes=9),
    "held a day": NOW + timedelta(days=1),
}
"""Until when lanes are throttled."""
ENVIRONMENT = {"WORKING_URL": channel("in"), "NO_WORK_URL": channel("out")}


@pytest.mark.parametrize(
    ("own", "team", "expected"),
    [
        ([channel("phone"), channel("group")], [channel("team")], ["phone", "group"]),
        ([], [channel("team"), channel("second")], ["team", "second"]),
        ([], [], ["in"]),
        # Broken ones do not count: the next tier takes over, as if they were not there.
        ([broken("phone"), channel("group")], [channel("team")], ["group"]),
        ([broken("phone")], [channel("team")], ["team"]),
        ([broken("phone")], [broken("team")], ["in"]),
        # After half an hour a broken channel is tried again, beside the one that works.
        ([broken("phone", 30)], [channel("team")], ["team", "phone"]),
        ([broken("phone", 29)], [channel("team")], ["team"]),
        ([broken("phone", 45), channel("group")], [channel("team")], ["group", "phone"]),
        ([channel("phone", is_enabled=False)], [channel("team")], ["team"]),
        ([channel("phone", deleted_at=NOW)], [channel("team")], ["team"]),
        # The inbox that the system made takes nothing from the team's channels; one that somebody chose does.
        ([channel("inbox", is_fallback=True)], [channel("team")], ["team"]),
        ([channel("inbox")], [channel("team")], ["inbox"]),
    ],
)
def test_the_first_tier_that_works_is_taken(own: list[Channel], team: list[Channel], expected: list[str]) -> None:
    assert route(Channels(of_user={BOB: own}, of_team={TEAM: team}, of_environment=ENVIRONMENT)) == expected


def test_the_environment_has_one_address_for_each_punch() -> None:
    channels = Channels(of_environment=ENVIRONMENT)
    assert (route(channels, IN), route(channels, OUT)) == (["in"], ["out"])
    assert route(Channels(of_environment={"WORKING_URL": channel("in")}), OUT) == []


def test_nobody_hears_through_somebody_elses_channel() -> None:
    channels = Channels(of_user={99: [channel("alice")]}, of_team={88: [channel("foreign")]})
    assert route(channels) == []
    assert route(Channels(of_team={TEAM: [channel("team")]}), team_id=None) == []


def test_a_route_of_broken_channels_does_not_work() -> None:
    assert has_working([broken("a"), broken("b", 45)]) is False
    assert has_working([broken("a"), channel("b")]) is True
    assert has_working([]) is False


@pytest.mark.parametrize(
    ("of_planner", "expected"),
    [
        ([channel("inbox", is_fallback=True), channel("phone")], ["team", "phone"]),
        ([channel("inbox", is_fallback=True), broken("phone")], ["team", "inbox"]),
        ([channel("inbox", is_fallback=True)], ["team", "inbox"]),
        ([channel("inbox"), channel("phone")], ["team", "inbox", "phone"]),
        # A broken one is tried again after half an hour: some planners' channels get nothing but escalations.
        ([channel("inbox", is_fallback=True), broken("phone", 30)], ["team", "phone", "inbox"]),
        ([broken("phone", 30), channel("second")], ["team", "second", "phone"]),
        # One that its provider holds for too long reaches nobody in time; if it comes free within the window it is taken too.
        ([channel("inbox", is_fallback=True), channel("held a day")], ["team", "inbox"]),
        ([channel("inbox", is_fallback=True), channel("held 9 minutes")], ["team", "held 9 minutes", "inbox"]),
        ([channel("inbox", is_fallback=True), channel("held a minute")], ["team", "held a minute"]),
    ],
)
def test_an_escalation_is_kept_in_an_inbox_that_the_system_made_only_where_nothing_else_works(
    of_planner: list[Channel], expected: list[str]
) -> None:
    channels = Channels(of_user={BOB: [*of_planner]}, of_team={TEAM: [channel("team")]}, throttled=HELD)
    for number, found in enumerate([*channels.of_team[TEAM], *channels.of_user[BOB]]):
        found.id = number
    useful = Usefulness.of(point_at=NOW - timedelta(minutes=5), ends_at=NOW + timedelta(minutes=20), now=NOW)
    asked: Any = {"team_id": TEAM, "planner_ids": [BOB], "now": NOW, "useful": useful}
    assert [found.name for found in escalation_route(channels, **asked)] == expected


@pytest.mark.parametrize(
    ("point", "ends", "best_before", "hand_over_at"),
    [
        # Before the punch point: by the punch point, however long that is, unless the window ends before it.
        (15, 30, 15, 14),
        (15, 10, 10, 9),
        (2, 30, 2, 1.5),
        # After it: two minutes, at the latest until the window ends. Others take over while there is time left for them.
        (0, 30, 2, 1.5),
        (-5, 30, 2, 1.5),
        (-5, 1, 1, 0.75),
        (-5, 0.2, 0.2, 0.15),
    ],
)
def test_how_long_a_message_may_wait_and_when_others_take_over(
    point: float, ends: float, best_before: float, hand_over_at: float
) -> None:
    def at(minutes: float) -> datetime:
        return NOW + timedelta(minutes=minutes)

    found = Usefulness.of(point_at=at(point), ends_at=at(ends), now=NOW)
    assert found == Usefulness(at(best_before), at(ends))
    assert found.hand_over_at(NOW) == at(hand_over_at)
