"""What a connection brings, how it ends, and how long to wait then. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from daka.chat.models import ConnectionState
from daka.chat.words import ChatCommand
from daka.delivery.messages import RenderedMessage

LONGEST_BACKOFF = 60.0
"""Seconds."""
HOPELESS = timedelta(minutes=10)
"""How long to wait where trying again cannot help until somebody mends it."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A tap or a word as a vendor delivers it."""

    vendor_id: str
    person: str
    command: ChatCommand
    delivery_id: int | None = None
    """Of a tap: the message whose button it was."""
    reply_to: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the dialect needs to reply. It may hold secrets."""


@dataclass(frozen=True, slots=True)
class ChatReply:
    """What came of a message."""

    reply: str
    card: RenderedMessage | None = None
    """The message that was tapped as it is now, if the sender may see that."""


@dataclass(frozen=True, slots=True)
class VendorEvent:
    """Something that happened at the vendor, for the listener: a punch, for example."""

    kind: str
    event_id: str
    corp_id: str
    data: dict[str, Any]


class Ended(Exception):
    """The connection has ended. The message is shown and logged: no secrets in it."""

    def __init__(self, reason: str = "", *, wait: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait
        """What the vendor asks for."""


class Lost(Ended):
    """The network, or the vendor's servers; it is opened again soon."""


class Refused(Ended):
    """The vendor does not accept the app."""


class TakenOver(Ended):
    """Another program reads the same app. Fighting over it would lose messages of both."""


@dataclass(frozen=True, slots=True)
class Pause:
    """What to do after a connection has ended."""

    state: ConnectionState
    seconds: float


def pause_after(end: Ended, failures: int, jitter: float) -> Pause:
    """`failures` counts ends in a row without anything received; `jitter` is between 0 and 1.

    1, 2, 4 … 60 seconds and up to one more, so that many servers do not come back at the same moment.
    """
    match end:
        case Refused():
            state, least = ConnectionState.REFUSED, HOPELESS.total_seconds()
        case TakenOver():
            state, least = ConnectionState.TAKEN_OVER, HOPELESS.total_seconds()
        case _:
            state, least = ConnectionState.CONNECTING, min(2.0 ** min(failures - 1, 10), LONGEST_BACKOFF)
    asked = min(end.wait, HOPELESS).total_seconds() if end.wait else 0.0
    return Pause(state, max(least, asked) + jitter)
