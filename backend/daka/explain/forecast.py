"""What a reminder will do, by the rules that the scheduler uses. Pure."""

from collections.abc import Iterator
from datetime import datetime

from daka.reminders.steps import Decision, Window, evaluate, first_evaluation

MOST_DECISIONS = 2000


def forecast(
    window: Window, *, start: datetime | None, escalated: bool = False, snoozed_until: datetime | None = None
) -> Iterator[tuple[datetime, Decision]]:
    """Every decision about a reminder from `start` on, in order, if the scheduler is on time and nobody punches.

    `start` None begins with the window.
    """
    first = min(window.opens_at, window.escalation_at or window.opens_at)
    moment = start if start is not None else first_evaluation(window, first)
    for _ in range(MOST_DECISIONS):
        if moment is None:
            return
        found = evaluate(window, moment, moment, escalated=escalated, snoozed_until=snoozed_until)
        yield moment, found
        escalated = escalated or found.escalate
        moment = found.next_at
