"""Channels: listing, creating, changing and deleting them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.audit_trail import audit
from daka.change_events import Topic, publish
from daka.delivery.channels.kind import ChannelKind
from daka.delivery.channels.registry import CHOOSABLE, KINDS
from daka.delivery.channels.verdicts import Verdict
from daka.delivery.failover import alert_prefix
from daka.delivery.lanes import Result
from daka.delivery.models import Channel, ChannelStatus, Delivery, DeliveryStatus, InboxMessage, Lane, Outcome
from daka.delivery.records import hand_over_waiting, storable
from daka.delivery.remedies import remedy_text
from daka.delivery.schemas import (
    Called,
    ChannelCreate,
    ChannelKindRead,
    ChannelRead,
    ChannelTry,
    ChannelUpdate,
    TestResult,
)
from daka.errors import Conflict, Forbidden, Invalid, NotFound
from daka.identity.access import Principal, refuse_foreign_team
from daka.identity.models import Role, User
from daka.identity.users import visible_user
from daka.outbound.config import Config, is_stored, parsed_config, readable, sealed
from daka.outbound.proofs import proven_at
from daka.settings import Settings
from daka.statements import insert_new

MOST_CHANNELS_PER_OWNER = 20


def kinds() -> list[ChannelKindRead]:
    """The kinds that people can add, with the schemas of their settings."""
    return [ChannelKindRead(**KINDS[name].form()) for name in CHOOSABLE]


def owned_by(by: Principal, channel: Channel) -> bool:
    if channel.user_id is not None:
        return channel.user_id == by.id
    return by.plans(channel.team_id) if channel.team_id is not None else by.is_admin


def is_shown(by: Principal) -> Any:
    """SQL: whether the user may see a channel's name and its provider's words: all but personal ones of others.

    Planners see those of the members whom they plan, not each other's.
    """
    if by.is_admin:
        return sa.true()
    members = select(User.id).where(User.team_id.in_(by.planned_team_ids), User.role == Role.MEMBER)
    return or_(Channel.user_id.is_(None), Channel.user_id == by.id, Channel.user_id.in_(members))


async def shown_channel_ids(session: AsyncSession, by: Principal, channels: Iterable[Channel]) -> set[int]:
    """Those of the channels whose names the user may see."""
    ids = {channel.id for channel in channels}
    return set(await session.exec(select(Channel.id).where(Channel.id.in_(ids), is_shown(by))))


async def visible_channels(session: AsyncSession, by: Principal) -> list[Channel]:
    """One's own channels, those of the teams that one plans, and for administrators the environment's."""
    asked = select(Channel).where(Channel.deleted_at.is_(None)).order_by(Channel.id)
    if by.is_admin:
        asked = asked.where(or_(Channel.user_id.is_(None), Channel.user_id == by.id))
    else:
        asked = asked.where(or_(Channel.user_id == by.id, Channel.team_id.in_(by.planned_team_ids)))
    return list(await session.exec(asked))


async def own_channel(session: AsyncSession, channel_id: int, by: Principal) -> Channel:
    """A channel that the asker may change; to others it does not exist."""
    channel = await session.get(Channel, channel_id)
    if channel is None or channel.deleted_at is not None or not owned_by(by, channel):
        raise NotFound("channel_not_found", f"There is no channel {channel_id}")
    return channel


async def create_channel(session: AsyncSession, by: Principal, new: ChannelCreate) -> Channel:
    """Create a channel of one's own, or of a team that one plans."""
    if new.user_id is not None and new.team_id is not None:
        raise Invalid("two_owners", "A channel belongs either to a person or to a team", loc=("body", "team_id"))
    user_id, team_id = new.user_id, new.team_id
    if team_id is not None:
        await refuse_foreign_team(session, by, team_id)
    else:
        user_id = user_id or by.id
        if user_id != by.id:
            await visible_user(session, user_id, by)
            raise Forbidden("not_your_channel", "Only the person may change their own channels")
    _refuse_unknown_kind(new.kind)
    await _refuse_too_many(session, user_id, team_id)
    config = parsed_config(KINDS[new.kind].config, new.config)
    tried_at = proven_at(session, by.id, new.kind, config, new.proof)
    channel = Channel(
        name=new.name,
        kind=new.kind,
        user_id=user_id,
        team_id=team_id,
        config={},
        lane="",
        is_enabled=new.is_enabled,
        status_since=tried_at,
        status_at=tried_at,
    )
    await _store(session, channel, config)
    audit(session, "channel.created", channel.id, channel.name, after=_audited(channel))
    publish(session, Topic.CHANNEL, team_id=team_id, user_id=user_id)
    return channel


