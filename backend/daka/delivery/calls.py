"""Whom a channel's reminders would call, and whom not."""

from pydantic import ValidationError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.delivery.channels.people import rows_of_nobody
from daka.delivery.channels.registry import KINDS
from daka.delivery.models import Channel
from daka.delivery.recipients import mention_of, namesakes
from daka.delivery.remedies import remedy_text
from daka.delivery.schemas import Called, CalledPerson
from daka.identity.models import MAY_SIGN_IN, User
from daka.outbound.config import opened


async def called_by(session: AsyncSession, channel: Channel) -> Called:
    """Each of the people whose reminders a channel carries: its team's, or its owner. Nobody, if its settings cannot be used."""
    kind = KINDS[channel.kind]
    try:
        config = kind.parsed({**channel.config, **opened(session, channel.sealed_secrets)})
    except ValidationError:
        return Called(people=[], rows_of_nobody=[])
    users = await _served(session, channel)
    alike = await namesakes(session, [] if channel.team_id is None else [channel.team_id])
    mentions = [mention_of(user, has_namesake=user.id in alike) for user in users]
    calls = [(user, kind.call(config, mention)) for user, mention in zip(users, mentions, strict=True)]
    people = [
        CalledPerson(
            user_id=user.id,
            name=user.display_name,
            is_called=bool(call.id),
            reason=call.reason or "",
            reason_text=remedy_text(call.reason or ""),
        )
        for user, call in calls
        if call is not None
    ]
    return Called(people=people, rows_of_nobody=rows_of_nobody(getattr(config, "people", None), mentions))


async def _served(session: AsyncSession, channel: Channel) -> list[User]:
    whose = User.team_id == channel.team_id if channel.team_id is not None else User.id == channel.user_id
    return list(await session.exec(select(User).where(whose, MAY_SIGN_IN).order_by(User.display_name, User.id)))
