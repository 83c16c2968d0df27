"""Rosters, leave and people from Feishu (飞书考勤、通讯录). Calls are limited by the second only.

Sources: https://open.feishu.cn/document/server-docs/attendance-v1/user_daily_shift/query, …/shift/get, …/group/get,
…/user_approval/query, …/contact-v3/department/children, …/contact-v3/user/find_by_department.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any, ClassVar, cast
from urllib.parse import quote, urlencode

from daka import clock
from daka.outbound.quota import BEIJING
from daka.reminders.punches.feishu import NOT_CONNECTED, PEOPLE_PER_CALL, Asking, FeishuAttendance
from daka.reminders.punches.kind import PersonRefused, by_halves
from daka.reminders.punches.registry import KINDS
from daka.reminders.punches.results import PersonField, SourceError, SourceErrorKind
from daka.roster.cells import chunks
from daka.syncing.directory import Department, Directory
from daka.syncing.feishu_rows import (
    DEFAULT_SHIFT,
    NO_GROUP,
    REST,
    FeishuGroup,
    FeishuShift,
    ScheduleRow,
    page_token,
    planned_days,
    read_departments,
    read_group,
    read_leaves,
    read_people,
    read_schedules,
    read_shift,
)
from daka.syncing.leaves import LeaveSpan
from daka.syncing.permissions import PermissionTests, Refusals
from daka.syncing.reader import Asked, PlanRead, RosterReader, if_told
from daka.syncing.reading import Days, ShiftDefinition, day_spans
from daka.vendors.replies import rows_of

ATTENDANCE = "/open-apis/attendance/v1"
CONTACT = "/open-apis/contact/v3"
DAYS_PER_CALL = 30
ROWS_PER_PAGE = 50
ROOT = "0"
"""The department of the whole organisation."""
MOST_CONTACT_CALLS = 400
REFUSES_PERSON = "1220004"
"""One of the people is unknown, or the app may not see them: it refuses all."""
MOST_REFUSED = 10
"""When so many people were refused, and nobody was answered, it is rather the app that may not."""

DEPARTMENTS = "获取通讯录部门组织架构信息"
NAMES = "获取用户基本信息"
USERIDS = "获取用户 user ID"
MOBILES = "获取用户手机号"
BY_MOBILE = "通过手机号或邮箱获取用户 ID"
RULES = "导出打卡管理规则"
RECORDS = "导出打卡数据"
API_ACCESS = "考勤管理后台 › API 接入"
MOST_TRIED = 20
"""Departments that are looked through for somebody."""


class FeishuRoster(RosterReader):
    """Shifts and groups have no version, and are read again by each pull."""

    kind: ClassVar[str] = FeishuAttendance.name
    userids: ClassVar[PersonField] = PersonField.FEISHU_USERID
    names: ClassVar[dict[str, str]] = {"zh": "飞书", "en": "Feishu"}
    refusals: ClassVar[Refusals] = Refusals(
        app=frozenset({"feishu_app", "settings"}),
        permission=frozenset({"feishu_permission"}),
        remedy={
            "zh": "在飞书开发者后台打开这个应用，在「权限管理」里搜索「{name}」并开通，再发布一个新版本。",
            "en": "Open the app in the Feishu console, search for {name} under 权限管理, grant it and publish a version.",
        },
    )

    async def read(self, session: Asking, asked: Asked) -> PlanRead:
        plan = PlanRead()
        rows: list[ScheduleRow] = []
        async for some in schedules(session, asked, plan.refused):
            rows += some
            if not rows and len(plan.refused) > MOST_REFUSED:
                raise SourceError.broken(REFUSES_PERSON, "it refuses the people", hint="feishu_api_access")
        plan.days, plan.definitions = await _described_rows(session, asked, rows)
        there = [userid for userid in asked.userids if userid not in plan.refused]
        plan.leaves_until = asked.first + timedelta(days=1)
        plan.leaves = await if_told(_leaves(session, there, asked))
        return plan

    async def find_people(self, session: Asking, mobiles: Mapping[int, str]) -> dict[int, str]:
        ids = await kind().find_ids(session, set(mobiles.values()))
        return {user_id: userid for user_id, mobile in mobiles.items() if (userid := ids.get(mobile))}

    async def directory(self, session: Asking) -> Directory:
        found = Directory(ROOT)
        pages = Pages(session)
        below: dict[str, list[Department]] = {}
        async for page in pages.of(f"{CONTACT}/departments/{ROOT}/children", fetch_child="true", **_BY_OPEN_ID):
            for department in read_departments(page, ROOT):
                below.setdefault(department.parent_id or ROOT, []).append(department)
        waiting = [ROOT]
        while waiting:  # parents before their children
            for department in below.pop(waiting.pop(0), []):
                found.departments[department.id] = department
                waiting.append(department.id)
        for department_id in found.departments:
            async for page in pages.of_people(department_id):
                people, all_have_ids = read_people(page, department_id)
                found.people |= {person.userid: person for person in people}
                found.is_complete = found.is_complete and all_have_ids
        found.is_complete = found.is_complete and not pages.is_cut
        return found

    async def permissions(self, session: Asking, tests: PermissionTests) -> None:
        """Each that the roster, people and punches need."""
        path = f"{CONTACT}/departments/{ROOT}/children"
        departments = await tests.run(
            DEPARTMENTS, lambda: get(session, path, fetch_child="true", page_size=ROWS_PER_PAGE, **_BY_OPEN_ID)
        )
        if tests.is_app_refused:
            return
        people = await _some_people(session, departments) if departments is not None else []
        for name, field, is_needed in (
            (NAMES, "name", True),
            (USERIDS, "user_id", True),
            (MOBILES, "mobile", False),
        ):
            told = any(row.get(field) for row in people)
            tests.note(name, is_granted=told if people else None, is_needed=is_needed)
        userid = next((str(row["user_id"]) for row in people if row.get("user_id")), "nobody")
        mobile = next((str(row["mobile"]) for row in people if row.get("mobile")), "13800000000")
        body = {"mobiles": [mobile]}
        await tests.run(
            BY_MOBILE,
            lambda: kind().call(session, f"{CONTACT}/users/batch_get_id?user_id_type=user_id", body),
            is_needed=False,
        )
        await tests.run(RULES, lambda: get(session, f"{ATTENDANCE}/groups", page_size=1))
        try:
            await _schedules_of(session, [userid], _today(), _today())
        except SourceError as error:
            if error.code in (NOT_CONNECTED, REFUSES_PERSON):  # the permission is there, the authorisation is not
                tests.note(RECORDS, is_granted=True)
                if userid == "nobody":
                    tests.note(API_ACCESS, is_granted=None)
                else:
                    tests.refuse(API_ACCESS, error)
            else:
                tests.refuse(RECORDS, error)
            return
        tests.note(RECORDS, is_granted=True)
        tests.note(API_ACCESS, is_granted=True)


def kind() -> FeishuAttendance:
    return cast(FeishuAttendance, KINDS[FeishuAttendance.name])


def _today() -> date:
    return clock.now().astimezone(BEIJING).date()


_BY_OPEN_ID = {"department_id_type": "open_department_id"}


async def get(session: Asking, path: str, **query: str | int) -> dict[str, Any]:
    return await kind().call(session, f"{path}?{urlencode(query)}")


class Pages:
    """Reads pages, up to a number for all of them together."""

    def __init__(self, session: Asking, most: int = MOST_CONTACT_CALLS) -> None:
        self._session = session
        self._left = most
        self.is_cut = False
        """Whether there were more."""

    async def of(self, path: str, **query: str) -> AsyncIterator[dict[str, Any]]:
        token: str | None = ""
        while token is not None:
            if self._left == 0:
                self.is_cut = True
                return
            self._left -= 1
            more = {"page_token": token} if token else {}
            page = await get(self._session, path, page_size=ROWS_PER_PAGE, **query, **more)
            yield page
            token = page_token(page)

    def of_people(self, department_id: str) -> AsyncIterator[dict[str, Any]]:
        who = {"user_id_type": "user_id", "department_id": department_id}
        return self.of(f"{CONTACT}/users/find_by_department", **who, **_BY_OPEN_ID)


async def _some_people(session: Asking, departments: dict[str, Any]) -> list[dict[str, Any]]:
    """The first people who are found, as they are told."""
    ids = [ROOT, *(department.id for department in read_departments(departments, ROOT))]
    for department_id in islice(ids, MOST_TRIED):
        try:
            async for page in Pages(session).of_people(department_id):
                if people := rows_of(page.get("items")):
                    return people
        except SourceError:
            continue
    return []


async def _schedules_of(session: Asking, userids: Sequence[str], first: date, last: date) -> list[ScheduleRow]:
    path = f"{ATTENDANCE}/user_daily_shifts/query?employee_type=employee_id"
    try:
        return read_schedules(await kind().call(session, path, _body(userids, first, last)))
    except ValueError:
        raise SourceError.passing("not_feishu", "no list of schedules", hint="not_json") from None


def _body(userids: Sequence[str], first: date, last: date) -> dict[str, Any]:
    span = {"check_date_from": int(f"{first:%Y%m%d}"), "check_date_to": int(f"{last:%Y%m%d}")}
    return {"user_ids": list(userids), **span}


async def schedules(session: Asking, asked: Asked, refused: set[str]) -> AsyncIterator[list[ScheduleRow]]:
    """The schedules, some after the other, and of a day more on each side: a day here may be another one in a group's zone.

    Who is refused is found out by halves, and added.
    """
    for first, last in day_spans(asked.first - timedelta(days=1), asked.days + 2, DAYS_PER_CALL):
        for some in chunks([each for each in asked.userids if each not in refused], PEOPLE_PER_CALL):
            yield await _some_schedules(session, some, first, last, refused)


async def _some_schedules(
    session: Asking, userids: Sequence[str], first: date, last: date, refused: set[str]
) -> list[ScheduleRow]:
    found: list[ScheduleRow] = []

    async def ask(some: Sequence[str]) -> None:
        try:
            found.extend(await _schedules_of(session, some, first, last))
        except SourceError as error:
            raise PersonRefused(error.code) if error.code == REFUSES_PERSON else error from None

    await by_halves(userids, ask, lambda userid, _: refused.add(userid))
    return found


async def _described_rows(
    session: Asking, asked: Asked, rows: Sequence[ScheduleRow]
) -> tuple[Days, dict[tuple[str, str], ShiftDefinition | None]]:
    groups = {group_id: await _group(session, group_id) for group_id in sorted({row.group_id for row in rows})}
    shifts = {shift_id: await _shift(session, shift_id) for shift_id in sorted({row.shift_id for row in rows})}
    return planned_days(rows, groups, shifts, asked.zone, asked.first, asked.last)


async def described_days(session: Asking, asked: Asked, rows: Sequence[ScheduleRow]) -> Days:
    """The days of these rows, with the times of their shifts."""
    return (await _described_rows(session, asked, rows))[0]


async def _group(session: Asking, group_id: str) -> FeishuGroup | None:
    if group_id in ("", NO_GROUP):
        return None
    path = f"{ATTENDANCE}/groups/{quote(group_id, safe='')}"
    found = await _described(session, path, employee_type="employee_id", dept_type="open_id")
    return read_group(found) if found is not None else None


async def _shift(session: Asking, shift_id: str) -> FeishuShift | None:
    if shift_id in ("", REST, DEFAULT_SHIFT):
        return None
    found = await _described(session, f"{ATTENDANCE}/shifts/{quote(shift_id, safe='')}")
    return read_shift(found) if found is not None else None


async def _described(session: Asking, path: str, **query: str) -> dict[str, Any] | None:
    """A group or a shift; None if it is not there any more. Raises SourceError: also without the permission."""
    try:
        return await get(session, path, **query)
    except SourceError as error:
        if error.kind is SourceErrorKind.BROKEN and error.hint == "feishu_unknown":
            return None
        raise


async def _leaves(session: Asking, userids: Sequence[str], asked: Asked) -> list[LeaveSpan] | None:
    """The leave of today and tomorrow: Feishu tells of no later day. None without a clear answer."""
    path = f"{ATTENDANCE}/user_approvals/query?employee_type=employee_id"
    found: list[LeaveSpan] = []
    try:
        for some in chunks(userids, PEOPLE_PER_CALL):
            body = _body(some, asked.first, asked.first + timedelta(days=1))
            found += read_leaves(await kind().call(session, path, body), asked.zone)
    except ValueError:
        return None
    return found
