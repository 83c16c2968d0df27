"""Who shares a message, as tables of examples."""

from typing import Any

import pytest

from conftest import MONDAY_EIGHT
from daka.delivery.grouping import Group, Notification, Recipient, escalation_recipients, group_key, grouped, parts
from daka.delivery.models import Channel, Occasion
from daka.delivery.routing import Channels
from daka.identity.models import User
from daka.shifts.times import PunchKind

IN, OUT = PunchKind.CLOCK_IN, PunchKind.CLOCK_OUT
REMINDER, ESCALATION = Occasion.REMINDER, Occasion.ESCALATION
TEAM = 1


def channel(number: int, audience: str = "", kind: str = "dingtalk_robot", **values: Any) -> Channel:
    given = {"name": f"Channel {number}", "lane": f"lane {number}", "config": {}, **values}
    return Channel(id=number, kind=kind, audience=audience, created_at=MONDAY_EIGHT, **given)


def planner(number: int, dingtalk_userid: str | None = None) -> User:
    name = f"P{number}"
    return User(
        id=number,
        username=name,
        display_name=name,
        dingtalk_userid=dingtalk_userid,
        password_hash="",
        created_at=MONDAY_EIGHT,
    )


OWN_APP = channel(6, "", "dingtalk_one_to_one", lane="app", user_id=7)
ROBOT, SAME_ROBOT, OTHER_ROBOT = channel(1, "robot"), channel(2, "robot"), channel(3, "other")
APP = channel(4, "", "dingtalk_one_to_one", lane="app")


@pytest.mark.parametrize(
    ("notifications", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(
            [(REMINDER, IN, [ROBOT], "Ann"), (REMINDER, IN, [ROBOT], "Bob")], [(1, ["Ann", "Bob"])], id="one channel"
        ),
        pytest.param(
            [(REMINDER, IN, [ROBOT, OTHER_ROBOT], "Ann"), (REMINDER, IN, [OTHER_ROBOT], "Bob")],
            [(1, ["Ann"]), (3, ["Ann", "Bob"])],
            id="a person on two channels",
        ),
        pytest.param(
            [(REMINDER, IN, [ROBOT], "Ann"), (REMINDER, IN, [SAME_ROBOT], "Bob")],
            [(1, ["Ann"]), (2, ["Bob"])],
            id="reminders of two channels stay apart, even on one robot",
        ),
        pytest.param(
            [(ESCALATION, IN, [ROBOT], "Ann"), (ESCALATION, IN, [SAME_ROBOT], "Bob")],
            [(1, ["Ann", "Bob"])],
            id="escalations share a destination",
        ),
        pytest.param(
            [(REMINDER, IN, [ROBOT], "Ann"), (REMINDER, OUT, [ROBOT], "Bob"), (ESCALATION, IN, [ROBOT], "Ann")],
            [(1, ["Ann"]), (1, ["Bob"]), (1, ["Ann"])],
            id="in, out and escalations are messages of their own",
        ),
    ],
)
def test_people_share_a_message(notifications: list[Any], expected: list[tuple[int, list[str]]]) -> None:
    found = grouped(
        Notification(occasion, kind, [Recipient(each) for each in channels], name)
        for occasion, kind, channels, name in notifications
    )
    assert [(group.recipient.channel.id, group.lines) for group in found] == expected


@pytest.mark.parametrize(
    ("people", "size", "expected"), [(0, 3, []), (3, 3, [3]), (4, 3, [3, 1]), (5, 1, [1, 1, 1, 1, 1])]
)
def test_a_message_holds_so_many_people(people: int, size: int, expected: list[int]) -> None:
    assert [len(part) for part in parts(range(people), size)] == expected


@pytest.mark.parametrize(
    ("found", "occasion", "expected"),
    [(ROBOT, REMINDER, 50), (APP, REMINDER, 1), (APP, ESCALATION, 50), (channel(5, kind="wecom_robot"), REMINDER, 15)],
)
def test_how_many_people_a_message_holds(found: Channel, occasion: Occasion, expected: int) -> None:
    recipient = Recipient(found)
    group: Group[str] = Group(group_key(occasion, IN, recipient), recipient)
    assert group.people_per_message == expected


@pytest.mark.parametrize(
    ("team_channels", "planner_channels", "planners", "expected"),
    [
        pytest.param([], {}, [], [], id="nobody"),
        pytest.param([ROBOT], {7: [SAME_ROBOT], 8: [OTHER_ROBOT]}, [planner(7), planner(8)], [(1, None), (3, None)],
                     id="one robot, once"),
        pytest.param([APP], {}, [planner(7, "dan"), planner(8, "eve"), planner(9)], [(4, "dan"), (4, "eve")],
                     id="an app sends to each planner whom it can reach"),
        pytest.param([APP], {}, [planner(9)], [(4, None)], id="an app that can reach nobody fails, and says so"),
        pytest.param([APP], {7: [OWN_APP]}, [planner(7, "dan")],
                     [(4, "dan")],
                     id="the team's app and one's own, once"),
    ],
)  # fmt: skip
def test_an_escalation_reaches_each_destination_once(
    team_channels: list[Channel],
    planner_channels: dict[int, list[Channel]],
    planners: list[User],
    expected: list[tuple[int, str | None]],
) -> None:
    channels = Channels(of_user=planner_channels, of_team={TEAM: team_channels})
    found = escalation_recipients(channels, TEAM, {TEAM: planners}, MONDAY_EIGHT)
    assert [(each.channel.id, each.reader and each.reader.dingtalk_userid) for each in found] == expected
    assert escalation_recipients(channels, None, {}, MONDAY_EIGHT) == []
