"""DingTalk attendance (钉钉考勤): who punched, with the credentials of an internal app.

Sources: https://open.dingtalk.com/document/orgapp/attendance-clock-in-record-is-open (`attendance/listRecord`, every punch) and
…/open-attendance-clock-in-data (`attendance/list`, one row for each card point). The free edition has 5,000 calls a month for
the whole organisation, so each call asks about 50 people, and calls are counted; those for tokens and contacts are not.

The upper half is pure.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated, Any, ClassVar
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, StringConstraints

from daka.mobile_numbers import bare_mobile
from daka.outbound.config import revealed, setting
from daka.outbound.quota import BEIJING
from daka.outbound.requests import HttpRequest
from daka.reminders.punches.attendance import RefusedPeople, content_of, moment_of
from daka.reminders.punches.kind import (
    IdentifiedPoints,
    SourceConfig,
    SourceKind,
    SourceSession,
    ask_by_halves,
    by_people,
    calls_setting,
)
from daka.reminders.punches.kind import PersonRefused as PersonRefused
from daka.reminders.punches.results import (
    NOT_PUNCHED,
    CheckResult,
    CheckResults,
    Point,
    PunchState,
    SourceError,
    SourceErrorKind,
    unknown,
)
from daka.shifts.times import PunchKind
from daka.vendors.apps import ask
from daka.vendors.dingtalk import QPS_WAIT, DingTalkApp, read, userid_of
from daka.vendors.replies import Meaning, VendorReply, rows_of

PEOPLE_PER_CALL = 50
ROWS_PER_PAGE = 50
MOST_PAGES = 6
LOOKUPS_PER_ASK = 20
FORGET_UNKNOWN_PEOPLE = timedelta(hours=1)
CLOCK_SKEW = timedelta(minutes=5)
QPS_SLEEP_SECONDS = 1.1
"""DingTalk says: at least a second."""

_CHECK_TYPES = {PunchKind.CLOCK_IN: "OnDuty", PunchKind.CLOCK_OUT: "OffDuty"}
_NOT_SIGNED = ("NotSigned", "Absenteeism")
_SETTLED_BY_OFFICE = ("APPROVE", "BOSS")

Row = dict[str, Any]


class DingTalkAttendanceConfig(SourceConfig):
    app_key: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9_-]{6,100}$")] = setting(
        title=("AppKey（Client ID）", "AppKey (Client ID)"),
        about=(
            "企业内部应用的凭证；需要「考勤」和「根据手机号获取成员」权限",
            "Of an internal app that may read attendance and find people by mobile number",
        ),
        example="dingabc123",
    )
    app_secret: Annotated[SecretStr, Field(min_length=6, max_length=200)] = setting(
        title=("AppSecret（Client Secret）", "AppSecret (Client Secret)"),
        about=("企业内部应用的凭证", "On the same page of the DingTalk console"),
    )
    monthly_calls: int = calls_setting(
        4000,
        about=(
            "标准版整个企业每月 5000 次；用完后本月不再查询，提醒照常发送并注明「未能核实」；0 表示不限",
            (
                "The standard edition has 5,000 per month for the whole organisation. After the limit, the source is not asked "
                "until next month; reminders are still sent. 0 is no limit"
            ),
        ),
    )


Asking = SourceSession[DingTalkAttendanceConfig]


# --- rows ------------------------------------------------------------------------------------------------------------


def settles_by_record(row: Row, point: Point, now: datetime) -> datetime | None:
    """The time of this punch of `listRecord`, if it is valid and belongs to the point.

    Ignored: invalid punches (`isLegal` N, or an `invalidRecordType`, e.g. of one that waits for a second confirmation), rows made
    by the system, and rows without a check type.
    """
    is_valid = row.get("isLegal") == "Y" or (row.get("isLegal") is None and not row.get("invalidRecordType"))
    if row.get("checkType") != _CHECK_TYPES[point.kind] or not is_valid or not _is_settled(row):
        return None
    at = _moment(row.get("userCheckTime"))
    if at is None or at > now + CLOCK_SKEW or not point.counts(at):
        return None
    return at


def settles_by_result(row: Row, point: Point, now: datetime) -> datetime | None:
    """The time of this result of `attendance/list`, if it settles the point: same work date and card point.

    A missing card also has a `userCheckTime` (the planned time), so the result and its source decide.
    """
    if row.get("checkType") != _CHECK_TYPES[point.kind] or not _is_settled(row):
        return None
    base = _moment(row.get("baseCheckTime"))
    if point.work_date not in _dates(row.get("workDate"), point.zone) or (base is not None and not point.counts(base)):
        return None
    at = _moment(row.get("userCheckTime"))
    if row.get("sourceType") in _SETTLED_BY_OFFICE:
        return min(at, now) if at is not None else now
    if at is None or at > now + CLOCK_SKEW or not point.counts(at):
        return None
    return at


def _is_settled(row: Row) -> bool:
    """Whether a punch, an approval or a correction by the boss settles it; rows of the system mean a missing card."""
    source = row.get("sourceType")
    if source in _SETTLED_BY_OFFICE:
        return True
    return source != "SYSTEM" and row.get("timeResult") not in _NOT_SIGNED


def _moment(milliseconds: Any) -> datetime | None:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int):
        return None
    return moment_of(milliseconds, 1000)


def _dates(milliseconds: Any, zone: str) -> set[date]:
    moment = _moment(milliseconds)
    return {moment.astimezone(BEIJING).date(), moment.astimezone(ZoneInfo(zone)).date()} if moment else set()


# --- answers ---------------------------------------------------------------------------------------------------------

_HINTS = {
    Meaning.TOKEN_REFUSED: "dingtalk_app",
    Meaning.APP: "dingtalk_app",
    Meaning.PERMISSION: "dingtalk_permission",
    Meaning.ADDRESS: "dingtalk_app_ip",
}


def content(reply: VendorReply) -> dict[str, Any]:
    """The body of a success. Raises as `content_of`; SourceError also if the month's calls are used up."""
    if reply.found is not None and reply.meaning is Meaning.QUOTA:
        code, words = reply.code, reply.words
        raise SourceError(SourceErrorKind.OVER_BUDGET, code, words, hint="dingtalk_quota", hold=reply.wait)
    return content_of(reply, "dingtalk", _HINTS, people=(Meaning.PERSON, Meaning.SCOPE))


