"""One-tap links: signed, expiring, valid for the reminders of one message and nothing else."""

from datetime import datetime, timedelta

from daka import clock, security
from daka.settings import Settings

LATE_ANSWER = timedelta(hours=12)
"""How long after its window a link still takes 我已打卡."""


def link(settings: Settings, delivery_id: int, *, ends_at: datetime) -> str:
    """The address of the page for the reminders of a delivery whose last window is over at `ends_at`."""
    return f"{settings.base_url}/a/{security.short_token(settings.secret, 'link', delivery_id, ends_at + LATE_ANSWER)}"


def linked_delivery(settings: Settings, token: str) -> int | None:
    """The delivery that a link names; None if the link is forged, of another kind, or expired."""
    return security.short_token_value(settings.secret, "link", token, at=clock.now())


def linked_reminders(settings: Settings, token: str) -> list[int]:
    """The reminders that a link of the former form (a JWT) names, until it expires."""
    claims = security.verified(settings.secret, "link", token, at=clock.now()) if "." in token else None
    return [int(part) for part in str(claims["sub"]).split(",") if part.isdecimal()] if claims else []
