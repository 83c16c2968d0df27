"""Table of the one-tap page."""

from datetime import datetime

from sqlmodel import Field

from daka.columns import Mapped, Table


class PhoneCheck(Table, table=True):
    """One row: when a phone last opened the address that the links of messages have."""

    id: Mapped[int] = Field(default=1, primary_key=True)
    base_url: Mapped[str] = Field(max_length=300)
    """PUBLIC_URL at that time."""
    opened_at: Mapped[datetime]
    is_from_internet: Mapped[bool]
    """At least once from outside of the local network."""
