"""Feishu attendance (飞书考勤): who punched, with the credentials of a custom app (企业自建应用).

Source: https://open.feishu.cn/document/server-docs/attendance-v1/user_task/query (one record for each period of a day).
People are found by mobile number. Calls are limited by the second only, and times are texts of seconds.

The upper half is pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar

from pydantic import Field, SecretStr, StringConstraints

from daka import clock
from daka.mobile_numbers import bare_mobile
from daka.outbound.config import revealed, setting
from daka.outbound.requests import HttpRequest
from daka.reminders.punches.attendance import content_of, moment_of
from daka.reminders.punches.kind import SourceConfig, SourceKind, SourceSession, by_people
from daka.reminders.punches.results import (
    NOT_PUNCHED,
    CheckResult,
    CheckResults,
    PersonField,
    Point,
    PunchState,
    unknown,
)
from daka.roster.cells import chunks
from daka.shifts.times import PunchKind
from daka.vendors.apps import ask
from daka.vendors.feishu import FeishuApp, read, request
from daka.vendors.replies import Meaning, VendorReply, number_of, object_of, rows_of

PEOPLE_PER_CALL = 50
CLOCK_SKEW = timedelta(minutes=5)
SAME_MOMENT = timedelta(minutes=1)
A_DAY = timedelta(days=1)
NOT_CONNECTED = "1220005"
"""The app has the permission, but attendance is not open to it."""
FORGET_PEOPLE = timedelta(hours=12)
_PUNCHED = ("Normal", "Early", "Late")
_NOT_PUNCHED = ("Todo", "Lack")
_BY_OFFICE = ("ManagerModification", "CardReplacement")
_SIDE = {PunchKind.CLOCK_IN: "check_in", PunchKind.CLOCK_OUT: "check_out"}


class FeishuAttendanceConfig(SourceConfig):
    app_id: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^cli_[A-Za-z0-9]{6,60}$")] = setting(
        title=("App ID", "App ID"),
        about=(
            (
                "企业自建应用的凭证；需要「导出打卡数据」和「通过手机号或邮箱获取用户 ID」权限，"
                "并在考勤管理后台「API 接入」里授权一次"
            ),
            "Of a custom app that may export attendance data (导出打卡数据) and find people by mobile number",
        ),
        example="cli_a1b2c3d4e5f6",
    )
    app_secret: Annotated[SecretStr, Field(min_length=6, max_length=200)] = setting(
        title=("App Secret", "App Secret"),
        about=("在开发者后台的「凭证与基础信息」里", "On the same page of the Feishu console"),
    )


Asking = SourceSession[FeishuAttendanceConfig]


# --- records ---------------------------------------------------------------------------------------------------------


def records_of(rows: Sequence[Mapping[str, Any]], point: Point) -> list[dict[str, Any]]:
    """Of a person's days, the records of the point's work date; of other dates, only those of this very moment."""
    found = []
    for row in rows:
        is_of_day = str(row.get("day")) == f"{point.work_date:%Y%m%d}"
        for record in rows_of(row.get("records")):
            at = _moment(record.get(f"{_SIDE[point.kind]}_shift_time"))
            if is_of_day or (at is not None and abs(at - point.point_at) < SAME_MOMENT):
                found.append(record)
    return found


def result_of(records: Sequence[Mapping[str, Any]], point: Point, now: datetime) -> CheckResult:
    """What the records of a person's day say of a punch point. Only what is clear is `punched` or `not_punched`."""
    side = _SIDE[point.kind]
    planned = [
        (abs(at - point.point_at), record)
        for record in records
        if (at := _moment(record.get(f"{side}_shift_time"))) is not None and point.counts(at)
    ]
    if not planned:
        return unknown("no_value")
    record = min(planned, key=lambda found: found[0])[1]
    said, more = record.get(f"{side}_result"), record.get(f"{side}_result_supplement")
    if said in _NOT_PUNCHED:
        return NOT_PUNCHED
    if said not in _PUNCHED:
        return unknown("odd_value")
    punch = record.get(f"{side}_record")
    if more in _BY_OFFICE:
        at = _moment(object_of(punch).get("check_time"))
        return CheckResult(PunchState.PUNCHED, min(at or now, now))
    if not isinstance(punch, dict) or punch.get("check_result") == "PendingApproval":
        return unknown("odd_value")
    at = _moment(punch.get("check_time"))
    if at is None or at > now + CLOCK_SKEW or not point.counts(at):
        return unknown("odd_value")
    return CheckResult(PunchState.PUNCHED, at)


def _moment(seconds: Any) -> datetime | None:
    number = number_of(seconds)
    return moment_of(number) if number else None


_HINTS = {
    Meaning.TOKEN_REFUSED: "feishu_app",
    Meaning.APP: "feishu_app",
    Meaning.PERMISSION: "feishu_permission",
    Meaning.PERSON: "feishu_permission",
    Meaning.SCOPE: "feishu_scope",
}


