"""Managing punch sources, whom each serves, and the latest checks of reminders."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import audit
from daka.change_events import Topic, publish
from daka.errors import Conflict, Forbidden, Invalid, NotFound
from daka.identity.access import Principal, find_team
from daka.identity.models import Team, User
from daka.outbound.config import is_stored, opened, parsed_config, readable, sealed
from daka.outbound.proofs import proven_at
from daka.outbound.quota import account_key, calls_this_month, forecast
from daka.reminders.punches.kind import SourceConfig, SourceKind
from daka.reminders.punches.models import PunchCheck, PunchSource, SourceStatus
from daka.reminders.punches.registry import AIRSCRIPT, CHOOSABLE, KINDS
from daka.reminders.punches.remedies import remedy
from daka.reminders.punches.schemas import (
    BrokenSource,
    PunchSourceCreate,
    PunchSourceRead,
    PunchSourceTry,
    PunchSourceUpdate,
    SourceKindRead,
)
from daka.settings import Settings

MOST_SOURCES_PER_OWNER = 10
ENVIRONMENT_NAME = "CHECK_URL"
CHANGEABLE_IN_ENVIRONMENT = ("user_id", "monthly_calls")


def kinds() -> list[SourceKindRead]:
    """Every kind with the schema of its settings."""
    return [SourceKindRead(**kind.form(), is_choosable=name in CHOOSABLE) for name, kind in KINDS.items()]


async def visible_sources(session: AsyncSession, by: Principal) -> list[PunchSource]:
    """The sources of the teams that the caller plans, and those that serve the whole server."""
    asked = select(PunchSource).where(PunchSource.deleted_at.is_(None)).order_by(PunchSource.id)
    if not by.is_admin:
        asked = asked.where(or_(PunchSource.team_id.is_(None), PunchSource.team_id.in_(by.planned_team_ids)))
    return list(await session.exec(asked))


async def visible_source(session: AsyncSession, source_id: int, by: Principal) -> PunchSource:
    """A source that the caller may see; for others it does not exist."""
    source = await session.get(PunchSource, source_id)
    is_seen = source is not None and source.deleted_at is None and (source.team_id is None or by.plans(source.team_id))
    if source is None or not is_seen:
        raise NotFound("punch_source_not_found", f"There is no punch source {source_id}")
    return source


async def own_source(session: AsyncSession, source_id: int, by: Principal) -> PunchSource:
    """A source that the caller may change."""
    source = await visible_source(session, source_id, by)
    if not may_change(by, source):
        raise Forbidden("admins_only", "Only administrators manage the sources that serve the whole server")
    return source


def may_change(by: Principal, source: PunchSource) -> bool:
    return by.plans(source.team_id) if source.team_id is not None else by.is_admin


async def create_source(session: AsyncSession, by: Principal, new: PunchSourceCreate) -> PunchSource:
    """Create a source for a team that the caller plans, or (administrators) for the whole server."""
    config = await _new_config(session, by, new)
    await _refuse_too_many(session, new.team_id)
    tried_at = proven_at(session, by.id, new.kind, config, new.proof)
    source = PunchSource(
        name=new.name,
        kind=new.kind,
        team_id=new.team_id,
        config={},
        account="",
        is_enabled=new.is_enabled,
        answered_at=tried_at,
    )
    await _store(session, source, config)
    audit(session, "punch_source.created", source.id, source.name, after=_audited(source))
    publish(session, Topic.PUNCH, team_id=source.team_id)
    return source


async def _new_config(session: AsyncSession, by: Principal, new: PunchSourceCreate | PunchSourceTry) -> SourceConfig:
    """The settings of a source that the caller may create."""
    if new.team_id is not None:
        await find_team(session, new.team_id, by)
        if not by.plans(new.team_id):
            raise Forbidden("not_your_team", "Only planners of the team manage its punch sources")
    elif not by.is_admin:
        raise Forbidden("admins_only", "Only administrators manage the sources that serve the whole server")
    if new.kind not in CHOOSABLE:
        raise Invalid("unknown_kind", f"There is no kind {new.kind!r}", loc=("body", "kind"))
    config = parsed_config(KINDS[new.kind].config, new.config)
    await _refuse_strangers(session, config, by, new.team_id)
    return config


async def tried_source(session: AsyncSession, by: Principal, asked: PunchSourceTry) -> tuple[PunchSource, SourceConfig]:
    """A source with settings that are not saved, in no session. The caller must be allowed to save it."""
    kept = await own_source(session, asked.source_id, by) if asked.source_id is not None else None
    if kept is None:
        config, kind, team_id = await _new_config(session, by, asked), asked.kind, asked.team_id
    else:
        if kept.environment_name is not None:
            raise Conflict("set_by_environment", f"{kept.environment_name} is set in the environment")
        kind, team_id = kept.kind, kept.team_id
        config = await _changed_config(session, by, kept, asked.config)
    shown, sealed_secrets = sealed(session, config)
    source = PunchSource(
        id=kept.id if kept else 0,
        name="",
        kind=kind,
        team_id=team_id,
        config=shown,
        sealed_secrets=sealed_secrets,
        account=account_key(kind, KINDS[kind].account(config)),
    )
    return source, config


async def _changed_config(
    session: AsyncSession, by: Principal, source: PunchSource, given: dict[str, Any]
) -> SourceConfig:
    config = parsed_config(KINDS[source.kind].config, given, readable(session, source.sealed_secrets))
    await _refuse_strangers(session, config, by, source.team_id)
    return config


async def update_source(
    session: AsyncSession, source: PunchSource, change: PunchSourceUpdate, by: Principal
) -> PunchSource:
    """Change a source. New settings have not answered yet, unless the proof of a test says so."""
    if source.environment_name is not None and not _fits_environment(source, change):
        raise Conflict("set_by_environment", f"{source.environment_name} is set in the environment")
    before = _audited(source)
    if change.name is not None:
        source.name = change.name
    if change.is_enabled is not None:
        source.is_enabled = change.is_enabled
    if change.config is not None:
        config = await _changed_config(session, by, source, change.config)
        tried_at = proven_at(session, by.id, source.kind, config, change.proof)
        if tried_at is not None or not is_stored(session, source, config):
            give_another_chance(source)
            source.answered_at = tried_at
            await _store(session, source, config)
    session.add(source)
    await session.flush()
    audit(session, "punch_source.updated", source.id, source.name, before=before, after=_audited(source))
    publish(session, Topic.PUNCH, team_id=source.team_id)
    return source


def _audited(source: PunchSource) -> dict[str, Any]:
    """What the audit log shows: that secrets changed, but not their values."""
    return source.model_dump(include={"name", "kind", "team_id", "config", "sealed_secrets", "is_enabled"})


def _fits_environment(source: PunchSource, change: PunchSourceUpdate) -> bool:
    is_only_config = change.name is None and change.is_enabled is None
    return is_only_config and set(change.config or {}) <= set(CHANGEABLE_IN_ENVIRONMENT)


async def copied_source(session: AsyncSession, source: PunchSource, team: Team) -> PunchSource:
    """The team's own source with the same account: one that is there, or a copy."""
    if source.team_id == team.id:
        return source
    mine = select(PunchSource).where(
        PunchSource.team_id == team.id, PunchSource.account == source.account, PunchSource.deleted_at.is_(None)
    )
    if found := (await session.exec(mine.order_by(PunchSource.id))).first():
        return found
    await _refuse_too_many(session, team.id)
    copy = PunchSource(name=source.name, kind=source.kind, team_id=team.id, config={}, account="")
    await _store(session, copy, config_of(session, source))
    audit(session, "punch_source.created", copy.id, copy.name, after=_audited(copy))
    publish(session, Topic.PUNCH, team_id=team.id)
    return copy


