"""Finds people in DingTalk by their mobile number, with the credentials of an app that the team already uses."""

from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.audit_trail import audit
from daka.database import Database
from daka.delivery.channels.dingtalk_app import DingTalkAppKind
from daka.delivery.channels.registry import KINDS
from daka.delivery.channels.verdicts import Verdict, verdict_without_answer
from daka.delivery.models import Channel
from daka.delivery.remedies import remedy_text
from daka.errors import ConfigurationError, Conflict, Forbidden, NotFound
from daka.identity.access import Principal, find_user
from daka.identity.vendor_ids import refuse_taken_ids
from daka.mobile_numbers import bare_mobile
from daka.outbound.config import opened, revealed
from daka.outbound.http import Outbound
from daka.outbound.requests import NoAnswer
from daka.reminders.punches.dingtalk import DingTalkAttendance
from daka.reminders.punches.models import PunchSource
from daka.reminders.punches.registry import KINDS as SOURCE_KINDS
from daka.vendors.dingtalk import DingTalkApp, userid_of
from daka.vendors.replies import Meaning

_APP_KINDS: tuple[DingTalkAppKind[Any], ...] = tuple(
    kind for kind in KINDS.values() if isinstance(kind, DingTalkAppKind)
)


async def look_up_userid(database: Database, outbound: Outbound, user_id: int, by: Principal) -> str:
    """Ask DingTalk for the userid of a person's mobile number, and keep it.

    Raises Conflict: there is no number, no app to ask with, no such person, a refusal (with DingTalk's own words), or the
    userid is another account's.
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
        apps = await _apps(session, user.team_id)
    if not apps:
        raise Conflict("no_dingtalk_app", "Neither a channel nor a punch source of the team has a DingTalk app")
    userid = await _asked(outbound, apps, mobile)
    async with database.write() as session:
        found = await find_user(session, user_id)
        await refuse_taken_ids(session, by, {"dingtalk_userid": userid}, found.team_id, but=found.id)
        before = {"dingtalk_userid": found.dingtalk_userid}
        found.dingtalk_userid = userid
        audit(session, "user.updated", found.id, found.username, before=before, after={"dingtalk_userid": userid})
    return userid


async def _apps(session: AsyncSession, team_id: int | None) -> list[DingTalkApp]:
    """The apps of the team's channels, of its punch sources, and of those that serve everybody; each once."""
    channels = select(Channel).where(
        Channel.kind.in_([kind.name for kind in _APP_KINDS]),
        Channel.team_id == team_id,
        Channel.team_id.is_not(None),
        Channel.is_enabled == sa.true(),
        Channel.deleted_at.is_(None),
    )
    sources = select(PunchSource).where(
        PunchSource.kind == DingTalkAttendance.name,
        or_(PunchSource.team_id == team_id, PunchSource.team_id.is_(None)),
        PunchSource.is_enabled == sa.true(),
        PunchSource.deleted_at.is_(None),
    )
    found: dict[str, DingTalkApp] = {}
    for row in (
        *await session.exec(channels.order_by(Channel.id)),
        *await session.exec(sources.order_by(PunchSource.team_id.is_(None), PunchSource.id)),
    ):
        kind = KINDS[row.kind] if isinstance(row, Channel) else SOURCE_KINDS[row.kind]
        try:
            config: Any = kind.config.model_validate({**row.config, **opened(session, row.sealed_secrets)})
        except (ValidationError, ConfigurationError):
            continue
        found.setdefault(config.app_key, DingTalkApp(config.app_key, revealed(config.app_secret)))
    return list(found.values())


async def _asked(outbound: Outbound, apps: list[DingTalkApp], mobile: str) -> str:
    """The userid, from the first app that may look it up."""
    refusal: Conflict | None = None
    for app in apps:
        try:
            reply, userid = await userid_of(app, outbound.tokens, outbound.send, mobile)
        except NoAnswer as failure:
            verdict = verdict_without_answer(failure)
        else:
            if reply.meaning is Meaning.DONE and userid:
                return userid
            verdict = _APP_KINDS[0].verdict_of(reply)
            if reply.meaning is Meaning.PERSON:
                raise Conflict("dingtalk_knows_nobody", "No DingTalk user has this mobile number", **_words(verdict))
        refusal = refusal or Conflict("dingtalk_refused", "DingTalk refused the request", **_words(verdict))
    assert refusal is not None
    raise refusal


def _words(verdict: Verdict) -> dict[str, Any]:
    return {
        "provider_code": verdict.provider_code,
        "provider_message": verdict.provider_message,
        "hint_text": remedy_text(verdict.hint),
    }