def _refuse_unknown_kind(kind: str) -> None:
    if kind not in CHOOSABLE:
        raise Invalid("unknown_kind", f"There is no kind {kind!r}", loc=("body", "kind"))


async def tried_channel(session: AsyncSession, by: Principal, asked: ChannelTry) -> tuple[Channel, Config]:
    """A channel with settings that are not saved, in no session. The asker must be allowed to save it."""
    kept = await own_channel(session, asked.channel_id, by) if asked.channel_id is not None else None
    if kept is not None and kept.environment_name is not None:
        raise Conflict("set_by_environment", f"{kept.environment_name} is set in the environment")
    if kept is None and asked.team_id is not None:
        await refuse_foreign_team(session, by, asked.team_id)
    kind = kept.kind if kept else asked.kind
    _refuse_unknown_kind(kind)
    secrets = readable(session, kept.sealed_secrets) if kept else {}
    config = parsed_config(KINDS[kind].config, asked.config, secrets)
    shown, sealed_secrets = sealed(session, config)
    team_id = kept.team_id if kept else asked.team_id
    channel = Channel(
        id=0,
        name=asked.name,
        kind=kind,
        user_id=by.id if team_id is None else None,
        team_id=team_id,
        config=shown,
        sealed_secrets=sealed_secrets,
        lane=KINDS[kind].lane(config) or "",
    )
    return channel, config


async def update_channel(session: AsyncSession, by: Principal, channel: Channel, change: ChannelUpdate) -> Channel:
    """Change a channel. New settings have not been tried, unless the proof of a test says so."""
    if channel.environment_name is not None:
        raise Conflict("set_by_environment", f"{channel.environment_name} is set in the environment")
    before = _audited(channel)
    if change.name is not None:
        channel.name = change.name
    if change.is_enabled is not None:
        channel.is_enabled = change.is_enabled
    if change.config is not None:
        secrets = readable(session, channel.sealed_secrets)
        config = parsed_config(KINDS[channel.kind].config, change.config, secrets)
        tried_at = proven_at(session, by.id, channel.kind, config, change.proof)
        if tried_at is not None or not is_stored(session, channel, config):
            channel.status, channel.status_reason, channel.status_hint = ChannelStatus.OK, "", ""
            channel.status_since = channel.status_at = tried_at
        await _store(session, channel, config)
    session.add(channel)
    await session.flush()
    await hand_over_waiting(session, channel)
    audit(session, "channel.updated", channel.id, channel.name, before=before, after=_audited(channel))
    publish(session, Topic.CHANNEL, team_id=channel.team_id, user_id=channel.user_id)
    return channel


def _audited(channel: Channel) -> dict[str, Any]:
    return channel.model_dump(include={"name", "kind", "user_id", "team_id", "config", "is_enabled", "sealed_secrets"})


async def delete_channel(session: AsyncSession, channel: Channel) -> None:
    """Delete a channel and its secrets; the log keeps its name. What waits goes to others; alerts about it count as read."""
    if channel.environment_name is not None:
        raise Conflict("set_by_environment", f"{channel.environment_name} is set in the environment")
    audit(session, "channel.deleted", channel.id, channel.name, before=_audited(channel))
    channel.deleted_at = clock.now()
    channel.is_enabled = False
    channel.sealed_secrets = ""
    session.add(channel)
    await session.flush()
    await hand_over_waiting(session, channel)
    about = InboxMessage.key.startswith(alert_prefix(channel), autoescape=True)
    for message in await session.exec(select(InboxMessage).where(about, InboxMessage.read_at.is_(None))):
        message.read_at = channel.deleted_at
        publish(session, Topic.INBOX, team_id=message.team_id, user_id=message.user_id)
    publish(session, Topic.CHANNEL, team_id=channel.team_id, user_id=channel.user_id)


async def _store(session: AsyncSession, channel: Channel, config: Config) -> None:
    kind = KINDS[channel.kind]
    lane = kind.lane(config) or channel.lane or f"{kind.name}-{security.new_token()[:24]}"
    # Before the channel refers to it: a statement writes changed rows first, and the channel's foreign key needs the lane.
    await session.exec(insert_new(session, Lane).values(key=lane, recent_sends=[], leased_by=""))
    if channel.id is not None and channel.lane != lane:
        # What is being sent stays with the lane whose lease covers the attempt.
        await session.exec(
            sa.update(Delivery)
            .where(
                Delivery.channel_id == channel.id,
                Delivery.next_attempt_at.is_not(None),
                Delivery.status.in_((DeliveryStatus.QUEUED, DeliveryStatus.THROTTLED)),
            )
            .values(lane=lane)
        )
    channel.config, channel.sealed_secrets = sealed(session, config)
    channel.lane = lane
    channel.audience = kind.audience(config) or ""
    session.add(channel)
    await session.flush()


