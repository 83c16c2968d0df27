"""Tests what a DingTalk app may do, one permission at a time, each with its name in DingTalk's console."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from daka import clock
from daka.database import Database
from daka.outbound.quota import BEIJING
from daka.reminders.punches.checker import PunchChecker
from daka.reminders.punches.dingtalk import PersonRefused
from daka.reminders.punches.remedies import remedy
from daka.reminders.punches.results import SourceError, SourceErrorKind
from daka.syncing.directory import ROOT, read_departments, read_people
from daka.syncing.people import access_to
from daka.syncing.schemas import PermissionRead, PermissionsRead

DEPARTMENTS = "通讯录部门信息读权限"
MEMBERS = "通讯录部门成员读权限"
MOBILES = "企业员工手机号信息"
BY_MOBILE = "根据手机号姓名获取成员信息的接口访问权限"
GROUPS = "考勤组查询"
RECORDS = "考勤数据读权限"
MOST_TRIED = 20
"""Departments that are looked through for somebody with a number."""


async def try_permissions(database: Database, checker: PunchChecker, source_id: int) -> PermissionsRead:
    """Try each permission with the app of a source. The two of attendance cost a call of the month each."""
    read = PermissionsRead(permissions=[], calls=0)
    try:
        _, kind, asking = await access_to(database, checker, source_id)
    except SourceError as error:
        read.permissions.append(_refused("", error, is_needed=True))
        return read

    async def contacts(path: str, body: dict[str, Any]) -> dict[str, Any]:
        return await kind.call(asking, f"/topapi/v2/{path}", body, is_counted=False)

    async def attendance(path: str, body: dict[str, Any]) -> dict[str, Any]:
        read.calls += 1
        return await kind.call(asking, path, body)

    async def tried(
        name: str, run: Callable[[], Awaitable[dict[str, Any]]], *, is_needed: bool = True
    ) -> dict[str, Any] | None:
        try:
            answer = await run()
        except PersonRefused as refused:  # it was understood, but the people are out of the app's scope
            scope = SourceError(SourceErrorKind.BROKEN, str(refused), "out of the app's scope", hint="dingtalk_scope")
            read.permissions.append(_refused(name, scope, is_needed=is_needed))
            return None
        except SourceError as error:
            read.permissions.append(_refused(name, error, is_needed=is_needed))
            return None
        read.permissions.append(PermissionRead(name=name, is_needed=is_needed, state="ok"))
        return answer

    departments = await tried(DEPARTMENTS, lambda: contacts("department/listsub", {"dept_id": int(ROOT)}))
    if departments is None and read.permissions[-1].name == "":
        return read  # with wrong credentials, nothing else can be tried
    ids = [ROOT, *(department.id for department in read_departments(departments or {}))][:MOST_TRIED]
    members = await tried(MEMBERS, lambda: contacts("user/list", {"dept_id": int(ROOT), "cursor": 0, "size": 100}))
    mobile, has_people = "", False
    for department_id in ids if members is not None else []:
        answer = members if department_id == ROOT else None
        if answer is None:
            try:
                answer = await contacts("user/list", {"dept_id": int(department_id), "cursor": 0, "size": 100})
            except (SourceError, PersonRefused):
                continue
        people, _ = read_people(answer or {}, department_id)
        has_people = has_people or bool(people)
        mobile = mobile or next((person.mobile for person in people if person.mobile), "")
        if mobile:
            break
    state = PermissionRead(name=MOBILES, is_needed=False, state="ok" if mobile else "unknown")
    if has_people and not mobile:
        state.state, state.remedy = "missing", _open(MOBILES)
    read.permissions.append(state)

    async def by_mobile() -> dict[str, Any]:
        await kind.userid_by_mobile(asking, 0, mobile or "13800000000")
        return {}

    await tried(BY_MOBILE, by_mobile, is_needed=False)
    await tried(GROUPS, lambda: attendance("/topapi/attendance/getsimplegroups", {"offset": 0, "size": 10}))
    now = clock.now().astimezone(BEIJING)
    userid = next((person.userid for person in read_people(members or {}, ROOT)[0]), "nobody")
    body = {
        "userIds": [userid],
        "checkDateFrom": f"{now - timedelta(hours=1):%Y-%m-%d %H:%M:%S}",
        "checkDateTo": f"{now:%Y-%m-%d %H:%M:%S}",
        "isI18n": False,
    }

    async def records() -> dict[str, Any]:
        try:
            return await attendance("/attendance/listRecord", body)
        except PersonRefused:  # it answers, though it does not know this person
            return {}

    await tried(RECORDS, records)
    return read


def _refused(name: str, error: SourceError, *, is_needed: bool) -> PermissionRead:
    if error.hint in ("dingtalk_app", "dingtalk_app_ip", "settings"):
        name, is_needed = "", True
    is_missing = error.kind is SourceErrorKind.BROKEN
    return PermissionRead(
        name=name,
        is_needed=is_needed,
        state="missing" if is_missing else "unknown",
        provider_code=error.code,
        provider_message=error.message,
        remedy=_open(name) if error.hint == "dingtalk_permission" else remedy(error.hint),
    )


def _open(name: str) -> dict[str, str]:
    return {
        "zh": f"在钉钉开放平台打开这个应用，在「权限管理」里搜索「{name}」并开通。",
        "en": f"Open the app in the DingTalk console, search for {name} under 权限管理 and grant it.",
    }
