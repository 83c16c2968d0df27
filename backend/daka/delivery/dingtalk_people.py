"""Finds people in DingTalk by their mobile number, with the credentials of an app that the team already uses."""

from typing import Any, cast

import sqlalchemy as sa
from pydantic import SecretStr, ValidationError
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import audit
from daka.database import Database
from daka.delivery.channels.app import AppRefused
from daka.delivery.channels.dingtalk_app import DingTalkAppConfig, DingTalkAppKind
from daka.delivery.channels.kind import verdict_without_answer
from daka.delivery.channels.registry import KINDS
from daka.delivery.models import Channel, Outcome
from daka.delivery.remedies import remedy_text
from daka.delivery.sender import Sender
from daka.errors import ConfigurationError, Conflict, Forbidden, NotFound
from daka.identity.access import Principal, find_user
from daka.mobile_numbers import bare_mobile
from daka.outbound.http import NoAnswer
from daka.reminders.punches.dingtalk import DingTalkAttendance
from daka.reminders.punches.models import PunchSource
from daka.reminders.punches.service import config_of

_APP_KINDS: tuple[DingTalkAppKind[Any], ...] = tuple(
    kind for kind in KINDS.values() if isinstance(kind, DingTalkAppKind)
)
_NOBODY = ("60121", "40104", "400002", "33012")
"""DingTalk knows nobody by this number, or it is none."""


async def look_up_userid(database: Database, sender: Sender, user_id: int, by: Principal) -> str:
    """Ask DingTalk for the userid of a person's mobile number, and keep it.

    Raises:
        Conflict: there is no number, no app to ask with, DingTalk knows nobody by it, or it refuses (in its own words).
    """
    async with database.read() as session:
        user = await find_user(session, user_id)
        if not by.sees_user(user):
            raise NotFound("user_not_found", f"There is no user {user_id}")
        if not by.plans_user(user):
            raise Forbidden("not_your_team", "Only planners of the person's team ask for this")
        mobile = bare_mobile(user.mobile or "")
        if not mobile:
            raise Conflict("no_mobile", "The person has no mobile number")
        apps = await _apps(session, sender, user.team_id)
    if not apps:
        raise Conflict("no_dingtalk_app", "Neither a channel nor a punch source of the team has a DingTalk app")
    userid = await _asked(sender, apps, mobile)
    async with database.write() as session:
        found = await find_user(session, user_id)
        before = {"dingtalk_userid": found.dingtalk_userid}
        found.dingtalk_userid = userid
        session.add(found)
        audit(session, "user.updated", found.id, found.username, before=before, after={"dingtalk_userid": userid})
    return userid


async def _apps(session: AsyncSession, sender: Sender, team_id: int | None) -> list[DingTalkAppConfig]:
    """The apps of the team's channels, of its punch sources, and of those that serve everybody; each once."""
    found = [*await _of_channels(session, sender, team_id), *await _of_sources(session, team_id)]
    return list({config.app_key: config for config in reversed(found)}.values())[::-1]


async def _of_channels(session: AsyncSession, sender: Sender, team_id: int | None) -> list[DingTalkAppConfig]:
    asked = select(Channel).where(
        Channel.kind.in_([kind.name for kind in _APP_KINDS]),
        Channel.team_id == team_id,
        Channel.is_enabled == sa.true(),
        Channel.deleted_at.is_(None),
    )
    found = []
    for channel in await session.exec(asked.order_by(Channel.id)) if team_id is not None else ():
        try:
            found.append(cast(DingTalkAppConfig, sender.config_of(channel)))
        except (ValidationError, ConfigurationError):
            continue
    return found


async def _of_sources(session: AsyncSession, team_id: int | None) -> list[DingTalkAppConfig]:
    asked = select(PunchSource).where(
        PunchSource.kind == DingTalkAttendance.name,
        or_(PunchSource.team_id == team_id, PunchSource.team_id.is_(None)),
        PunchSource.is_enabled == sa.true(),
        PunchSource.deleted_at.is_(None),
    )
    found = []
    for source in await session.exec(asked.order_by(PunchSource.team_id.is_(None), PunchSource.id)):
        try:
            config: Any = config_of(session, source)
        except (ValidationError, ConfigurationError):
            continue
        secret = cast(SecretStr, config.app_secret).get_secret_value()
        found.append(DingTalkAppConfig(app_key=config.app_key, app_secret=SecretStr(secret)))
    return found


async def _asked(sender: Sender, apps: list[DingTalkAppConfig], mobile: str) -> str:
    """The userid, from the first app that may tell."""
    kind = _APP_KINDS[0]
    refusal: Conflict | None = None
    for app in apps:
        channel = Channel(name=app.app_key, kind=kind.name, config={}, lane="", created_at=clock.now())
        context = sender.context(channel, kind.secrets(app))
        try:
            verdict, userid = await kind.userid_of(app, mobile, context)
        except AppRefused as refused:
            verdict, userid = refused.verdict, ""
        except NoAnswer as failure:
            verdict, userid = verdict_without_answer(failure), ""
        if verdict.outcome is Outcome.DONE and userid:
            return userid
        if verdict.provider_code in _NOBODY:
            raise Conflict("dingtalk_knows_nobody", "DingTalk knows nobody by this number", **_words(verdict))
        refusal = refusal or Conflict("dingtalk_refused", "DingTalk did not answer the question", **_words(verdict))
    assert refusal is not None
    raise refusal


def _words(verdict: Any) -> dict[str, Any]:
    return {
        "provider_code": verdict.provider_code,
        "provider_message": verdict.provider_message,
        "hint_text": remedy_text(verdict.hint),
    }
