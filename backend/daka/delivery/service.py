"""Channels as people keep them, the delivery log, and the inbox."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.announcements import Topic, announce
from daka.audit.trail import audit
from daka.database import insert_new, settings_in
from daka.delivery.channels.kind import ChannelKind, Config
from daka.delivery.channels.registry import CHOOSABLE, KINDS
from daka.delivery.hints import hint_text
from daka.delivery.messages import KIND_WORDS, Line, Message, note
from daka.delivery.models import (
    Channel,
    ChannelStatus,
    Delivery,
    DeliveryAttempt,
    DeliveryReminder,
    DeliveryStatus,
    InboxMessage,
    Lane,
    MessageTemplate,
    Occasion,
)
from daka.delivery.schemas import (
    AttemptRead,
    ChannelCreate,
    ChannelKindRead,
    ChannelRead,
    ChannelUpdate,
    DeliveryRead,
    PersonRead,
    Preview,
    PreviewAsk,
    TemplateRead,
    TemplateWrite,
    VariantBody,
)
from daka.delivery.templates import LONGEST_LINE, LONGEST_TITLE, Stage, Variant, problem_with
from daka.errors import Conflict, Forbidden, Invalid, NotFound
from daka.identity.access import Principal, find_team
from daka.identity.models import User
from daka.identity.service import seen_user
from daka.paging import cursor_of, cut, key_of
from daka.reminders.models import Reminder
from daka.security import SecretBox
from daka.settings import Settings
from daka.shifts.times import PunchKind

MOST_CHANNELS_PER_OWNER = 20


def kinds() -> list[ChannelKindRead]:
    """The kinds that people add, with the schemas of their settings."""
    return [
        ChannelKindRead(
            kind=name,
            labels=KINDS[name].labels,
            config_schema=KINDS[name].config.model_json_schema(),
            secret_fields=sorted(KINDS[name].config.secret_fields()),
        )
        for name in CHOOSABLE
    ]


# --- channels --------------------------------------------------------------------------------------------------------


def _owned_by(by: Principal, channel: Channel) -> bool:
    if channel.user_id is not None:
        return channel.user_id == by.id
    return by.plans(channel.team_id) if channel.team_id is not None else by.is_admin


async def visible_channels(session: AsyncSession, by: Principal) -> list[Channel]:
    """One's own channels, those of the teams that one plans, and for administrators the environment's."""
    asked = select(Channel).where(col(Channel.deleted_at).is_(None)).order_by(col(Channel.id))
    if by.is_admin:
        asked = asked.where(or_(col(Channel.user_id).is_(None), Channel.user_id == by.id))
    else:
        asked = asked.where(or_(Channel.user_id == by.id, col(Channel.team_id).in_(by.planned_team_ids)))
    return list(await session.exec(asked))


async def own_channel(session: AsyncSession, channel_id: int, by: Principal) -> Channel:
    """A channel that the asker may change; to others it does not exist."""
    channel = await session.get(Channel, channel_id)
    if channel is None or channel.deleted_at is not None or not _owned_by(by, channel):
        raise NotFound("channel_not_found", f"There is no channel {channel_id}")
    return channel


async def create_channel(session: AsyncSession, by: Principal, new: ChannelCreate) -> Channel:
    """A channel of one's own, or of a team that one plans."""
    if new.user_id is not None and new.team_id is not None:
        raise Invalid("two_owners", "A channel belongs to a person or to a team", loc=("body", "team_id"))
    user_id, team_id = new.user_id, new.team_id
    if team_id is not None:
        await find_team(session, team_id, by)
        if not by.plans(team_id):
            raise Forbidden("not_your_team", "Only planners of the team keep its channels")
    else:
        user_id = user_id or by.id
        if user_id != by.id:
            await seen_user(session, user_id, by)
            raise Forbidden("not_your_channel", "Everybody keeps their own channels")
    if new.kind not in CHOOSABLE:
        raise Invalid("unknown_kind", f"There is no kind {new.kind!r}", loc=("body", "kind"))
    await _refuse_too_many(session, user_id, team_id)
    config = parsed_config(new.kind, new.config)
    channel = Channel(
        name=new.name,
        kind=new.kind,
        user_id=user_id,
        team_id=team_id,
        config={},
        lane="",
        is_enabled=new.is_enabled,
        created_at=clock.now(),
    )
    await _store(session, channel, config)
    audit(session, "channel.created", channel.id, channel.name, after=_audited(channel))
    announce(session, Topic.CHANNEL, team_id=team_id, user_id=user_id)
    return channel