async def delete_source(session: AsyncSession, source: PunchSource) -> None:
    """Delete a source, its secrets and its checks. Punches keep its name."""
    if source.environment_name is not None:
        raise Conflict("set_by_environment", f"{source.environment_name} is set in the environment")
    audit(session, "punch_source.deleted", source.id, source.name, before=_audited(source))
    source.deleted_at, source.is_enabled, source.sealed_secrets = clock.now(), False, ""
    session.add(source)
    await session.exec(sa.delete(PunchCheck).where(PunchCheck.source_id == source.id))
    publish(session, Topic.PUNCH, team_id=source.team_id)


def give_another_chance(source: PunchSource) -> None:
    """Reset its status: with new settings it has not answered yet."""
    source.status, source.status_reason, source.status_hint = SourceStatus.OK, "", ""
    source.status_at, source.throttled_until, source.failures = clock.now(), None, 0
    source.answered_at = None


def config_of(session: AsyncSession, source: PunchSource) -> Any:
    """The settings with their secrets, as the kind's own type."""
    return KINDS[source.kind].parsed({**source.config, **opened(session, source.sealed_secrets)})


async def _store(session: AsyncSession, source: PunchSource, config: SourceConfig) -> None:
    source.config, source.sealed_secrets = sealed(session, config)
    source.account = account_key(source.kind, KINDS[source.kind].account(config))
    session.add(source)
    await session.flush()


