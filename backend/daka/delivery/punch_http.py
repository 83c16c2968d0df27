"""Lets punch sources ask over the guarded client, without reminders knowing of delivery."""

from daka.outbound.http import HttpRequest, NoAnswer, Outbound
from daka.reminders.punches.kind import Answer, Question
from daka.reminders.punches.known import Trouble, TroubleKind

LONGEST_ANSWER_BYTES = 1024 * 1024
"""Fifty people's punches of a day, with addresses and devices, are some 200 kB."""


class GuardedHttp:
    """The way out of punch sources (`daka.reminders.punches.kind.Http`)."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound

    async def ask(self, question: Question) -> Answer:
        """Ask once.

        Raises:
            Trouble: no usable answer, or one that was cut because it is too large.
        """
        request = HttpRequest(
            url=question.url,
            body=question.body,
            headers=question.headers,
            method=question.method,
            is_trusted=question.is_trusted,
            longest_answer_bytes=LONGEST_ANSWER_BYTES,
        )
        try:
            answer = await self._outbound.send(request)
        except NoAnswer as failure:
            kind = TroubleKind.BROKEN if failure.is_address_refused else TroubleKind.PASSING
            hint = "address_refused" if failure.is_address_refused else failure.code
            raise Trouble(kind, failure.code, str(failure), hint=hint) from None
        if len(answer.text.encode()) >= LONGEST_ANSWER_BYTES:
            raise Trouble(TroubleKind.PASSING, "too_large", "the answer is too large", hint="too_large")
        return Answer(answer.status, answer.text)