async def update_channel(session: AsyncSession, channel: Channel, change: ChannelUpdate) -> Channel:
    """Change a channel. New settings give a broken one another chance."""
    if channel.environment_name is not None:
        raise Conflict("set_by_environment", f"{channel.environment_name} is set in the environment")
    before = _audited(channel)
    if change.name is not None:
        channel.name = change.name
    if change.is_enabled is not None:
        channel.is_enabled = change.is_enabled
    if change.config is not None:
        # Secrets that are left out stay; null takes one away.
        given = {**_kept_secrets(session, channel), **change.config}
        config = parsed_config(channel.kind, {name: value for name, value in given.items() if value is not None})
        channel.status, channel.status_reason, channel.status_hint = ChannelStatus.OK, "", ""
        channel.status_at = clock.now()
        await _store(session, channel, config)
    session.add(channel)
    await session.flush()
    audit(session, "channel.updated", channel.id, channel.name, before=before, after=_audited(channel))
    announce(session, Topic.CHANNEL, team_id=channel.team_id, user_id=channel.user_id)
    return channel


def _audited(channel: Channel) -> dict[str, Any]:
    return channel.model_dump(include={"name", "kind", "user_id", "team_id", "config", "is_enabled", "sealed_secrets"})


async def delete_channel(session: AsyncSession, channel: Channel) -> None:
    """Take a channel out of use; the log keeps its name. Its secrets are gone at once."""
    if channel.environment_name is not None:
        raise Conflict("set_by_environment", f"{channel.environment_name} is set in the environment")
    audit(session, "channel.deleted", channel.id, channel.name, before=_audited(channel))
    channel.deleted_at = clock.now()
    channel.is_enabled = False
    channel.sealed_secrets = ""
    session.add(channel)
    await session.exec(
        sa.update(Delivery)
        .where(col(Delivery.channel_id) == channel.id, col(Delivery.next_attempt_at).is_not(None))
        .values(status=DeliveryStatus.EXPIRED, next_attempt_at=None)
    )
    announce(session, Topic.CHANNEL, team_id=channel.team_id, user_id=channel.user_id)


def parsed_config(kind: str, values: dict[str, Any]) -> Config:
    """Settings as the kind wants them.

    Raises:
        Invalid: with the place and the reason, never with the value.
    """
    try:
        return cast(Config, KINDS[kind].parsed(values))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        problem = Invalid("invalid_input", "The settings do not fit this kind of channel")
        problem.extra["errors"] = [
            {"loc": ["body", "config", *part["loc"]], "code": part["type"], "msg": part["msg"]} for part in found
        ]
        raise problem from None


async def _store(session: AsyncSession, channel: Channel, config: Config) -> None:
    secrets = config.secrets()
    kind = KINDS[channel.kind]
    channel.config = config.model_dump(mode="json", exclude=set(config.secret_fields()), exclude_none=True)
    channel.sealed_secrets = SecretBox(settings_in(session).secret).seal(secrets) if secrets else ""
    channel.lane = kind.lane(config) or channel.lane or f"{kind.name}-{security.new_token()[:24]}"
    await session.exec(insert_new(session, Lane).values(key=channel.lane, recent_sends=[], leased_by=""))
    session.add(channel)
    await session.flush()