async def _refuse_strangers(session: AsyncSession, config: SourceConfig, by: Principal, team_id: int | None) -> None:
    """The one person that a source is about must be one whom it serves."""
    user_id: int | None = getattr(config, "user_id", None)
    if user_id is None:
        return
    user = await session.get(User, user_id)
    is_served = user is not None and user.deleted_at is None and by.plans_user(user)
    if user is None or not is_served or (team_id is not None and user.team_id != team_id):
        raise Invalid("user_not_found", f"There is no user {user_id} in this team", loc=("body", "config", "user_id"))


async def _refuse_too_many(session: AsyncSession, team_id: int | None) -> None:
    mine = PunchSource.team_id == team_id if team_id is not None else PunchSource.team_id.is_(None)
    asked: Any = select(sa.func.count()).select_from(PunchSource).where(mine, PunchSource.deleted_at.is_(None))
    if (await session.exec(asked)).one() >= MOST_SOURCES_PER_OWNER:
        raise Conflict("too_many_sources", f"At most {MOST_SOURCES_PER_OWNER} sources per owner")


async def source_reads(session: AsyncSession, sources: Sequence[PunchSource], by: Principal) -> list[PunchSourceRead]:
    """Sources as the API returns them."""
    calls = await calls_this_month(session, {source.account for source in sources})
    now = clock.now()
    return [_source_read(session, source, by, calls.get(source.account, 0), now) for source in sources]


def _source_read(
    session: AsyncSession, source: PunchSource, by: Principal, calls: int, now: datetime
) -> PunchSourceRead:
    secrets = readable(session, source.sealed_secrets)
    is_mine = may_change(by, source)
    is_untried = source.status is SourceStatus.OK and source.answered_at is None
    is_held = source.throttled_until is not None and source.throttled_until > now
    return PunchSourceRead(
        **source.model_dump(include=set(PunchSourceRead.model_fields) - {"config", "throttled_until", "status"}),
        status=SourceStatus.UNTRIED if is_untried else source.status,
        is_from_environment=source.environment_name is not None,
        may_change=is_mine,
        config=source.config if is_mine else {},
        saved_secrets=sorted(secrets) if is_mine else [],
        remedy=remedy(source.status_hint, source.status_reason),
        target=_target(KINDS[source.kind], {**source.config, **secrets}),
        throttled_until=source.throttled_until if is_held else None,
        calls_this_month=calls,
        calls_forecast=forecast(calls, now),
        monthly_calls=source.config.get("monthly_calls", 0),
    )


def _target(kind: SourceKind[Any], values: dict[str, Any]) -> str:
    """Whom it asks; empty for settings that are no longer valid, which the checker reports as broken."""
    try:
        return kind.target(kind.parsed(values))
    except ValidationError:
        return ""


async def broken_sources(session: AsyncSession, by: Principal) -> list[BrokenSource]:
    """The sources that do not work, for the planners of the people they serve."""
    return [
        BrokenSource(
            **source.model_dump(include=set(BrokenSource.model_fields)),
            remedy=remedy(source.status_hint, source.status_reason),
        )
        for source in await visible_sources(session, by)
        if source.is_enabled and source.status is not SourceStatus.OK
    ]


async def sync_environment_source(session: AsyncSession, settings: Settings) -> None:
    """Create, change or disable the source that CHECK_URL sets."""
    mine = select(PunchSource).where(PunchSource.environment_name == ENVIRONMENT_NAME)
    found = (await session.exec(mine)).first()
    if not settings.check_url:
        if found is not None and found.is_enabled:
            found.is_enabled, found.sealed_secrets = False, ""
        return
    secrets = {"url": settings.check_url, **({"token": settings.api_token} if settings.api_token else {})}
    if found is not None and found.is_enabled and readable(session, found.sealed_secrets) == secrets:
        return
    source = found or PunchSource(
        name=ENVIRONMENT_NAME,
        kind=AIRSCRIPT.name,
        environment_name=ENVIRONMENT_NAME,
        config={},
        account="",
    )
    source.is_enabled = True
    give_another_chance(source)
    await _store(session, source, parsed_config(AIRSCRIPT.config, source.config, secrets))
