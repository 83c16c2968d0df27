"""Whether a phone opens the address that the links of messages have: a QR code whose page says so and is remembered."""

import re
from datetime import timedelta
from ipaddress import ip_address

from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.change_events import Topic, publish
from daka.one_tap.models import PhoneCheck
from daka.outbound.guard import is_public
from daka.settings import Settings

VALID_FOR = timedelta(hours=24)
_PHONE = re.compile(r"Mobi|Android|iPhone|iPad|HarmonyOS", re.IGNORECASE)


def address_to_open(settings: Settings, by: int) -> str | None:
    """What the QR code of an administrator says; None without PUBLIC_URL, when messages have no links at all."""
    if not settings.public_url:
        return None
    token = security.short_token(settings.secret, "phone", by, clock.now() + VALID_FOR)
    return f"{settings.base_url}/a/{token}"


def asker_of(settings: Settings, token: str) -> int | None:
    """Whose QR code this is, by the end of an address; None if it is none."""
    return security.short_token_value(settings.secret, "phone", token, at=clock.now())


def is_phone(user_agent: str) -> bool:
    return _PHONE.search(user_agent) is not None


def is_from_internet(address: str) -> bool:
    """Whether the visitor came from outside of the local network."""
    try:
        return is_public(ip_address(address))
    except ValueError:
        return False


async def last_check(session: AsyncSession, settings: Settings) -> PhoneCheck | None:
    """The last opening of the present PUBLIC_URL by a phone; one from the internet is not forgotten for one from nearby."""
    found = await session.get(PhoneCheck, 1)
    return found if found is not None and found.base_url == settings.base_url else None


async def note_opening(session: AsyncSession, settings: Settings, asker: int, address: str) -> None:
    """A phone opened the QR code's address."""
    known = await last_check(session, settings)
    check = await session.get(PhoneCheck, 1) or PhoneCheck(base_url="", opened_at=clock.now(), is_from_internet=False)
    check.is_from_internet = is_from_internet(address) or (known is not None and known.is_from_internet)
    check.base_url, check.opened_at = settings.base_url, clock.now()
    session.add(check)
    publish(session, Topic.CHANNEL, user_id=asker)
