"""People from DingTalk: departments become teams, accounts are created and linked, and nobody is ever removed."""

import asyncio
from collections.abc import AsyncIterator
from time import process_time
from typing import Any

import pytest
from sqlmodel import select

from conftest import TODAY, Clock, Workplace, WorkplaceMaker
from daka.identity.models import User
from daka.syncing.dingtalk_rows import read_people
from daka.syncing.directory import DirectoryPerson, KnownAccount, Match, match_people
from fakes.dingtalk_attendance import FakeAttendance
from fakes.dingtalk_company import furnish
from scenes import beside, reminders_of

Company = tuple[Workplace, FakeAttendance, str]


@pytest.fixture
async def company(make_workplace: WorkplaceMaker) -> AsyncIterator[Company]:
    async with beside(FakeAttendance(), "dingtalk", make_workplace) as (workplace, fake):
        furnish(fake, TODAY)
        config = {"app_key": fake.app_key, "app_secret": fake.app_secret}
        body = {"name": "钉钉", "kind": "dingtalk_attendance", "team_id": workplace.team_a, "config": config}
        source = await workplace.root.post("/api/v1/punch-sources", body)
        yield workplace, fake, f"/api/v1/punch-sources/{source['id']}"


def choice(**teams: Any) -> dict[str, Any]:
    """`d2=7` is team 7 for department 2; `d3="新组"` a new one."""
    return {
        "departments": [
            {"department_id": name[1:], **({"team_id": team} if isinstance(team, int) else {"new_team": team})}
            for name, team in teams.items()
        ]
    }


async def test_departments_become_teams_and_their_people_are_reminded(frozen: Clock, company: Company) -> None:
    workplace, fake, path = company
    tree = await workplace.root.post(f"{path}/people/preview", {})
    assert [(each["name"], each["depth"], each["people"]) for each in tree["departments"]] == [
        ("", 0, 60),
        ("一车间", 1, 20),
        ("二车间", 1, 20),
        ("办公室", 1, 20),
    ]
    order = choice(d2=workplace.team_a, d3="二车间")
    assert (await workplace.root.post(f"{path}/people/preview", order))["added"] == 40
    seen = await workplace.root.post(f"{path}/roster/preview", order)
    assert (seen["outcome"], seen["people"], seen["days"], len(seen["shifts"])) == ("ok", 40, 14, 4)
    assert len((await workplace.root.get("/api/v1/users", limit=100))["items"]) < 10
    assert fake.calls < 15

    added = await workplace.root.post(f"{path}/people", order)
    assert added["added"] == 40
    assert [source["team_name"] for source in added["sources"]] == ["Team A", "二车间"]
    for source in added["sources"]:
        read = await workplace.root.post(f"/api/v1/punch-sources/{source['source_id']}/roster/pull", {})
        assert (read["outcome"], read["people"]) == ("ok", 20), read
    people = (await workplace.root.get("/api/v1/users", q="赵伟"))["items"]
    assert [(each["team_id"], each["dingtalk_userid"]) for each in people] == [(workplace.team_a, "mgr1")]
    assert await reminders_of(workplace.root, user_id=people[0]["id"])

    again = await workplace.root.post(f"{path}/people", order | choice(d2=workplace.team_a))
    assert (again["added"], again["linked"], again["leavers"]) == (0, 0, [])


async def test_departments_that_are_added_at_once_add_each_person_once(frozen: Clock, company: Company) -> None:
    """Somebody works in both; two administrators press the button in the same second."""
    workplace, fake, path = company
    fake.member("u-both", "两处兼", 2, 3, mobile="13900001111")
    orders = [choice(d2=workplace.team_a), choice(d3=workplace.team_a), choice(d2=workplace.team_a)]
    found = await asyncio.gather(*(workplace.root.post(f"{path}/people", order) for order in orders))
    assert [each["outcome"] for each in found] == ["ok"] * 3
    async with workplace.database.read() as session:
        ids = [each.dingtalk_userid for each in await session.exec(select(User)) if each.dingtalk_userid]
    assert (len(ids), len(set(ids))) == (41, 41)
    assert sum(each["added"] for each in found) == 41


async def test_accounts_are_recognised_and_leavers_only_suggested(frozen: Clock, company: Company) -> None:
    workplace, fake, path = company
    fake.member("u-bob", "王波", 2, mobile="13800000001")
    order = choice(d2=workplace.team_a)
    before = await workplace.root.post(f"{path}/people/preview", order)
    assert (before["added"], before["linked"]) == (20, 1)
    await workplace.root.post(f"{path}/people", order)
    bob = await workplace.root.get(f"/api/v1/users/{workplace.bob.id}")
    assert bob["dingtalk_userid"] == "u-bob"

    await workplace.root.post(f"{path}/roster/pull", {})
    fake.member("u-new", "新来的", 2)
    del fake.members["u005"]
    fake.strangers.add("u005")
    read = await workplace.root.post(f"{path}/roster/pull", {})
    assert (read["outcome"], read["newcomers"], read["leavers"]) == ("ok", ["新来的"], ["钱娜"])
    state = (await workplace.root.get(f"{path}/roster"))["source"]
    assert (state["newcomers"], state["leavers"]) == (1, 1)
    found = await workplace.root.post(f"{path}/people", {})
    assert (found["added"], [each["name"] for each in found["leavers"]]) == (1, ["钱娜"])
    async with workplace.database.read() as session:
        gone = (await session.exec(select(User).where(User.dingtalk_userid == "u005"))).one()
    assert gone.is_active
    assert gone.deleted_at is None

    fake.members = {"mgr1": fake.members["mgr1"]}  # the app's scope became narrow
    assert (await workplace.root.post(f"{path}/people/preview", {}))["leavers"] == []