# --- asking ----------------------------------------------------------------------------------------------------------


class DingTalkAttendance(SourceKind[DingTalkAttendanceConfig]):
    name: ClassVar[str] = "dingtalk_attendance"
    labels: ClassVar[dict[str, str]] = {"zh": "钉钉考勤", "en": "DingTalk attendance"}

    def __init__(self) -> None:
        self._refused = RefusedPeople()

    def account(self, config: DingTalkAttendanceConfig) -> str:
        return f"{config.app_key}\n{revealed(config.app_secret)}"

    def target(self, config: DingTalkAttendanceConfig) -> str:
        return "oapi.dingtalk.com"

    def chunks(self, config: DingTalkAttendanceConfig, points: Sequence[Point]) -> list[Sequence[Point]]:
        return by_people(points, PEOPLE_PER_CALL)

    async def ask(self, session: Asking, points: Sequence[Point]) -> CheckResults:
        results, known = await self._with_userids(session, points)
        results |= await self._ask(session, known)
        return results

    async def _with_userids(
        self, session: Asking, points: Sequence[Point]
    ) -> tuple[CheckResults, list[tuple[str, Point]]]:
        """Each point with its person's userid, and the results for people whom DingTalk does not know."""
        results: CheckResults = {}
        known: list[tuple[str, Point]] = []
        found: dict[int, str | None] = {}
        for point in points:
            if point.user_id not in found:
                found[point.user_id] = await self._userid(session, point, may_look_up=len(found) < LOOKUPS_PER_ASK)
            userid = found[point.user_id]
            if userid is None:
                results[point.reminder_id] = unknown("no_dingtalk_userid")
            elif self._refused.has(_key(session, userid)):
                results[point.reminder_id] = unknown("dingtalk_refuses_person")
            else:
                known.append((userid, point))
        return results, known

    async def _userid(self, session: Asking, point: Point, *, may_look_up: bool) -> str | None:
        if point.dingtalk_userid:
            return point.dingtalk_userid
        mobile = bare_mobile(point.mobile or "")
        return await self.userid_by_mobile(session, point.user_id, mobile) if mobile and may_look_up else None

    async def userid_by_mobile(self, session: Asking, user_id: int, mobile: str) -> str | None:
        """The userid of a person by their number, kept in `session.learned`; None if DingTalk does not know it."""
        if self._refused.has(_key(session, mobile)):
            return None
        send = partial(session.send, is_counted=False)
        reply, userid = await userid_of(_app(session), session.outbound.tokens, send, mobile)
        if reply.wait == QPS_WAIT:
            await asyncio.sleep(QPS_SLEEP_SECONDS)
            reply, userid = await userid_of(_app(session), session.outbound.tokens, send, mobile)
        try:
            content(reply)
        except PersonRefused:
            self._refused.add(_key(session, mobile), FORGET_UNKNOWN_PEOPLE)
            return None
        if userid is not None:
            session.learned[user_id] = userid
        return userid

    async def _ask(self, session: Asking, known: IdentifiedPoints) -> CheckResults:
        """Ask about people with a userid."""

        def refuse(userid: str) -> CheckResult:
            self._refused.add(_key(session, userid), FORGET_UNKNOWN_PEOPLE)
            return unknown("dingtalk_refuses_person")

        return await ask_by_halves(known, partial(self._ask_chunk, session), refuse)

    async def _ask_chunk(self, session: Asking, known: IdentifiedPoints) -> CheckResults:
        userids = list(dict.fromkeys(userid for userid, _ in known))
        results: CheckResults = {point.reminder_id: NOT_PUNCHED for _, point in known}
        records = await self._record_rows(session, userids, [point for _, point in known])
        for userid, point in known:
            moments = (settles_by_record(row, point, session.now) for row in records if row.get("userId") == userid)
            _settle(results, point, moments)
        # Approvals and corrections are results without a punch; before the point there are hardly any.
        late = [
            (userid, point)
            for userid, point in known
            if results[point.reminder_id].state is PunchState.NOT_PUNCHED and point.point_at <= session.now
        ]
        if late:
            settled = await self._result_rows(session, late)
            for userid, point in late:
                moments = (settles_by_result(row, point, session.now) for row in settled if row.get("userId") == userid)
                _settle(results, point, moments)
        return results

    async def _record_rows(self, session: Asking, userids: list[str], points: Sequence[Point]) -> list[Row]:
        body = {
            "userIds": userids,
            "checkDateFrom": _wall_clock(min(point.counts_from for point in points)),
            "checkDateTo": _wall_clock(session.now + CLOCK_SKEW),
            "isI18n": False,
        }
        return rows_of((await self.call(session, "/attendance/listRecord", body)).get("recordresult"))

    async def _result_rows(self, session: Asking, known: Sequence[tuple[str, Point]]) -> list[Row]:
        days = [point.work_date for _, point in known]
        rows: list[Row] = []
        for page in range(MOST_PAGES):
            found = await self.call(
                session,
                "/attendance/list",
                {
                    "workDateFrom": f"{min(days)} 00:00:00",
                    "workDateTo": f"{max(days)} 00:00:00",
                    "userIdList": list(dict.fromkeys(userid for userid, _ in known)),
                    "offset": page * ROWS_PER_PAGE,
                    "limit": ROWS_PER_PAGE,
                    "isI18n": False,
                },
            )
            rows += rows_of(found.get("recordresult"))
            if found.get("hasMore") is not True:
                break
        return rows

    async def call(
        self, session: Asking, path: str, body: dict[str, Any], *, is_counted: bool = True
    ) -> dict[str, Any]:
        """Call with the app's token. A call that is too fast is repeated once: DingTalk does not count the first one."""
        app, uncounted = _app(session), partial(session.send, is_counted=False)
        send = session.send if is_counted else uncounted

        def request(token: str) -> HttpRequest:
            return app.old_request(token, path, body)

        reply = await ask(app, session.outbound.tokens, send, request, read, fetch=uncounted)
        if reply.wait == QPS_WAIT:
            await asyncio.sleep(QPS_SLEEP_SECONDS)
            reply = await ask(app, session.outbound.tokens, uncounted, request, read)
        return content(reply)


def _key(session: Asking, who: str) -> tuple[str, str, str]:
    return session.outbound.origins.get("dingtalk", ""), session.config.app_key, who


def _settle(results: CheckResults, point: Point, moments: Iterable[datetime | None]) -> None:
    at = min((moment for moment in moments if moment is not None), default=None)
    if at is not None:
        results[point.reminder_id] = CheckResult(PunchState.PUNCHED, at)


def _wall_clock(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def _app(session: Asking) -> DingTalkApp:
    return DingTalkApp(session.config.app_key, revealed(session.config.app_secret))
