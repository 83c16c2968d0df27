"""The kinds of wishes: by themselves, so that the tables do not load what computes proposals."""

from enum import StrEnum


class WishKind(StrEnum):
    """What a person would like for a day."""

    FREE = "free"
    WANTED = "wanted"
    """A shift."""
    UNWANTED = "unwanted"