async def test_many_unknown_people_do_not_stop_a_pull(frozen: Clock, company: Company) -> None:
    workplace, fake, path = company
    await workplace.root.post(f"{path}/people", choice(d2=workplace.team_a))
    first = await workplace.root.post(f"{path}/roster/pull", {})
    assert (first["outcome"], first["people"]) == ("ok", 20)
    gone = {f"u{number:03}" for number in range(1, 16)}
    fake.strangers |= gone
    calls = fake.calls
    read = await workplace.root.post(f"{path}/roster/pull", {})
    assert (read["outcome"], read["people"], len(read["not_found"]) - len(first["not_found"]), read["changed"]) == (
        "ok",
        5,
        15,
        0,
    )
    assert fake.calls - calls == 4  # the refused one, again without them, the second week, and the leave


@pytest.mark.parametrize(
    ("lacking", "refused", "needed"),
    [
        ("qyapi_get_department_list", "通讯录部门信息读权限", True),
        ("qyapi_get_department_member", "通讯录部门成员读权限", True),
        ("fieldMobile", "企业员工手机号信息", False),
        ("qyapi_get_member_by_mobile", "根据手机号姓名获取成员信息的接口访问权限", False),
        ("qyapi_attendance_group_read", "考勤组查询", True),
        ("qyapi_get_attendance_data", "考勤数据读权限", True),
        ("", "", True),
    ],
)
async def test_each_permission_has_its_test_and_its_remedy(
    frozen: Clock, lacking: str, refused: str, needed: bool, company: Company
) -> None:
    workplace, fake, path = company
    fake.lacking = {lacking} - {""}
    found = await workplace.root.post(f"{path}/permissions", {})
    missing = [each for each in found["permissions"] if each["state"] == "missing"]
    assert [each["name"] for each in missing] == [refused] * bool(refused)
    assert len(found["permissions"]) == 6
    for each in missing:
        assert (each["is_needed"], refused in each["remedy"]["zh"]) == (needed, True)
    assert found["calls"] == 2


async def test_wrong_credentials_are_one_answer(frozen: Clock, company: Company) -> None:
    workplace, fake, path = company
    fake.app_secret = "another"
    found = (await workplace.root.post(f"{path}/permissions", {}))["permissions"]
    assert [(each["name"], each["state"]) for each in found] == [("", "missing")]
    assert "AppKey" in found[0]["remedy"]["zh"]


async def test_planners_add_people_to_their_own_teams_only(frozen: Clock, company: Company) -> None:
    workplace, _, path = company
    for order, code in ((choice(d2=workplace.team_c), 404), (choice(d2="新组"), 403)):
        answer = await workplace.alice.http.post(f"{path}/people", json=order)
        assert answer.status_code == code
    assert (await workplace.alice.post(f"{path}/people", choice(d2=workplace.team_a)))["added"] == 20


async def test_planners_of_teams_that_share_an_app_add_their_own_newcomers(frozen: Clock, company: Company) -> None:
    workplace, fake, path = company
    both = choice(d2=workplace.team_a, d3=workplace.team_c)
    assert (await workplace.root.post(f"{path}/people", both))["added"] == 40
    fake.member("n1", "新人甲", 2)
    fake.member("n2", "新人乙", 3)
    preview = await workplace.alice.post(f"{path}/people/preview", both)
    assert ([each["name"] for each in preview["people"] if each["match"] == "new"], preview["added"]) == (
        ["新人甲"],
        1,
    )
    assert (await workplace.alice.post(f"{path}/people", {}))["added"] == 1

    fake.member("n3", "新人丙", 2)
    fake.member("n4", "新人丁", 3)
    assert (await workplace.alice.post(f"{path}/people", both))["added"] == 1
    only_mine = choice(d2=workplace.team_a)  # the other's department is not hers to take away
    await workplace.alice.post(f"{path}/people", only_mine)
    taken = await workplace.alice.http.post(f"{path}/people", json=choice(d3=workplace.team_a))
    assert (taken.status_code, taken.json()["code"]) == (403, "not_your_team")
    departments = (await workplace.root.post(f"{path}/people/preview", {}))["departments"]
    assert {each["name"]: each["team_id"] for each in departments if each["team_id"]} == {
        "一车间": workplace.team_a,
        "二车间": workplace.team_c,
    }
    async with workplace.database.read() as session:
        teams = {user.display_name: user.team_id for user in await session.exec(select(User))}
    assert (teams["新人甲"], teams["新人丙"]) == (workplace.team_a, workplace.team_a)
    assert not {"新人乙", "新人丁"} & teams.keys()