def _kept_secrets(session: AsyncSession, channel: Channel) -> dict[str, str]:
    return SecretBox(settings_in(session).secret).open(channel.sealed_secrets) if channel.sealed_secrets else {}


async def _refuse_too_many(session: AsyncSession, user_id: int | None, team_id: int | None) -> None:
    mine = Channel.user_id == user_id if user_id is not None else Channel.team_id == team_id
    asked: Any = select(sa.func.count()).select_from(Channel).where(mine, col(Channel.deleted_at).is_(None))
    if (await session.exec(asked)).one() >= MOST_CHANNELS_PER_OWNER:
        raise Conflict("too_many_channels", f"More than {MOST_CHANNELS_PER_OWNER} channels help nobody")


async def channel_reads(session: AsyncSession, channels: Sequence[Channel]) -> list[ChannelRead]:
    """Channels as the API shows them."""
    asked = select(Lane.key, Lane.held_until).where(col(Lane.key).in_({channel.lane for channel in channels}))
    held = dict(list(await session.exec(asked)))
    return [_channel_read(session, channel, held.get(channel.lane)) for channel in channels]


def _channel_read(session: AsyncSession, channel: Channel, held_until: datetime | None) -> ChannelRead:
    kind, secrets = KINDS[channel.kind], _kept_secrets(session, channel)
    is_held = held_until is not None and held_until > clock.now()
    is_throttled = channel.status is ChannelStatus.OK and is_held
    return ChannelRead(
        **channel.model_dump(include=set(ChannelRead.model_fields) - {"status"}),
        status=ChannelStatus.THROTTLED if is_throttled else channel.status,
        saved_secrets=sorted(secrets),
        target=_target(kind, {**channel.config, **secrets}),
        status_hint_text=hint_text(channel.status_hint),
        held_until=held_until if is_held else None,
    )


def _target(kind: ChannelKind[Any], values: dict[str, Any]) -> str:
    """Where it goes; nothing for settings that no longer fit, which the sender reports as broken."""
    try:
        return kind.target(kind.parsed(values))
    except ValidationError:
        return ""


async def sync_environment_channels(session: AsyncSession, settings: Settings) -> None:
    """Make, change or switch off the two channels that the environment sets."""
    for name, url in (("WORKING_URL", settings.working_url), ("NO_WORK_URL", settings.no_work_url)):
        found = (await session.exec(select(Channel).where(Channel.environment_name == name))).first()
        if not url:
            if found is not None and found.is_enabled:
                found.is_enabled, found.sealed_secrets = False, ""
                session.add(found)
            continue
        config = parsed_config("environment_webhook", {"url": url})
        channel = found or Channel(
            name=name, kind="environment_webhook", environment_name=name, config={}, lane="", created_at=clock.now()
        )
        if found is None or not found.is_enabled or _kept_secrets(session, found) != {"url": url}:
            channel.is_enabled, channel.status = True, ChannelStatus.OK
            await _store(session, channel, config)


# --- the log ---------------------------------------------------------------------------------------------------------


async def list_deliveries(
    session: AsyncSession,
    by: Principal,
    *,
    status: DeliveryStatus | None = None,
    channel_id: int | None = None,
    user_id: int | None = None,
    reminder_id: int | None = None,
    occasion: Occasion | None = None,
    first: date | None = None,
    last_day: date | None = None,
    words: str | None = None,
    limit: int,
    cursor: str | None,
) -> tuple[list[DeliveryRead], str | None]:
    """Deliveries, newest first: of one's own channels and teams, and those that carry one's own reminders."""
    asked = _seen_deliveries(by)
    if status is not None:
        asked = asked.where(Delivery.status == status)
    if channel_id is not None:
        asked = asked.where(Delivery.channel_id == channel_id)
    if user_id is not None:
        asked = asked.where(_carries(Reminder.user_id == user_id))
    if reminder_id is not None:
        asked = asked.where(_carries(Reminder.id == reminder_id))
    if occasion is not None:
        asked = asked.where(Delivery.occasion == occasion)
    zone = settings_in(session).zone
    if first is not None:
        asked = asked.where(Delivery.due_at >= datetime.combine(first, time(), zone).astimezone(UTC))
    if last_day is not None:
        asked = asked.where(
            Delivery.due_at < datetime.combine(last_day + timedelta(days=1), time(), zone).astimezone(UTC)
        )
    if words and words.strip():
        asked = asked.where(_speaks_of(words.strip(), by))
    if key := key_of(cursor, int):
        asked = asked.where(col(Delivery.id) < key[0])
    kept, last = cut(list(await session.exec(asked.order_by(col(Delivery.id).desc()).limit(limit + 1))), limit)
    return await _delivery_reads(session, by, kept), cursor_of(last[0].id) if last else None


