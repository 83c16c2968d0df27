"""WeCom attendance (企业微信打卡): who punched, with the credentials of a company's own app (自建应用).

Source: https://developer.work.weixin.qq.com/document/path/90262 (punches of up to 100 people, 600 calls a minute). Times are
seconds. The rows have traps: a missed punch is a row of its own with the planned time, and such rows come from outside the
span that was asked for and for later today. An away punch (外出打卡) says neither in nor out, so it settles nothing.

The upper half is pure.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from pydantic import Field, SecretStr, StringConstraints

from daka.mobile_numbers import bare_mobile
from daka.outbound.config import revealed, setting
from daka.outbound.requests import HttpRequest
from daka.reminders.punches.attendance import RefusedPeople, content_of, moment_of
from daka.reminders.punches.kind import (
    IdentifiedPoints,
    PersonRefused,
    SourceConfig,
    SourceKind,
    SourceSession,
    ask_by_halves,
    by_people,
)
from daka.reminders.punches.results import (
    NOT_PUNCHED,
    CheckResult,
    CheckResults,
    PersonField,
    Point,
    PunchState,
    SourceError,
    unknown,
)
from daka.shifts.times import PunchKind
from daka.vendors.apps import ask
from daka.vendors.replies import Meaning, VendorReply, rows_of
from daka.vendors.wecom import WecomApp, read

PEOPLE_PER_CALL = 100
LOOKUPS_PER_ASK = 20
FORGET_UNKNOWN_NUMBERS = timedelta(days=1)
"""WeCom closes the search by number for a day after too many wrong ones."""
FORGET_REFUSED_PEOPLE = timedelta(hours=1)
CLOCK_SKEW = timedelta(minutes=5)
SAME_POINT = timedelta(minutes=1)

_TYPES = {PunchKind.CLOCK_IN: "上班打卡", PunchKind.CLOCK_OUT: "下班打卡"}
_MISSED = "未打卡"
_ELSEWHERE = "地点异常"
_STILL_PUNCHED = {"时间异常", _ELSEWHERE, "wifi异常", "非常用设备"}


class WecomAttendanceConfig(SourceConfig):
    corp_id: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9_-]{4,64}$")] = setting(
        title=("企业 ID", "Corp ID"),
        about=("管理后台 → 我的企业 → 企业信息里的企业 ID（CorpId）", "From the WeCom console: My Company → CorpId"),
        example="ww1a2b3c4d5e6f7a8b",
    )
    corp_secret: Annotated[SecretStr, Field(min_length=6, max_length=200)] = setting(
        title=("Secret", "Secret"),
        about=(
            (
                "自建应用详情页里的 Secret。把这个应用加到「打卡 → 可调用接口的应用」，"
                "并把服务器的 IP 加进它的「企业可信 IP」；可见范围要包括要查的人"
            ),
            (
                "From your own app's page. Add the app under 打卡 → 可调用接口的应用, and the server's IP to its trusted ones "
                "(企业可信IP); its visible range must include the people"
            ),
        ),
    )
    counts_elsewhere: bool = setting(
        True,
        title=("「地点异常」也算打卡", "Punches elsewhere (地点异常) count"),
        about=(
            "不选时，地点异常的打卡不算数，提醒继续",
            "Otherwise a punch outside the places of the rule does not end a reminder",
        ),
    )


Asking = SourceSession[WecomAttendanceConfig]


# --- rows ------------------------------------------------------------------------------------------------------------


def result_of(
    rows: Iterable[Mapping[str, Any]], point: Point, now: datetime, *, counts_elsewhere: bool = True
) -> CheckResult:
    """What a person's rows say of a punch point: the earliest punch; else what could not be understood; else not punched."""
    found = [told for row in rows if (told := _told(row, point, now, counts_elsewhere)) is not None]
    punches = [told for told in found if told.at is not None]
    return min(punches, key=lambda told: told.at or now) if punches else next(iter(found), NOT_PUNCHED)


def _told(row: Mapping[str, Any], point: Point, now: datetime, counts_elsewhere: bool) -> CheckResult | None:
    """What one row says of the point; None if it is not about it, or no punch."""
    if row.get("checkin_type") != _TYPES[point.kind]:
        return None
    exceptions = {word for part in re.split("[;；]", str(row.get("exception_type") or "")) if (word := part.strip())}
    if any(_MISSED in word for word in exceptions):
        return None
    at, planned = _moment(row.get("checkin_time")), _moment(row.get("sch_checkin_time"))
    if at is None:
        return unknown("odd_value") if planned is None or point.counts(planned) else None
    if at > now + CLOCK_SKEW:
        return None
    is_of_point = planned is not None and abs(planned - point.point_at) <= SAME_POINT
    if not is_of_point and not (point.counts(planned or at) and point.counts(at)):  # our times may differ from WeCom's
        return None
    if not exceptions <= _STILL_PUNCHED:
        return unknown("odd_value")
    if _ELSEWHERE in exceptions and not counts_elsewhere:
        return None
    return CheckResult(PunchState.PUNCHED, at)


def _moment(seconds: Any) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds <= 0:
        return None
    return moment_of(seconds)