async def _refuse_too_many(session: AsyncSession, user_id: int | None, team_id: int | None) -> None:
    mine = Channel.user_id == user_id if user_id is not None else Channel.team_id == team_id
    asked: Any = select(sa.func.count()).select_from(Channel).where(mine, Channel.deleted_at.is_(None))
    if (await session.exec(asked)).one() >= MOST_CHANNELS_PER_OWNER:
        raise Conflict("too_many_channels", f"At most {MOST_CHANNELS_PER_OWNER} channels per owner")


async def channel_reads(session: AsyncSession, channels: Sequence[Channel]) -> list[ChannelRead]:
    """Channels as the API shows them."""
    asked = select(Lane.key, Lane.throttled_until).where(Lane.key.in_({channel.lane for channel in channels}))
    throttled = dict(list(await session.exec(asked)))
    return [_channel_read(session, channel, throttled.get(channel.lane)) for channel in channels]


def _channel_read(session: AsyncSession, channel: Channel, throttled_until: datetime | None) -> ChannelRead:
    kind, secrets = KINDS[channel.kind], readable(session, channel.sealed_secrets)
    is_lane_throttled = throttled_until is not None and throttled_until > clock.now()
    status = channel.status
    if status is ChannelStatus.OK and is_lane_throttled:
        status = ChannelStatus.THROTTLED
    elif status is ChannelStatus.OK and channel.status_at is None and channel.kind != "inbox":
        status = ChannelStatus.UNTRIED
    return ChannelRead(
        **channel.model_dump(include=set(ChannelRead.model_fields) - {"status"}),
        status=status,
        saved_secrets=sorted(secrets),
        target=_target(kind, {**channel.config, **secrets}),
        status_hint_text=remedy_text(channel.status_hint),
        throttled_until=throttled_until if is_lane_throttled else None,
    )


def _target(kind: ChannelKind[Any], values: dict[str, Any]) -> str:
    """Where it goes; empty for settings that are no longer valid, which the sender reports as broken."""
    try:
        return kind.target(kind.parsed(values))
    except ValidationError:
        return ""


async def sync_environment_channels(session: AsyncSession, settings: Settings) -> None:
    """Create, change or disable the two channels that the environment sets."""
    for name, url in (("WORKING_URL", settings.working_url), ("NO_WORK_URL", settings.no_work_url)):
        found = (await session.exec(select(Channel).where(Channel.environment_name == name))).first()
        if not url:
            if found is not None and found.is_enabled:
                found.is_enabled, found.sealed_secrets = False, ""
                await session.flush()
                await hand_over_waiting(session, found)
            continue
        config = parsed_config(KINDS["environment_webhook"].config, {"url": url})
        channel = found or Channel(name=name, kind="environment_webhook", environment_name=name, config={}, lane="")
        if found is None or not found.is_enabled or readable(session, found.sealed_secrets) != {"url": url}:
            channel.is_enabled, channel.status, channel.status_at = True, ChannelStatus.OK, None
            await _store(session, channel, config)


def test_result(result: Result, channel: Channel, called: Called, by: Principal, *, proof: str | None) -> TestResult:
    """A test's result as the API returns it. Only administrators see answers of addresses that people type in freely."""
    verdict = result.verdict or Verdict(Outcome.RETRY, "expired", "no time was left to send it")
    sees_answer = by.is_admin or not KINDS[channel.kind].has_free_address
    return TestResult(
        outcome=verdict.outcome,
        provider_code=storable(verdict.provider_code),
        provider_message=storable(verdict.provider_message),
        hint=verdict.hint,
        hint_text=remedy_text(verdict.hint),
        http_status=verdict.http_status,
        latency_ms=int(result.latency.total_seconds() * 1000),
        delivery_id=result.job.delivery.id or None,
        proof=proof,
        awaits_tap=verdict.outcome is Outcome.DONE and result.message is not None and bool(result.message.answers),
        exchanges=[
            exchange.model_copy(update={"answer": storable(exchange.answer) if sees_answer else ""})
            for exchange in result.exchanges
        ],
        **dict(called),
    )