async def seen_delivery(session: AsyncSession, delivery_id: int, by: Principal) -> tuple[Delivery, Channel]:
    row = (await session.exec(_seen_deliveries(by).where(Delivery.id == delivery_id))).first()
    if row is None:
        raise NotFound("delivery_not_found", f"There is no delivery {delivery_id}")
    return cast(tuple[Delivery, Channel], row)


async def read_delivery(session: AsyncSession, delivery_id: int, by: Principal) -> DeliveryRead:
    return (await _delivery_reads(session, by, [await seen_delivery(session, delivery_id, by)]))[0]


async def retry_delivery(session: AsyncSession, delivery_id: int, by: Principal) -> None:
    """Queue a failed or expired delivery once more. A reminder whose window is over stays as it is.

    Raises:
        Conflict: it was sent, waits already, or its time is over.
    """
    delivery, channel = await seen_delivery(session, delivery_id, by)
    if not _owned_by(by, channel):
        raise Forbidden("not_your_channel", "Only its owner or a planner may send that again")
    if delivery.status not in (DeliveryStatus.FAILED, DeliveryStatus.EXPIRED):
        raise Conflict("not_failed", "Only what failed can be tried again")
    now = clock.now()
    if delivery.expires_at <= now:
        raise Conflict("delivery_expired", "The time for this message is over")
    delivery.status, delivery.next_attempt_at = DeliveryStatus.QUEUED, now
    session.add(delivery)
    announce(session, Topic.DELIVERY, team_id=channel.team_id, user_id=channel.user_id)


def _seen_deliveries(by: Principal) -> Any:
    asked = select(Delivery, Channel).join(Channel, col(Channel.id) == Delivery.channel_id)
    if by.is_admin:
        return asked
    mine = or_(Channel.user_id == by.id, col(Channel.team_id).in_(by.planned_team_ids))
    about = or_(Reminder.user_id == by.id, col(User.team_id).in_(by.planned_team_ids))
    return asked.where(or_(mine, _carries(about)))


def _speaks_of(words: str, by: Principal) -> Any:
    """Channel names, people whom the asker may see, and providers' codes and words."""
    return or_(
        col(Channel.name).icontains(words, autoescape=True),
        _carries(sa.and_(col(User.display_name).icontains(words, autoescape=True), _seen_people(by))),
        sa.exists(
            select(DeliveryAttempt.id).where(
                DeliveryAttempt.delivery_id == Delivery.id,
                or_(
                    col(DeliveryAttempt.provider_message).icontains(words, autoescape=True),
                    DeliveryAttempt.provider_code == words,
                ),
            )
        ),
    )


def _seen_people(by: Principal) -> Any:
    if by.is_admin:
        return sa.true()
    return or_(User.id == by.id, col(User.team_id).in_(by.planned_team_ids))


def _carries(condition: Any) -> Any:
    return sa.exists(
        select(DeliveryReminder.delivery_id)
        .join(Reminder, col(Reminder.id) == DeliveryReminder.reminder_id)
        .join(User, col(User.id) == Reminder.user_id)
        .where(DeliveryReminder.delivery_id == Delivery.id, condition)
    )