def content(reply: VendorReply) -> dict[str, Any]:
    """The data of a success. Raises SourceError: any failure."""
    if reply.found is not None and reply.meaning is Meaning.QUOTA:
        reply = replace(reply, meaning=Meaning.THROTTLED)
    remedies = _HINTS | {reply.meaning: "feishu_api_access"} if reply.code == NOT_CONNECTED else _HINTS
    return object_of(content_of(reply, "feishu", remedies).get("data"))


# --- asking ----------------------------------------------------------------------------------------------------------


class FeishuAttendance(SourceKind[FeishuAttendanceConfig]):
    name: ClassVar[str] = "feishu_attendance"
    learns: ClassVar[PersonField] = PersonField.FEISHU_USERID
    labels: ClassVar[dict[str, str]] = {"zh": "飞书考勤", "en": "Feishu attendance"}

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str, str], tuple[datetime, str | None]] = {}
        """Feishu's user id (None: not found) by base URL, app and mobile number, and when it was looked up."""

    def account(self, config: FeishuAttendanceConfig) -> str:
        return f"{config.app_id}\n{revealed(config.app_secret)}"

    def target(self, config: FeishuAttendanceConfig) -> str:
        return "open.feishu.cn"

    def chunks(self, config: FeishuAttendanceConfig, points: Sequence[Point]) -> list[Sequence[Point]]:
        return by_people(points, PEOPLE_PER_CALL)

    async def ask(self, session: Asking, points: Sequence[Point]) -> CheckResults:
        mobiles = {point.user_id: bare_mobile(point.mobile or "") for point in points if not point.feishu_userid}
        ids = await self.find_ids(session, {mobile for mobile in mobiles.values() if mobile})
        results: CheckResults = {}
        known: list[tuple[str, Point]] = []
        for point in points:
            mobile = mobiles.get(point.user_id, "")
            if user_id := point.feishu_userid or ids.get(mobile):
                known.append((user_id, point))
                if not point.feishu_userid:
                    session.learned[point.user_id] = user_id
            else:
                results[point.reminder_id] = unknown("person_not_found" if mobile else "person_not_known")
        if not known:
            return results
        days = [point.work_date for _, point in known]
        body = {
            "user_ids": list(dict.fromkeys(user_id for user_id, _ in known)),
            "check_date_from": int(f"{min(days) - A_DAY:%Y%m%d}"),  # a group may be in another zone than the team
            "check_date_to": int(f"{max(days) + A_DAY:%Y%m%d}"),
            "need_overtime_result": False,
        }
        path = "/open-apis/attendance/v1/user_tasks/query?employee_type=employee_id&ignore_invalid_users=true"
        rows = rows_of((await self.call(session, path, body)).get("user_task_results"))
        for user_id, point in known:
            mine = [row for row in rows if str(row.get("user_id")) == user_id]
            results[point.reminder_id] = result_of(records_of(mine, point), point, session.now)
        return results

    async def find_ids(self, session: Asking, mobiles: set[str]) -> dict[str, str | None]:
        """The attendance id of each number; not asked again for hours."""
        now, base = clock.now(), session.outbound.origins.get("feishu", "")

        def key(mobile: str) -> tuple[str, str, str]:
            return base, session.config.app_id, mobile

        missing = [
            mobile
            for mobile in sorted(mobiles)
            if (found := self._ids.get(key(mobile))) is None or now - found[0] > FORGET_PEOPLE
        ]
        path = "/open-apis/contact/v3/users/batch_get_id?user_id_type=user_id"
        for some in chunks(missing, PEOPLE_PER_CALL):
            rows = rows_of((await self.call(session, path, {"mobiles": some})).get("user_list"))
            there = {
                bare_mobile(str(row.get("mobile"))): row["user_id"]
                for row in rows
                if isinstance(row.get("user_id"), str)
            }
            if len(self._ids) > 10_000:
                self._ids.clear()
            for mobile in some:
                self._ids[key(mobile)] = now, there.get(mobile) or None
        return {mobile: self._ids[key(mobile)][1] for mobile in mobiles if key(mobile) in self._ids}

    async def call(self, session: Asking, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The data of an answer: to a POST with a body, else to a GET."""
        return content(await self._reply(session, path, body))

    async def answer(self, session: Asking, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The whole answer to a POST: some say in `msg` what was not done, though they succeed."""
        reply = await self._reply(session, path, body)
        content(reply)
        return reply.found or {}

    async def _reply(self, session: Asking, path: str, body: dict[str, Any] | None) -> VendorReply:
        app = FeishuApp(session.config.app_id, revealed(session.config.app_secret))

        def asked(token: str) -> HttpRequest:
            return request(path, body, token=token)

        return await ask(app, session.outbound.tokens, session.send, asked, read)
