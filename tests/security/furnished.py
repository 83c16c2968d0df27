"""A live_server that is lived in: every kind of thing that an id in a path can name, many of each and in every state."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import select

from conftest import MONDAY_EIGHT, OWN, PASSWORD, TODAY, Clock, Person, Workplace, open_workplace
from daka import clock
from daka.delivery.models import Channel, Delivery, DeliveryStatus, InboxMessage
from daka.identity.models import ApiToken, ExternalIdentity, RefreshToken, Team, TeamMove, User
from daka.reminders.models import Reminder
from daka.reminders.punches.models import PunchSource
from daka.roster.models import CalendarFeed, Pattern
from daka.roster.requests.models import Absence, OpenShift, Swap
from daka.roster.transfer.models import ImportMapping, ImportStatus, RosterImport
from daka.shifts.models import Shift
from scenes import KEYWORDS_DO_NOT_MATCH, NAG_AND_ESCALATE, TOO_FAST, FakeDingTalk, path_of_link
from security.stage import set_stage

WORKERS, SHIFTS, OF_EACH = 40, 20, 12
LAST_DAY = 16
A_BACKUP = "daka-20261123T000000Z.jsonl.gz"
OPENED_AT = MONDAY_EIGHT + timedelta(minutes=40)
"""When the requests begin: some reminders are over, some nag, most are to come."""

TABLES = {
    "path.user_id": User,
    "path.team_id": Team,
    "path.shift_id": Shift,
    "path.channel_id": Channel,
    "path.delivery_id": Delivery,
    "path.feed_id": CalendarFeed,
    "path.import_id": RosterImport,
    "path.leave_id": Absence,
    "path.message_id": InboxMessage,
    "path.move_id": TeamMove,
    "path.pattern_id": Pattern,
    "path.reminder_id": Reminder,
    "path.source_id": PunchSource,
    "path.open_shift_id": OpenShift,
    "path.swap_id": Swap,
    "path.token_id": ApiToken,
    "path.word_id": ImportMapping,
}
ALSO_NAMED = {
    "path.user_id": ("query.user_id", "query.actor_id", "body.user_id", "body.with_user_id", "body.user_ids[*]",
                     "body.assignments[*].user_id"),
    "path.team_id": ("query.team_id", "body.team_id"),
    "path.shift_id": ("query.replace_with", "body.shift_id", "body.cycle[*]", "body.assignments[*].shift_id"),
    "path.channel_id": ("query.channel_id",),
    "path.reminder_id": ("query.reminder_id",),
}  # fmt: skip
DATES = ("query.from", "query.to", "query.date", "body.from", "body.to", "body.date", "body.work_date", "body.return_date",
         "body.from_date", "body.assignments[*].date")  # fmt: skip


async def furnish(url: str) -> dict[str, list[Any]]:
    """Fill a migrated, empty database. Gives what parameters can be: their names with the values that mean something."""
    stopped = Clock()
    async with _workplace(url, stopped) as (workplace, dingtalk):
        await set_stage(workplace)
        await _people_at_work(workplace, stopped, dingtalk)
        await _things_of(workplace, workplace.root)
        await _waiting_for_somebody(workplace)
        return await _names(workplace)


@asynccontextmanager
async def _workplace(url: str, stopped: Clock) -> AsyncIterator[tuple[Workplace, FakeDingTalk]]:
    with clock.set_to(lambda: stopped.now):
        dingtalk = FakeDingTalk()
        async with dingtalk.running(), open_workplace(url, dingtalk_base_url=dingtalk.base_url) as workplace:
            yield workplace, dingtalk


async def _people_at_work(workplace: Workplace, stopped: Clock, dingtalk: FakeDingTalk) -> None:
    """Two weeks of roster, and a morning in which each reminder goes its own way."""
    alice = workplace.alice
    async with workplace.database.write() as session:
        (await session.get_one(User, workplace.root.id)).team_id = workplace.team_a
    workers = [workplace.root, *await workplace.add_people(WORKERS, team_id=workplace.team_a)]
    shifts = []
    for number in range(SHIFTS):
        start = f"08:{10 + number}"
        shift = {"name": f"班{number}", "code": f"{number}", "periods": [{"start": start, "end": "17:00"}]}
        shifts.append((await alice.post("/api/v1/shifts", {**shift, "policy": NAG_AND_ESCALATE}))["id"])
    for worker in workers[: WORKERS // 2]:
        token = ("fine", "wrong", "fast")[worker.id % 3]
        dingtalk.verdicts = {"wrong": KEYWORDS_DO_NOT_MATCH, "fast": TOO_FAST}
        address = f"https://oapi.dingtalk.com/robot/send?access_token={token}{worker.id}"
        dingtalk.verdicts |= {f"{name}{worker.id}": said for name, said in dingtalk.verdicts.items()}
        robot = {"name": "我的机器人", "kind": "dingtalk_robot", "config": {"webhook_url": address}}
        await worker.post("/api/v1/channels", robot)
    cells = [
        {"user_id": worker.id, "date": str(TODAY + timedelta(days=day)), "shift_id": shifts[(at + day) % SHIFTS]}
        for at, worker in enumerate(workers)
        for day in range(LAST_DAY)
    ]
    await alice.put("/api/v1/roster", {"assignments": cells})
    for minute in range(0, 40, 5):
        stopped.now = MONDAY_EIGHT + timedelta(minutes=minute)
        await workplace.tick()
        if minute == 15:
            for at, worker in enumerate(workers[:16]):
                found = (await worker.get("/api/v1/reminders"))["items"]
                first = next(each for each in found if each["kind"] == "clock_in")
                doing = ("ack", "snooze", "skip", "ack")[at % 4]
                body = {"minutes": 10} if doing == "snooze" else None
                await worker.post(f"/api/v1/reminders/{first['id']}/{doing}", body)
    for worker in workers[16:24]:
        await worker.post("/api/v1/punches", {"kind": "clock_in"})
    stopped.now = OPENED_AT


async def _things_of(workplace: Workplace, root: Person) -> None:
    """What only Root can ask for as their own: devices, tokens, feeds, messages, channels."""
    form = {"username": "root", "password": PASSWORD}
    for number in range(OF_EACH):
        assert (await workplace.anonymous.post("/api/v1/auth/token", data=form)).status_code == 200
        await root.post("/api/v1/me/tokens", {"name": f"脚本{number}", "scopes": ["punch:write", "roster:read"], **OWN})
        if number < 6:
            await root.post("/api/v1/me/ical", {"name": f"手机{number}", **OWN})
        hook = {"url": f"https://hooks.example.com/{number}"}
        await root.post("/api/v1/channels", {"name": f"钩子{number}", "kind": "webhook", "config": hook})
        pattern = {"name": f"轮{number}", "team_id": workplace.team_a, "cycle": [1, None]}
        await root.post("/api/v1/roster/patterns", pattern)
        source = {"url": f"https://example.com/{number}.json", "value_path": "data.{kind}"}
        named = {"name": f"表{number}", "kind": "json_url", "team_id": workplace.team_a, "config": source}
        if number < 8:
            await root.post("/api/v1/punch-sources", named)
        await root.post("/api/v1/teams", {"name": f"班组{number}"})
        await root.post("/api/v1/users/invite", {"username": f"newcomer{number}", "team_id": workplace.team_a})
    inbox = await root.post("/api/v1/channels", {"name": "收件箱", "kind": "inbox", "config": {}})
    async with workplace.database.write() as session:
        for number in range(OF_EACH):
            told = {"title": "该打卡了", "text": f"第{number}条", "reminder_ids": [], "created_at": MONDAY_EIGHT}
            session.add(InboxMessage(key=f"root-{number}", channel_id=inbox["id"], user_id=root.id, **told))


async def _waiting_for_somebody(workplace: Workplace) -> None:
    """Leaves, swaps, moves and an import."""
    bob, root = workplace.bob, workplace.root
    async with workplace.database.read() as session:
        asked = select(User).where(User.team_id == workplace.team_a, User.username.startswith("worker"))
        workers = list(await session.exec(asked.order_by(User.id)))
        shift_id = (await session.exec(select(Shift.id).where(Shift.is_rest == sa.false()).order_by(Shift.id))).first()
    people = [await workplace._signed_in(user) for user in workers]
    for at, worker in enumerate(people[:OF_EACH]):
        day = str(TODAY + timedelta(days=20 + at))
        await worker.post("/api/v1/leaves", {"from": day, "to": day})
        other = people[OF_EACH + at]
        on = str(TODAY + timedelta(days=3 + at))
        offer = {"team_id": workplace.team_a, "date": f"2026-12-{10 + at:02}", "shift_id": shift_id}
        (offered,) = (await root.post("/api/v1/open-shifts", offer))["items"]
        if at % 2:
            await worker.post(f"/api/v1/open-shifts/{offered['id']}/take")
        swap = await worker.post("/api/v1/swaps", {"date": on, "with_user_id": other.id})
        if at % 3 == 1:
            await other.post(f"/api/v1/swaps/{swap['id']}/accept")
        elif at % 3 == 2:
            await other.post(f"/api/v1/swaps/{swap['id']}/decline")
        if at % 2:
            await people[2 * OF_EACH + at].post("/api/v1/swaps", {"date": on, "with_user_id": root.id})
        else:
            await root.post("/api/v1/swaps", {"date": on, "with_user_id": people[2 * OF_EACH + at].id})
        move = {"team_id": workplace.team_c, "from_date": f"2027-02-{1 + at:02}"}
        await root.post(f"/api/v1/users/{worker.id}/moves", move)
    csv = f"姓名,日期,班次\n{people[0].username},{TODAY + timedelta(days=25)},班\n某某,2026-12-30,0\n"
    mapping = {
        "shifts": {f"班{number}": "skip" for number in range(OF_EACH)} | {"班": "clear"},
        "people": {"某某": "skip"},
    }
    answer = await root.http.post(
        f"/api/v1/roster/import?team_id={workplace.team_a}",
        files={"file": ("roster.csv", csv.encode(), "text/csv")},
        data={"mapping": json.dumps(mapping)},
    )
    assert answer.json()["status"] == "done", answer.text
    async with workplace.database.write() as session:
        times = {"created_at": OPENED_AT, "seen_at": OPENED_AT}
        running = {"file_name": "roster.xlsx", "is_dry_run": False, "status": ImportStatus.RUNNING, **times}
        session.add_all(RosterImport(created_by=root.id, **running) for _ in range(OF_EACH))
        user = await session.get_one(User, root.id)
        session.add_all(
            ExternalIdentity(user_id=root.id, issuer=issuer, subject="root", token_version=user.token_version)
            for issuer in ("dingtalk:fuzz", "feishu:fuzz")  # as WAYS in fuzz.py turn them on
        )
        mine = select(Channel.id).where(Channel.user_id == root.id).scalar_subquery()
        failed = {"status": DeliveryStatus.FAILED, "expires_at": OPENED_AT + timedelta(days=1)}
        await session.exec(sa.update(Delivery).where(Delivery.channel_id.in_(mine)).values(**failed))
    await bob.post("/api/v1/me/second-factor", {"current_password": PASSWORD})


async def _names(workplace: Workplace) -> dict[str, list[Any]]:
    names: dict[str, list[Any]] = {}
    async with workplace.database.read() as session:
        for name, table in TABLES.items():
            names[name] = list((await session.exec(select(sa.column("id")).select_from(table).limit(120))).all())
        reminders = list((await session.exec(select(Reminder.id).limit(20))).all())
    for name, others in ALSO_NAMED.items():
        names |= dict.fromkeys(others, names[name])
    dates = [str(TODAY + timedelta(days=day)) for day in range(-2, LAST_DAY)]
    names |= dict.fromkeys(DATES, dates)
    names["path.year"] = [2025, 2026, 2027]
    names["query.month"] = ["2026-11", "2026-12"]
    names["path.provider"] = ["dingtalk", "feishu"]
    names["path.name"] = [A_BACKUP]
    names["body.current_password"] = [PASSWORD]
    names["body.password"] = names["body.new_password"] = ["a phrase that nobody else uses"]
    names["/api/v1/users/import body.file"] = ["姓名,工号\n新人,n1\n", "姓名,手机\n另一个,13800000077\n"]
    names["/api/v1/calendar/import body.file"] = [
        json.dumps({"days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}]})
    ]
    until = OPENED_AT + timedelta(days=2)
    names["/a/{token} path.token"] = [
        (await path_of_link(workplace, found, ends_at=until)).removeprefix("/a/") for found in reminders if found
    ]
    feeds = [await workplace.bob.post("/api/v1/me/ical", {"name": f"日历{number}", **OWN}) for number in range(3)]
    names["/ical/{token}.ics path.token"] = [feed["url"].rpartition("/")[2].removesuffix(".ics") for feed in feeds]
    names |= await _keys(workplace)
    assert [name for name, values in names.items() if not values] == []
    return names


async def _keys(workplace: Workplace) -> dict[str, list[Any]]:
    """What opens accounts: of Root, whom nothing shuts out for good, and links of newcomers."""
    root, form = workplace.root, {"username": "root", "password": PASSWORD}
    signed_in = [await workplace.anonymous.post("/api/v1/auth/token", data=form) for _ in range(OF_EACH)]
    async with workplace.database.read() as session:
        asked = select(RefreshToken.id).where(RefreshToken.user_id == root.id).order_by(RefreshToken.id.desc())
        devices = list(await session.exec(asked.limit(OF_EACH)))
        newcomers = list(await session.exec(select(User.id).where(User.username.startswith("newcomer"))))
    made = [await root.post(f"/api/v1/users/{user_id}/password-link") for user_id in newcomers]
    links = [link["url"].rpartition("#")[2] for link in made]
    return {
        "/api/v1/auth/token body.username": ["root"],
        "/api/v1/auth/token body.password": [PASSWORD],
        "body.refresh_token": [answer.json()["refresh_token"] for answer in signed_in],
        "path.device_id": devices,
        "/api/v1/auth/password-link body.token": links[: OF_EACH // 2],
        "/api/v1/auth/password-link/check body.token": links[OF_EACH // 2 :],
    }
