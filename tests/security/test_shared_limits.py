"""What a secret cannot open shares no limit: knowing an app's public ids throttles nobody and uses up no month's calls.

The tables are the kinds themselves: a new kind is tried without a change here.
"""

from typing import Any

import pytest
from sqlmodel import select

from conftest import Workplace
from daka.delivery.channels.app import AppKind
from daka.delivery.channels.registry import CHOOSABLE, KINDS
from daka.delivery.models import Channel
from daka.identity.models import Role, TeamPlanner, User
from daka.outbound.quota import account_key
from daka.reminders.punches.models import PunchSource
from daka.reminders.punches.registry import KINDS as SOURCES
from delivery.channels.samples import another_value, full_settings

OPENED_WITHOUT = {
    ("dingtalk_robot", "secret"),
    ("feishu_robot", "secret"),
    ("webhook", "former_secret"),
}
"""Secrets that sign besides the address: the robot's address is secret itself, and a former secret opens nothing."""
SECRETS = [
    (name, secret)
    for name, kind in KINDS.items()
    for secret in sorted(kind.config.secret_fields())
    if (name, secret) not in OPENED_WITHOUT
]
SOURCE_SETTINGS: dict[str, dict[str, Any]] = {
    "dingtalk_attendance": {"app_key": "dingabc123", "app_secret": "the-real-secret"},
    "feishu_attendance": {"app_id": "cli_abc123", "app_secret": "the-real-secret"},
    "wecom_attendance": {"corp_id": "ww1a2b3c", "corp_secret": "the-real-secret"},
    "vika": {"datasheet_id": "dstabc123456", "token": "uskToken", "clock_in_row": 1, "clock_out_row": 2, "user_id": 1},
    "json_url": {"url": "https://example.org/a", "authorization": "Bearer 1", "value_path": "data.{kind}"},
    "airscript": {"url": "https://example.org/a", "token": "1"},
}


@pytest.mark.parametrize(("name", "secret"), SECRETS, ids=lambda each: str(each))
def test_with_another_secret_a_channel_shares_nothing(name: str, secret: str) -> None:
    kind, values = KINDS[name], full_settings(name)
    mine, theirs = kind.parsed(values), kind.parsed({**values, secret: another_value(name, secret)})
    assert kind.lane(mine) is None or kind.lane(mine) != kind.lane(theirs)
    budgets = kind.budget(mine), kind.budget(theirs)
    assert budgets == (None, None) or budgets[0].account != budgets[1].account  # type: ignore[union-attr]
    if isinstance(kind, AppKind):
        assert kind.app(mine).token_key != kind.app(theirs).token_key


@pytest.mark.parametrize("name", CHOOSABLE)
def test_two_people_share_a_rate_only_through_what_both_have(name: str) -> None:
    """The same key at another server is another account, and so is one in which nothing is the same."""
    kind, values = KINDS[name], full_settings(name)
    lane = kind.lane(kind.parsed(values))
    differing: list[set[str]] = [{"server"} & values.keys(), set(values)]
    for changed in differing:
        other = kind.lane(kind.parsed(values | {setting: another_value(name, setting) for setting in changed}))
        assert lane is None or not changed or lane != other, f"rate_key of {name} leaves out {changed}"


@pytest.mark.parametrize("name", sorted(KINDS))
def test_the_same_settings_share_what_they_share(name: str) -> None:
    kind, values = KINDS[name], full_settings(name)
    one, other = kind.parsed(values), kind.parsed(dict(values))
    assert kind.lane(one) == kind.lane(other)
    assert (kind.lane(one) is not None) == (kind.rate is not None or name not in ("inbox", "email"))


@pytest.mark.parametrize(
    ("name", "secret"),
    [(name, secret) for name, kind in SOURCES.items() for secret in sorted(kind.config.secret_fields())],
)
def test_with_another_secret_a_punch_source_uses_up_nobodys_calls(name: str, secret: str) -> None:
    kind = SOURCES[name]
    values = SOURCE_SETTINGS[name]
    mine = kind.parsed(values)
    theirs = kind.parsed({**values, secret: values[secret] + "2"})
    assert account_key(name, kind.account(mine)) != account_key(name, kind.account(theirs))


async def test_a_member_of_another_team_who_names_an_apps_public_ids_gets_a_lane_and_an_account_of_their_own(
    workplace: Workplace,
) -> None:
    """Charlie knows the ids from a screenshot. He plans his own team, so he may add punch sources, too."""
    async with workplace.database.write() as session:
        charlie = await session.get_one(User, workplace.charlie.id)
        charlie.role = Role.PLANNER
        session.add(TeamPlanner(team_id=workplace.team_c, user_id=charlie.id))
    for person, team, secret in (
        (workplace.alice, workplace.team_a, "the-real-secret"),
        (workplace.charlie, workplace.team_c, "nonsense"),
    ):
        for kind in ("dingtalk_work_notice", "dingtalk_one_to_one", "wecom_app"):
            values = full_settings(kind)
            config = {**values, next(iter(KINDS[kind].config.secret_fields())): secret}
            await person.post("/api/v1/channels", {"name": kind, "kind": kind, "config": config})
        config = {"app_key": "dingabc123", "app_secret": secret, "monthly_calls": 1}
        source = {"name": "考勤", "kind": "dingtalk_attendance", "team_id": team, "config": config}
        await person.post("/api/v1/punch-sources", source)
    async with workplace.database.read() as session:
        lanes = list(await session.exec(select(Channel.lane)))
        accounts = list(await session.exec(select(PunchSource.account)))
    assert len(set(lanes)) == len(lanes) == 6
    assert len(set(accounts)) == len(accounts) == 2