@pytest.mark.parametrize("also", [True, False], ids=["one of two departments", "the only department"])
async def test_a_department_that_moves_to_another_team_is_that_teams(
    frozen: Clock, also: bool, company: Company
) -> None:
    workplace, fake, path = company
    kept = {"d2": workplace.team_a} if also else {}
    await workplace.root.post(f"{path}/people", choice(**kept, d3=workplace.team_a))
    await workplace.root.post(f"{path}/people", choice(**kept, d3=workplace.team_c))
    departments = (await workplace.root.post(f"{path}/people/preview", {}))["departments"]
    chosen = {each["id"]: each["team_id"] for each in departments if each["team_id"]}
    assert chosen == {**({"2": workplace.team_a} if also else {}), "3": workplace.team_c}
    fake.member("n1", "新人甲", 3)
    assert (await workplace.root.post(f"{path}/roster/preview", {}))["newcomers"] == []
    await workplace.root.post(f"{path}/people", choice(**kept))  # nobody's any more
    departments = (await workplace.root.post(f"{path}/people/preview", {}))["departments"]
    assert [each["id"] for each in departments if each["team_id"]] == (["2"] if also else ["3"])


def test_matching_takes_twice_as_long_for_twice_as_many() -> None:
    def seconds(count: int) -> float:
        people = [(person(f"u{number}", f"名{number}", f"139{number:08}"), 1) for number in range(count)]
        accounts = [KnownAccount(number, f"名{number}", 1, "", None) for number in range(count)]
        begun = process_time()
        assert len(match_people(people, accounts)) == count
        return process_time() - begun

    small, large = (min(seconds(count) for _ in range(3)) for count in (1_000, 4_000))
    assert large < 10 * small


def person(userid: str = "u1", name: str = "王波", mobile: str = "") -> DirectoryPerson:
    return DirectoryPerson(userid, name, mobile, ("2",))


BOB = KnownAccount(7, "王波", 1, "13800000001", None)
MATCHES = {
    "a userid": ([person()], [KnownAccount(7, "别人", 1, "", "u1")], Match.KNOWN),
    "a userid in other letters": ([person()], [KnownAccount(7, "别人", 1, "", "U1")], Match.KNOWN),
    "a deleted account": ([person()], [KnownAccount(7, "王波", 1, "", "u1", is_deleted=True)], Match.REMOVED),
    "deleted and made again": (
        [person()],
        [KnownAccount(6, "王波", 1, "", "u1", is_deleted=True), KnownAccount(7, "王波", 1, "", "u1")],
        Match.KNOWN,
    ),
    "a number": ([person(mobile="13800000001", name="波")], [BOB], Match.BY_MOBILE),
    "a number that two have": (
        [person(mobile="13800000001")],
        [BOB, KnownAccount(8, "x", 1, "13800000001", None)],
        Match.ELSEWHERE,
    ),
    "a number of another userid": (
        [person(mobile="13800000001")],
        [KnownAccount(7, "王波", 1, "13800000001", "u9")],
        Match.ELSEWHERE,
    ),
    "a name": ([person()], [KnownAccount(7, "王波", 1, "", None)], Match.BY_NAME),
    "a name with another number": ([person()], [BOB], Match.NEW),
    "a name in another team": ([person()], [KnownAccount(7, "王波", 2, "", None)], Match.NEW),
    "a name that two have here": (
        [person()],
        [KnownAccount(7, "王波", 1, "", None), KnownAccount(8, "王波", 1, "", None)],
        Match.NEW,
    ),
    "a name that two have there": ([person(), person("u2")], [KnownAccount(7, "王波", 1, "", None)], Match.NEW),
    "an account that they may not change": (
        [person(mobile="13800000001")],
        [KnownAccount(7, "王波", 1, "13800000001", None, may_change=False)],
        Match.ELSEWHERE,
    ),
    "nobody": ([person()], [], Match.NEW),
}


@pytest.mark.parametrize("case", MATCHES)
def test_matching(case: str) -> None:
    people, accounts, match = MATCHES[case]
    assert match_people([(each, 1) for each in people], accounts)["u1"][0] is match


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"userid": "u1", "name": " 王  波 ", "dept_id_list": "[2,3]"}, ("王 波", "", ("2", "3"))),
        (
            {"userid": "u1", "name": "王波", "dept_id_list": [2], "mobile": "+86-13800000001"},
            ("王波", "13800000001", ("2",)),
        ),
        ({"userid": "u1", "dept_id_list": "oops", "mobile": "x"}, ("u1", "", ("9",))),
        ({"userid": "", "name": "x"}, None),
        ({"userid": "a b", "name": "x"}, None),
        ("x", None),
    ],
)
def test_people_are_read_in_every_spelling(row: Any, expected: tuple[Any, ...] | None) -> None:
    people, following = read_people({"result": {"has_more": "true", "next_cursor": "100", "list": [row]}}, "9")
    assert following == 100
    assert [(each.name, each.mobile, each.department_ids) for each in people] == ([expected] if expected else [])