# --- answers ---------------------------------------------------------------------------------------------------------

_OUTSIDE_RANGE = "60011"
_HINTS = {
    Meaning.TOKEN_REFUSED: "wecom_app",
    Meaning.APP: "wecom_app",
    Meaning.AGENT: "wecom_permission",
    Meaning.PERMISSION: "wecom_permission",
    Meaning.ADDRESS: "wecom_app_ip",
}


def content(reply: VendorReply) -> dict[str, Any]:
    """The body of a success. Raises as `content_of`."""
    if reply.found is not None and reply.code == _OUTSIDE_RANGE:
        raise PersonRefused(reply.code)
    return content_of(reply, "wecom", _HINTS, people=(Meaning.PERSON,))


# --- asking ----------------------------------------------------------------------------------------------------------


class WecomAttendance(SourceKind[WecomAttendanceConfig]):
    name: ClassVar[str] = "wecom_attendance"
    labels: ClassVar[dict[str, str]] = {"zh": "企业微信打卡", "en": "WeCom attendance"}
    learns: ClassVar[PersonField] = PersonField.WECOM_USERID

    def __init__(self) -> None:
        self._refused = RefusedPeople()

    def account(self, config: WecomAttendanceConfig) -> str:
        return f"{config.corp_id}\n{revealed(config.corp_secret)}"

    def target(self, config: WecomAttendanceConfig) -> str:
        return "qyapi.weixin.qq.com"

    def chunks(self, config: WecomAttendanceConfig, points: Sequence[Point]) -> list[Sequence[Point]]:
        return by_people(points, PEOPLE_PER_CALL)

    async def ask(self, session: Asking, points: Sequence[Point]) -> CheckResults:
        userids, failure = await self._userids(session, points)
        results: CheckResults = {}
        known: list[tuple[str, Point]] = []
        for point in points:
            if userid := userids.get(point.user_id):
                if self._refused.has(_key(session, userid)):
                    results[point.reminder_id] = unknown("wecom_refuses_person")
                else:
                    known.append((userid, point))
            else:
                has_number = bool(bare_mobile(point.mobile or ""))
                results[point.reminder_id] = unknown("person_not_found" if has_number else "person_not_known")
        if failure is not None and not known:
            raise failure

        def refuse(userid: str) -> CheckResult:
            self._refused.add(_key(session, userid), FORGET_REFUSED_PEOPLE)
            return unknown("wecom_refuses_person")

        return results | await ask_by_halves(known, partial(self._ask, session), refuse)

    async def _ask(self, session: Asking, known: IdentifiedPoints) -> CheckResults:
        body = {
            "opencheckindatatype": 1,
            "starttime": int(min(point.counts_from for _, point in known).timestamp()),
            "endtime": int((session.now + CLOCK_SKEW).timestamp()),
            "useridlist": list(dict.fromkeys(userid for userid, _ in known)),
        }
        rows = rows_of((await self.call(session, "/checkin/getcheckindata", body)).get("checkindata"))
        return {
            point.reminder_id: result_of(
                (
                    row for row in rows if str(row.get("userid")).casefold() == userid.casefold()
                ),  # they are not told apart
                point,
                session.now,
                counts_elsewhere=session.config.counts_elsewhere,
            )
            for userid, point in known
        }

    async def _userids(self, session: Asking, points: Sequence[Point]) -> tuple[dict[int, str], SourceError | None]:
        """The userids of people, looked up by number where the profile has none, and what prevented that."""
        userids = {point.user_id: point.wecom_userid for point in points if point.wecom_userid}
        mobiles = {
            point.user_id: mobile
            for point in points
            if point.user_id not in userids and (mobile := bare_mobile(point.mobile or ""))
        }
        asked = [user_id for user_id, mobile in mobiles.items() if not self._refused.has(_key(session, mobile))]
        for user_id in asked[:LOOKUPS_PER_ASK]:
            try:
                userid = await self.userid_by_mobile(session, mobiles[user_id])
            except SourceError as error:
                return userids, error
            if userid is not None:
                session.learned[user_id] = userids[user_id] = userid
        return userids, None

    async def userid_by_mobile(self, session: Asking, mobile: str) -> str | None:
        """The userid of the person with this number; None if WeCom does not know it."""
        if self._refused.has(_key(session, mobile)):
            return None
        try:
            userid = (await self.call(session, "/user/getuserid", {"mobile": mobile})).get("userid")
        except PersonRefused:
            self._refused.add(_key(session, mobile), FORGET_UNKNOWN_NUMBERS)
            return None
        return userid if isinstance(userid, str) and userid else None

    async def call(
        self,
        session: Asking,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        query: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, Any]:
        """Call with the app's token. Raises: see `content`."""
        app = WecomApp(session.config.corp_id, revealed(session.config.corp_secret))

        def request(token: str) -> HttpRequest:
            return app.request(token, path, body, **query)

        return content(await ask(app, session.outbound.tokens, session.send, request, read))


def _key(session: Asking, who: str) -> tuple[str, str, str]:
    return session.outbound.origins.get("wecom", ""), session.config.corp_id, who
