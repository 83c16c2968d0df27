"""Rosters, leave and people from DingTalk (钉钉考勤、通讯录). Calls for contacts are not counted in the month's quota.

Sources: https://open.dingtalk.com/document/orgapp/query-scheduling-information-in-batches (`schedule/listbyusers`),
…/query-details-of-a-shift (`shift/query`), …/queries-the-user-s-leave-status-based-on-the-user-information (`getleavestatus`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, ClassVar, cast
from zoneinfo import ZoneInfo

from daka import clock
from daka.outbound.quota import BEIJING
from daka.reminders.punches.dingtalk import PEOPLE_PER_CALL, Asking, DingTalkAttendance
from daka.reminders.punches.kind import PersonRefused, by_halves
from daka.reminders.punches.registry import KINDS
from daka.reminders.punches.results import PersonField, SourceError
from daka.roster.cells import chunks
from daka.syncing.dingtalk_rows import (
    leave_window,
    midnight,
    read_days,
    read_departments,
    read_group_ids,
    read_leaves,
    read_operator,
    read_people,
    read_shift,
)
from daka.syncing.directory import Department, Directory
from daka.syncing.leaves import LeaveSpan
from daka.syncing.permissions import PermissionTests, Refusals
from daka.syncing.reader import Asked, PlanRead, RosterReader, find_one_by_one, if_told, zone_of_china
from daka.syncing.reading import ShiftDefinition, day_spans

DAYS_PER_CALL = 7
MOST_REFUSED = 10
"""So many people may be refused whom the directory knows; to find out who it is costs calls."""
GROUPS_PER_PAGE = 10
LEAVE_PEOPLE_PER_CALL = 100
LEAVE_ROWS_PER_PAGE = 20
MOST_LEAVE_PAGES = 50
"""A thousand rows of a hundred people in a fortnight: more are rather a page that never ends."""
ROOT = "1"
"""The department of the whole organisation."""
PEOPLE_PER_PAGE = 100
MOST_CONTACT_CALLS = 400
ATTENDANCE = "/topapi/attendance"

DEPARTMENTS = "通讯录部门信息读权限"
MEMBERS = "通讯录部门成员读权限"
MOBILES = "企业员工手机号信息"
BY_MOBILE = "根据手机号姓名获取成员信息的接口访问权限"
GROUPS = "考勤组查询"
RECORDS = "考勤数据读权限"
MOST_TRIED = 20
"""Departments that are looked through for somebody with a number."""


class DingTalkRoster(RosterReader):
    """Its times are those of China. Definitions of shifts are kept: a changed shift has another version."""

    kind: ClassVar[str] = DingTalkAttendance.name
    userids: ClassVar[PersonField] = PersonField.DINGTALK_USERID
    names: ClassVar[dict[str, str]] = {"zh": "钉钉", "en": "DingTalk"}
    refusals: ClassVar[Refusals] = Refusals(
        app=frozenset({"dingtalk_app", "dingtalk_app_ip", "settings"}),
        permission=frozenset({"dingtalk_permission"}),
        remedy={
            "zh": "在钉钉开放平台打开这个应用，在「权限管理」里搜索「{name}」并开通。",
            "en": "Open the app in the DingTalk console, search for {name} under 权限管理 and grant it.",
        },
    )

    def __init__(self) -> None:
        self._definitions: dict[tuple[str, str, str, str], ShiftDefinition | None] = {}

    @classmethod
    def zone(cls, team: ZoneInfo, now: datetime) -> ZoneInfo:
        return zone_of_china(team, now)

    async def read(self, session: Asking, asked: Asked) -> PlanRead:
        plan = PlanRead(operator_userid=asked.operator_userid or await _operator(session))
        await Schedules(session, plan).ask_all(asked)
        if plan.days:
            there = [userid for userid in asked.userids if userid not in plan.refused]
            plan.leaves = await if_told(_leaves(session, asked.first, asked.days, there))
            await self._describe(session, plan)
        return plan

    async def _describe(self, session: Asking, plan: PlanRead) -> None:
        """Add the definitions of the shifts that occur."""
        app = session.outbound.origins.get("dingtalk", ""), session.config.app_key
        for shift_id, version in sorted({(day.shift_id, day.version) for day in plan.days.values() if day}):
            if not shift_id:
                continue
            key = (*app, shift_id, version)
            if key not in self._definitions:
                number = int(shift_id) if shift_id.isdigit() else shift_id
                body = {"op_user_id": plan.operator_userid, "shift_id": number}
                try:
                    self._definitions[key] = read_shift(await kind().call(session, f"{ATTENDANCE}/shift/query", body))
                except PersonRefused as refused:
                    raise SourceError.broken(
                        str(refused), "the manager is refused", hint="dingtalk_permission"
                    ) from None
            plan.definitions[shift_id, version] = self._definitions[key]

    async def find_people(self, session: Asking, mobiles: Mapping[int, str]) -> dict[int, str]:
        return await find_one_by_one(mobiles, partial(kind().userid_by_mobile, session))

    async def directory(self, session: Asking) -> Directory:
        """Department by department."""
        found = Directory(ROOT)
        calls = 0

        async def call(path: str, body: dict[str, Any]) -> dict[str, Any]:
            nonlocal calls
            calls += 1
            try:
                return await _contacts(session, path, body)
            except PersonRefused as refused:
                raise _out_of_scope(refused) from None

        waiting = [ROOT]
        while waiting and calls < MOST_CONTACT_CALLS:
            department_id = waiting.pop(0)
            for department in read_departments(await call("department/listsub", {"dept_id": int(department_id)})):
                if department.id not in found.departments:
                    found.departments[department.id] = Department(department.id, department.name, department_id)
                    waiting.append(department.id)
            cursor: int | None = 0
            while cursor is not None:
                if calls >= MOST_CONTACT_CALLS:
                    found.is_complete = False
                    break
                body = {"dept_id": int(department_id), "cursor": cursor, "size": PEOPLE_PER_PAGE}
                people, following = read_people(await call("user/list", body), department_id)
                found.people |= {person.userid: person for person in people}
                cursor = following if following is not None and following > cursor else None
        found.is_complete = found.is_complete and not waiting
        return found

    async def permissions(self, session: Asking, tests: PermissionTests) -> None:
        """The two of attendance cost a call of the month each."""

        async def contacts(path: str, body: dict[str, Any]) -> dict[str, Any]:
            try:
                return await _contacts(session, path, body)
            except PersonRefused as refused:  # it was understood, but the people are out of the app's scope
                raise _out_of_scope(refused) from None

        departments = await tests.run(DEPARTMENTS, lambda: contacts("department/listsub", {"dept_id": int(ROOT)}))
        if tests.is_app_refused:
            return
        ids = [ROOT, *(department.id for department in read_departments(departments or {}))][:MOST_TRIED]
        members = await tests.run(
            MEMBERS, lambda: contacts("user/list", {"dept_id": int(ROOT), "cursor": 0, "size": 100})
        )
        mobile, has_people = "", False
        for department_id in ids if members is not None else []:
            answer = members if department_id == ROOT else None
            if answer is None:
                try:
                    answer = await contacts("user/list", {"dept_id": int(department_id), "cursor": 0, "size": 100})
                except SourceError:
                    continue
            people, _ = read_people(answer, department_id)
            has_people = has_people or bool(people)
            mobile = mobile or next((person.mobile for person in people if person.mobile), "")
            if mobile:
                break
        tests.note(MOBILES, is_granted=True if mobile else False if has_people else None, is_needed=False)
        await tests.run(
            BY_MOBILE, lambda: kind().userid_by_mobile(session, 0, mobile or "13800000000"), is_needed=False
        )
        body = {"offset": 0, "size": GROUPS_PER_PAGE}
        await tests.run(GROUPS, lambda: kind().call(session, f"{ATTENDANCE}/getsimplegroups", body))
        userid = next((person.userid for person in read_people(members or {}, ROOT)[0]), "nobody")
        await tests.run(RECORDS, lambda: _punches_of(session, userid))


async def _punches_of(session: Asking, userid: str) -> dict[str, Any]:
    now = clock.now().astimezone(BEIJING)
    body = {
        "userIds": [userid],
        "checkDateFrom": f"{now - timedelta(hours=1):%Y-%m-%d %H:%M:%S}",
        "checkDateTo": f"{now:%Y-%m-%d %H:%M:%S}",
        "isI18n": False,
    }
    try:
        return await kind().call(session, "/attendance/listRecord", body)
    except PersonRefused:  # it answers, though it does not know this person
        return {}


def kind() -> DingTalkAttendance:
    return cast(DingTalkAttendance, KINDS[DingTalkAttendance.name])


async def _contacts(session: Asking, path: str, body: dict[str, Any]) -> dict[str, Any]:
    return await kind().call(session, f"/topapi/v2/{path}", body, is_counted=False)


def _out_of_scope(refused: PersonRefused) -> SourceError:
    return SourceError.broken(str(refused), "out of the app's scope", hint="dingtalk_scope")


async def _operator(session: Asking) -> str:
    body = {"offset": 0, "size": GROUPS_PER_PAGE}
    operator = read_operator(await kind().call(session, f"{ATTENDANCE}/getsimplegroups", body))
    if operator is None:
        raise SourceError.broken("no_group", "there is no attendance group", hint="roster_no_group")
    return operator


async def _known_userids(session: Asking, userids: Iterable[str]) -> set[str]:
    """Those whom the app may see; asked one by one."""
    found = set()
    for userid in userids:
        try:
            await _contacts(session, "user/get", {"userid": userid})
        except PersonRefused:
            continue
        found.add(userid)
    return found


@dataclass(slots=True)
class Schedules:
    """Asks for schedules. One person who is refused makes DingTalk refuse all: it is found out who it is."""

    session: Asking
    plan: PlanRead
    group_ids: dict[str, str] = field(default_factory=dict)
    """The attendance group of each person who has a schedule, by userid."""
    unexplained: set[str] = field(default_factory=set)
    """Refused, though the directory knows them."""

    async def ask_all(self, asked: Asked) -> None:
        for first, last in day_spans(asked.first, asked.days, DAYS_PER_CALL):
            there = [userid for userid in asked.userids if userid not in self.plan.refused]
            for some in chunks(there, PEOPLE_PER_CALL):
                await self.ask(some, first, last)

    async def ask(self, userids: Sequence[str], first: date, last: date) -> None:
        await by_halves(userids, lambda some: self._ask_known(some, first, last), self._refuse)

    async def _ask_known(self, userids: Sequence[str], first: date, last: date) -> None:
        """Without those whom the directory does not know: asking it is not counted."""
        try:
            await self._ask(userids, first, last)
        except PersonRefused:
            strangers = set(userids) - await _known_userids(self.session, userids)
            if not strangers:
                raise
            self.plan.refused |= strangers
            if left := [userid for userid in userids if userid not in strangers]:
                await self.ask(left, first, last)

    async def _ask(self, userids: Sequence[str], first: date, last: date) -> None:
        body = {
            "op_user_id": self.plan.operator_userid,
            "userids": ",".join(userids),
            "from_date_time": midnight(first),
            "to_date_time": midnight(last),
        }
        rows = (await kind().call(self.session, f"{ATTENDANCE}/schedule/listbyusers", body)).get("result")
        if not isinstance(rows, list):
            raise SourceError.passing("not_dingtalk", "no list of schedules", hint="not_json")
        self.plan.days |= read_days(rows, first, last)
        self.group_ids |= read_group_ids(rows)

    def _refuse(self, userid: str, refused: PersonRefused) -> None:
        self.plan.refused.add(userid)
        self.unexplained.add(userid)
        if len(self.unexplained) > MOST_REFUSED:
            words = "it refuses the people"
            raise SourceError.broken(str(refused), words, hint="dingtalk_permission") from None


async def _leaves(session: Asking, first: date, days: int, userids: Sequence[str]) -> list[LeaveSpan] | None:
    """The leave of these people in the days ahead; None without a clear and whole answer."""
    start, end = leave_window(first, days)
    found: list[LeaveSpan] = []
    try:
        for some in chunks(userids, LEAVE_PEOPLE_PER_CALL):
            for page in range(MOST_LEAVE_PAGES):
                body = {"userid_list": ",".join(some), "start_time": start, "end_time": end}
                body |= {"offset": page * LEAVE_ROWS_PER_PAGE, "size": LEAVE_ROWS_PER_PAGE}
                spans, has_more = read_leaves(await kind().call(session, f"{ATTENDANCE}/getleavestatus", body))
                found += spans
                if not has_more:
                    break
            else:
                return None
    except (PersonRefused, ValueError):
        return None
    return found