async def _delivery_reads(
    session: AsyncSession, by: Principal, rows: Sequence[tuple[Delivery, Channel]]
) -> list[DeliveryRead]:
    ids = [cast(int, delivery.id) for delivery, _ in rows]
    attempts: dict[int, list[AttemptRead]] = defaultdict(list)
    asked = select(DeliveryAttempt).where(col(DeliveryAttempt.delivery_id).in_(ids)).order_by(col(DeliveryAttempt.id))
    for attempt in await session.exec(asked):
        attempts[attempt.delivery_id].append(
            AttemptRead.model_validate({**attempt.model_dump(), "hint_text": hint_text(attempt.hint)})
        )
    visible = await _visible_people(session, by, rows)
    return [_delivery_read(delivery, channel, attempts[cast(int, delivery.id)], visible) for delivery, channel in rows]


async def _visible_people(
    session: AsyncSession, by: Principal, rows: Sequence[tuple[Delivery, Channel]]
) -> set[int] | None:
    """Whose names inside group messages the asker may see; None means all."""
    if by.is_admin:
        return None
    if not by.planned_team_ids:
        return {by.id}
    asked = select(User.id).where(col(User.team_id).in_(by.planned_team_ids))
    return {by.id, *(cast(int, user_id) for user_id in await session.exec(asked))}


def _delivery_read(
    delivery: Delivery, channel: Channel, attempts: list[AttemptRead], visible: set[int] | None
) -> DeliveryRead:
    message = Message.model_validate(delivery.message)
    lines = [line for line in message.lines if visible is None or line.user_id in visible]
    kind = lines[0].kind if lines else None
    return DeliveryRead(
        **delivery.model_dump(include=set(DeliveryRead.model_fields)),
        channel_name=channel.name,
        channel_kind=channel.kind,
        kind=kind,
        title=message.title or (KIND_WORDS[kind] if kind else ""),
        people=[PersonRead(user_id=line.user_id, name=line.name, reminder_id=line.reminder_id) for line in lines],
        attempts=attempts,
    )


async def forget_old_deliveries(session: AsyncSession, older_than: timedelta) -> None:
    """Remove what is older than the log is kept for."""
    before = clock.now() - older_than
    old = select(Delivery.id).where(Delivery.due_at < before, col(Delivery.next_attempt_at).is_(None))
    for table in (DeliveryAttempt, DeliveryReminder):
        await session.exec(sa.delete(table).where(col(table.delivery_id).in_(old)))
    await session.exec(sa.delete(Delivery).where(Delivery.due_at < before, col(Delivery.next_attempt_at).is_(None)))  # type: ignore[arg-type]
    await session.exec(sa.delete(InboxMessage).where(col(InboxMessage.created_at) < before))


# --- templates -------------------------------------------------------------------------------------------------------


async def team_templates(session: AsyncSession, team_id: int, by: Principal) -> list[TemplateRead]:
    """A team's own words, by stage."""
    await _planned_team(session, team_id, by)
    asked = select(MessageTemplate).where(MessageTemplate.team_id == team_id).order_by(col(MessageTemplate.stage))
    return [TemplateRead.model_validate(row.model_dump()) for row in await session.exec(asked)]


async def write_template(
    session: AsyncSession, team_id: int, stage: Stage, change: TemplateWrite, by: Principal
) -> TemplateRead:
    """Set a stage's words.

    Raises:
        Invalid: a variable that does not exist, or a brace that is not closed.
    """
    await _planned_team(session, team_id, by)
    for index, variant in enumerate(change.variants):
        _refuse_bad_words(variant, ("body", "variants", index))
    row = await session.get(MessageTemplate, (team_id, stage)) or MessageTemplate(
        team_id=team_id, stage=stage, variants=[]
    )
    row.variants = [variant.model_dump() for variant in change.variants]
    session.add(row)
    return TemplateRead(team_id=team_id, stage=stage, variants=change.variants)


