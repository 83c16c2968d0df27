"""Rosters and people from WeCom (企业微信打卡、通讯录). WeCom tells no leave.

Sources: https://developer.work.weixin.qq.com/document/path/90263 (`getcheckinoption`: each person's rule),
…/93380 (`getcheckinschedulist`: schedules of rules by shift, up to a month and 100 people), …/90208 and …/90200 (contacts).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, ClassVar, cast
from zoneinfo import ZoneInfo

from daka import clock
from daka.outbound.quota import BEIJING
from daka.reminders.punches.kind import PersonRefused, by_halves
from daka.reminders.punches.registry import KINDS
from daka.reminders.punches.results import PersonField, SourceError
from daka.reminders.punches.wecom import PEOPLE_PER_CALL, Asking, WecomAttendance
from daka.roster.cells import chunks
from daka.syncing.directory import Directory
from daka.syncing.permissions import PermissionTests, Refusals
from daka.syncing.reader import Asked, PlanRead, RosterReader, find_one_by_one, zone_of_china
from daka.syncing.wecom_rows import (
    Rule,
    RuleType,
    fixed_days,
    read_departments,
    read_people,
    read_rules,
    scheduled_days,
)

ROOT = "0"
"""Above the departments that the app may see: it need not see the whole company."""
MOST_DEPARTMENTS = 400
MOST_TRIED = 5
"""Departments that are looked through for somebody."""
MOST_REFUSED = 20
"""So many people may be refused; to find out who it is costs calls."""
VISIBLE = "可见范围"
ATTENDANCE = "打卡 › 可调用接口的应用"


class WecomRoster(RosterReader):
    """Its times are those of China."""

    kind: ClassVar[str] = WecomAttendance.name
    userids: ClassVar[PersonField] = PersonField.WECOM_USERID
    names: ClassVar[dict[str, str]] = {"zh": "企业微信", "en": "WeCom"}
    refusals: ClassVar[Refusals] = Refusals(
        app=frozenset({"wecom_app", "wecom_app_ip", "settings"}),
        permission=frozenset({"wecom_permission", "wecom_range"}),
        remedy={
            "zh": "在企业微信管理后台打开这个应用，设置「{name}」。",
            "en": "Open the app in the WeCom console and set {name}.",
        },
    )

    @classmethod
    def zone(cls, team: ZoneInfo, now: datetime) -> ZoneInfo:
        return zone_of_china(team, now)

    async def read(self, session: Asking, asked: Asked) -> PlanRead:
        plan = PlanRead()
        ours = {userid.casefold(): userid for userid in asked.userids}  # WeCom does not tell capital letters apart
        rules: dict[str, Rule | None] = {}
        body = {"datetime": midnight(asked.first)}
        for answer in await of_people(session, "/checkin/getcheckinoption", body, asked.userids, plan.refused):
            rules |= read_rules(answer)
        for userid, rule in rules.items():
            if rule is None:
                plan.days |= {(userid, day): None for day in asked.calendar}
            elif rule.type is RuleType.FIXED:
                days, definitions = fixed_days(userid, rule, asked.calendar)
                plan.days |= days
                plan.definitions |= definitions
        by_shift = [
            ours[userid] for userid, rule in rules.items() if rule and rule.type is RuleType.BY_SHIFT and userid in ours
        ]
        span = {"starttime": midnight(asked.first), "endtime": midnight(asked.last)}
        for answer in await of_people(session, "/checkin/getcheckinschedulist", span, by_shift, plan.refused):
            days, definitions = scheduled_days(answer, rules, asked.first, asked.last)
            plan.days |= days
            plan.definitions |= definitions
        plan.days = {(ours[userid], day): planned for (userid, day), planned in plan.days.items() if userid in ours}
        return plan

    async def find_people(self, session: Asking, mobiles: Mapping[int, str]) -> dict[int, str]:
        return await find_one_by_one(mobiles, lambda _, mobile: kind().userid_by_mobile(session, mobile))

    async def directory(self, session: Asking) -> Directory:
        """The departments that the app may see, and their people, without numbers."""
        found = Directory(ROOT)
        departments = read_departments(await _contacts(session, "/department/list"), ROOT)
        found.departments |= {department.id: department for department in departments}
        for department in departments[:MOST_DEPARTMENTS]:
            answer = await _contacts(session, "/user/simplelist", department_id=department.id)
            found.people |= {person.userid: person for person in read_people(answer, department.id)}
        found.is_complete = len(departments) <= MOST_DEPARTMENTS
        return found

    async def permissions(self, session: Asking, tests: PermissionTests) -> None:
        departments = await tests.run(VISIBLE, lambda: _contacts(session, "/department/list"), is_needed=False)
        if tests.is_app_refused:
            return
        userid = await _somebody(session, departments or {})
        await tests.run(ATTENDANCE, lambda: _rule_of(session, userid))


async def _somebody(session: Asking, departments: Mapping[str, Any]) -> str:
    """The userid of somebody whom the app may see."""
    for department in read_departments(departments, ROOT)[:MOST_TRIED]:
        try:
            answer = await _contacts(session, "/user/simplelist", department_id=department.id)
        except SourceError:
            continue
        people = read_people(answer, department.id)
        if people:
            return people[0].userid
    return "nobody"


async def _rule_of(session: Asking, userid: str) -> dict[str, Any]:
    today = clock.now().astimezone(BEIJING).date()
    body = {"datetime": midnight(today), "useridlist": [userid]}
    try:
        return await kind().call(session, "/checkin/getcheckinoption", body)
    except PersonRefused:  # it answers, though it does not know this person
        return {}


def kind() -> WecomAttendance:
    return cast(WecomAttendance, KINDS[WecomAttendance.name])


async def _contacts(session: Asking, path: str, **query: str) -> dict[str, Any]:
    try:
        return await kind().call(session, path, query=query)
    except PersonRefused as refused:
        raise SourceError.broken(str(refused), "out of the app's visible range", hint="wecom_range") from None


async def of_people(
    session: Asking, path: str, body: Mapping[str, Any], userids: Sequence[str], refused: set[str]
) -> list[dict[str, Any]]:
    """The answers about these people. One who is refused makes WeCom refuse all: who it is is found out, and added."""
    answers: list[dict[str, Any]] = []

    async def ask(some: Sequence[str]) -> None:
        answers.append(await kind().call(session, path, {**body, "useridlist": list(some)}))

    def refuse(userid: str, said: PersonRefused) -> None:
        refused.add(userid)
        if len(refused) > MOST_REFUSED:
            words = "it refuses the people"
            raise SourceError.broken(str(said), words, hint="wecom_range") from None

    for some in chunks([userid for userid in userids if userid not in refused], PEOPLE_PER_CALL):
        await by_halves(some, ask, refuse)
    return answers


def midnight(day: date) -> int:
    return int(datetime.combine(day, time(), BEIJING).timestamp())
