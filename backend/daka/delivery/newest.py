"""How the deliveries of some channels and people are found by indexes that begin with these."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import or_, select

from daka.delivery.models import (
    FAILURES,
    Channel,
    Delivery,
    DeliveryFailure,
    DeliveryReminder,
    DeliveryStatus,
    Occasion,
)
from daka.identity.models import User
from daka.merging import Leg
from daka.paging import beyond, given


@dataclass(frozen=True)
class Stretch:
    """Moments of the log, and the place in it after which a page begins."""

    first: datetime | None = None
    end: datetime | None = None
    after: tuple[datetime, int] | None = None

    def on(self, at: Any, row_id: Any) -> list[Any]:
        """Conditions on two columns."""
        found = [] if self.first is None else [at >= self.first]
        if self.end is not None:
            found.append(at < self.end)
        return found + beyond(self.after, at, row_id)


@dataclass(frozen=True)
class Reach:
    """Deliveries over some channels, and those that carry reminders of some people."""

    channels: tuple[Any, ...]
    """Conditions of which one is enough: each is answered by an index of its own."""
    people: Any

    def channel_ids(self) -> Any:
        each = sa.union(
            *(select(Channel.id).where(condition) for condition in self.channels or (sa.false(),))
        ).subquery()
        return sa.select(each.c.id)

    def holds(self) -> Any:
        """The condition for a delivery and its channel."""
        carried = (
            select(DeliveryReminder.delivery_id)
            .join(User, User.id == DeliveryReminder.user_id)
            .where(DeliveryReminder.delivery_id == Delivery.id, self.people)
        )
        return or_(*self.channels, is_one(carried.correlate(Delivery)))


@dataclass(frozen=True)
class LogSearch:
    """What is looked for. `also`: conditions on a delivery and its channel that no index knows."""

    stretch: Stretch
    status: DeliveryStatus | None = None
    occasion: Occasion | None = None
    also: tuple[Any, ...] = ()

    def of_deliveries(self) -> list[Any]:
        """Conditions on deliveries."""
        own = {Delivery.status: self.status, Delivery.occasion: self.occasion}
        return [*self.stretch.on(Delivery.due_at, Delivery.id), *given(own), *self.also]

    def of_a_channel(self) -> list[Any]:
        """The same on the deliveries of one channel. Most have the usual status and occasion: no index is searched by these."""
        found = [*self.stretch.on(Delivery.due_at, Delivery.id), *self.also]
        if self.status in FAILURES:
            found += [Delivery.status == self.status, Delivery.status.in_(_constant([*FAILURES]))]
        elif self.status is not None:
            found.append(sa.func.coalesce(Delivery.status, "") == self.status)
        if self.occasion is Occasion.REMINDER:
            found.append(sa.func.coalesce(Delivery.occasion, "") == self.occasion)
        elif self.occasion is not None:
            found += [Delivery.occasion == self.occasion, Delivery.occasion != _constant(Occasion.REMINDER)]
        return found

    def of_carried(self, carried: Any) -> list[Any]:
        """The same on what says which reminders a delivery carries."""
        found = self.stretch.on(carried.due_at, carried.delivery_id)
        rest = list(self.also)
        if self.status in FAILURES:
            found.append(carried.failure == DeliveryFailure(self.status.value))
        elif self.status is not None:
            rest.append(Delivery.status == self.status)
        if self.occasion is not None:
            found.append(carried.occasion == self.occasion)
            if self.occasion is not Occasion.REMINDER:
                found.append(carried.occasion != _constant(Occasion.REMINDER))
        if rest:
            its = sa.select(Delivery.id).join(Channel, Channel.id == Delivery.channel_id)
            found.append(is_one(its.where(Delivery.id == carried.delivery_id, *rest).correlate(carried)))
        return found


def is_one(asked: Any) -> Any:
    """Whether there is a row, asked for each row of the query outside. EXISTS would let PostgreSQL read all rows at once."""
    return asked.limit(1).scalar_subquery().is_not(None)


def _constant(value: Any) -> Any:
    """A value that is part of the statement: only then the database knows that an index of some rows has these."""
    return sa.bindparam(None, value, literal_execute=True, expanding=isinstance(value, list))


def legs(reach: Reach, wanted: LogSearch, *, only_refused: bool = False) -> Iterator[Leg]:
    """What finds the deliveries in a reach. `only_refused`: those that a provider refused at least once."""
    mine = wanted.of_a_channel()
    if only_refused:
        mine.append(Delivery.refused_at.is_not(None))
    of = (Delivery, Delivery.due_at)
    source: Any = sa.orm.join(Delivery, Channel, Channel.id == Delivery.channel_id) if wanted.also else Delivery
    people = select(User.id).where(reach.people)
    yield Leg(reach.channel_ids(), Delivery.channel_id, Delivery.due_at, Delivery.id, mine, of, source)
    carried: Any = aliased(DeliveryReminder)
    conditions = wanted.of_carried(carried)
    for failure in DeliveryFailure if only_refused else [None]:
        its = [] if failure is None else [carried.failure == failure]
        yield Leg(people, carried.user_id, carried.due_at, carried.delivery_id, [*conditions, *its], of, carried)