async def delete_template(session: AsyncSession, team_id: int, stage: Stage, by: Principal) -> None:
    await _planned_team(session, team_id, by)
    if (row := await session.get(MessageTemplate, (team_id, stage))) is None:
        raise NotFound("template_not_found", "The team has no words of its own for this stage")
    await session.delete(row)


async def _planned_team(session: AsyncSession, team_id: int, by: Principal) -> None:
    await find_team(session, team_id, by)
    if not by.plans(team_id):
        raise Forbidden("not_your_team", "Only planners of the team keep its words")


def _refuse_bad_words(variant: VariantBody, loc: tuple[str | int, ...]) -> None:
    for name, text, longest in (("title", variant.title, LONGEST_TITLE), ("line", variant.line, LONGEST_LINE)):
        if (problem := problem_with(text, longest)) is not None:
            raise Invalid("bad_template", problem, loc=(*loc, name))


def template_preview(ask: PreviewAsk, settings: Settings) -> Preview:
    """A message to made-up people, as a kind with made-up settings would send it."""
    if ask.kind not in CHOOSABLE:
        raise Invalid("unknown_kind", f"There is no kind {ask.kind!r}", loc=("body", "kind"))
    if ask.variant is not None:
        _refuse_bad_words(ask.variant, ("body", "variant"))
    now = clock.now().replace(second=0, microsecond=0)
    kind = PunchKind.CLOCK_OUT if ask.stage.value.startswith("clock_out") else PunchKind.CLOCK_IN
    point_at = now + timedelta(minutes=10 if ask.stage.value.endswith("before") else -5)
    lines = tuple(
        Line(
            reminder_id=number,
            user_id=number,
            name=name,
            mobile=f"1380000000{number}",
            dingtalk_userid=f"user{number}",
            work_date=now.astimezone(settings.zone).date(),
            kind=kind,
            point_at=point_at,
            ends_at=point_at + timedelta(minutes=15),
            shift_name="早班",
            zone=settings.timezone,
            team_id=1,
        )
        for number, name in enumerate(("张三", "李四", "王五")[: ask.people], 1)
    )
    occasion = Occasion.ESCALATION if ask.stage is Stage.ESCALATION else Occasion.REMINDER
    words = note(
        Message(occasion=occasion, lines=lines),
        key="daka-preview",
        due_at=now,
        now=now,
        link_for=lambda _: f"{settings.base_url}/a/…",
        templates={(1, ask.stage): (Variant(ask.variant.title, ask.variant.line),)} if ask.variant else {},
    )
    channel_kind = KINDS[ask.kind]
    body = channel_kind.preview(channel_kind.parsed(channel_kind.example), words, settings)
    return Preview(title=words.title, paragraphs=list(words.paragraphs), body=body)


# --- the inbox -------------------------------------------------------------------------------------------------------


async def inbox(
    session: AsyncSession, by: Principal, *, limit: int, cursor: str | None
) -> tuple[list[InboxMessage], str | None]:
    """One's messages and those of the teams that one plans, newest first."""
    asked = select(InboxMessage).where(
        or_(InboxMessage.user_id == by.id, col(InboxMessage.team_id).in_(by.planned_team_ids))
    )
    if key := key_of(cursor, int):
        asked = asked.where(col(InboxMessage.id) < key[0])
    kept, last = cut(list(await session.exec(asked.order_by(col(InboxMessage.id).desc()).limit(limit + 1))), limit)
    return kept, cursor_of(last.id) if last else None


async def read_inbox_message(session: AsyncSession, message_id: int, by: Principal) -> InboxMessage:
    """Mark a message as read."""
    message = await session.get(InboxMessage, message_id)
    is_mine = message is not None and (
        message.user_id == by.id or (message.team_id is not None and by.plans(message.team_id))
    )
    if message is None or not is_mine:
        raise NotFound("message_not_found", f"There is no message {message_id}")
    if message.read_at is None:
        message.read_at = clock.now()
        session.add(message)
        announce(session, Topic.INBOX, team_id=message.team_id, user_id=message.user_id)
    return message
