"""What a reminder will do, by the rules that the scheduler uses. Pure."""

from collections.abc import Iterator
from datetime import datetime

from daka.reminders.steps import Decision, Window, evaluate, first_evaluation

MOST_DECISIONS = 2000


def forecast(window: Window, *, start: datetime | None, escalated: bool = False) -> Iterator[tuple[datetime, Decision]]:
    """Every decision about a reminder from `start` on, in order, if the scheduler is on time and nobody punches.

    `start` None begins with the window.
    """
    moment = start if start is not None else first_evaluation(window, window.opens_at)
    for _ in range(MOST_DECISIONS):
        if moment is None:
            return
        found = evaluate(window, moment, moment, escalated=escalated)
        yield moment, found
        escalated = escalated or found.escalate
        moment = found.next_at
