"""Notices to people about their roster, on their own channels: taken and queued in one transaction."""

from datetime import timedelta

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.delivery.messages import MessageContent
from daka.delivery.models import Delivery, Occasion
from daka.delivery.outbox import key_on, queue
from daka.delivery.recipients import load_channels, mention_of, personal_channels, planners_of
from daka.hooks import PersonalNotice
from daka.identity.models import MAY_SIGN_IN, User
from daka.identity.teams import languages_of
from daka.roster.notices.service import NoticeKind, take_due
from daka.scheduler.service import is_on_hold

USEFUL_FOR = {NoticeKind.CHANGED: timedelta(hours=12), NoticeKind.TOMORROW: timedelta(hours=3)}
"""A notice that could not be sent for this long is not worth sending any more."""


async def queue_notices(session: AsyncSession) -> int:
    """Queue the notices that are due. Returns the number of deliveries. Nothing is taken while reminding is paused.

    A notice goes to the person's working channels, or to their inbox; never to a team's channel, since a person's roster concerns
    nobody else.
    """
    if await is_on_hold(session):
        return 0
    now = clock.now()
    notices = await take_due(session, now)
    if not notices:
        return 0
    ids = {notice.user_id for notice in notices}
    people = {user.id: user for user in await session.exec(select(User).where(User.id.in_(ids)))}
    channels = await load_channels(session, user_ids=ids, team_ids=[])
    planned = []
    for notice in notices:
        user = people[notice.user_id]
        route = await personal_channels(session, channels, user.id, now, useful_for=USEFUL_FOR[notice.kind])
        planned += [(key_on(notice.key, channel), channel, notice, user) for channel in route]
    known = set(await session.exec(select(Delivery.key).where(Delivery.key.in_([key for key, *_ in planned]))))
    for key, channel, notice, user in planned:
        if key not in known:
            message = MessageContent(
                occasion=Occasion.ROSTER, title=notice.title, text=notice.text, mentions=(mention_of(user),)
            )
            queue(session, channel, message, due_at=now, expires_at=now + USEFUL_FOR[notice.kind], key=key)
    await session.flush()
    return len(planned) - len(known)


async def queue_personal(session: AsyncSession, notice: PersonalNotice) -> None:
    """Queue a personal notice for each person, as roster notices go: to their working channels, or to their inbox."""
    now = clock.now()
    ids = set(notice.user_ids)
    if notice.planners_of is not None:
        ids |= {planner.id for planner in (await planners_of(session, {notice.planners_of}))[notice.planners_of]}
    ids -= {notice.without}
    people = list(await session.exec(select(User).where(User.id.in_(ids), MAY_SIGN_IN).order_by(User.id)))
    channels = await load_channels(session, user_ids=[user.id for user in people], team_ids=[])
    languages = await languages_of(session, people)
    for user in people:
        title, text = notice.texts[languages[user.id]]
        key = f"personal-{security.new_token()[:16]}"
        message = MessageContent(
            occasion=Occasion.ROSTER,
            title=title,
            text=text,
            mentions=(mention_of(user),),
        )
        useful_for = USEFUL_FOR[NoticeKind.CHANGED]
        for channel in await personal_channels(session, channels, user.id, now, useful_for=useful_for):
            queue(session, channel, message, due_at=now, expires_at=now + useful_for, key=key_on(key, channel))
    await session.flush()
