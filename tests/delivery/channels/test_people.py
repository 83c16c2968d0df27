"""Tables of people: which lines are read, which are refused at save, and whom a channel calls."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from conftest import Clock, Workplace, WorkplaceMaker
from daka.delivery.channels.feishu_robot import OPEN_ID
from daka.delivery.channels.people import found_in, problem_with, rows_of_nobody
from daka.delivery.channels.registry import CHOOSABLE, KINDS
from daka.delivery.channels.wecom_robot import USERID
from daka.delivery.messages import Mention
from delivery.channels.conftest import line, note_to
from delivery.channels.samples import full_settings, properties
from delivery.channels.test_robots_at_work import give_shift
from fakes.chats import FakeFeishu
from fakes.wecom_app import FakeWecomApp
from scenes import beside

# --- lines that are read ----------------------------------------------------------------------------------------------

MOBILE = "13800138000"
READ = [
    # name and mobile number in the profile, the line
    ("张三", None, "张三 ou_1"),
    ("张三", None, "张三=ou_1"),
    ("张三", None, "张三：ou_1"),
    ("张三", None, "张三,ou_1"),
    ("张三", None, "张三，ou_1,"),
    ("张三", None, "张三\tou_1"),
    ("张三", None, "张　三 ou_1"),
    ("张三", None, "  张三　 ou_1  "),
    ("Bob Dylan", None, "Bob Dylan ou_1"),
    ("Bob Dylan", None, "bob  dylan = ou_1"),
    ("Anna Maria von Trapp", None, "Anna Maria von Trapp ou_1"),
    ("张三：夜班", None, "张三：夜班 ou_1"),
    ("张三:夜班", None, "张三：夜班 ou_1"),
    ("A=B", None, "A=B ou_1"),
    ("O'Brien, Pat", None, "O'Brien, Pat ou_1"),
    ("欧阳·娜娜", None, "欧阳·娜娜 ou_1"),
    ("李四（夜）", None, "李四(夜) ou_1"),
    ("王五 2", None, "王五 2 ou_1"),
    ("张三", MOBILE, f"{MOBILE} ou_1"),
    ("张三", MOBILE, f"+86{MOBILE} ou_1"),
    ("张三", MOBILE, "+86 138 0013 8000 ou_1"),
    ("张三", MOBILE, "0086-138-0013-8000 ou_1"),
    ("张三", MOBILE, "138-0013-8000=ou_1"),
    ("张三", MOBILE, "１３８００１３８０００ ou_1"),
    ("张三", f"+86 {MOBILE}", f"{MOBILE} ou_1"),
    ("张三", "138 0013 8000", f"+86-{MOBILE} ou_1"),
    ("Pat", "+1 415 555 0100", "+1 (415) 555-0100 ou_1"),
    ("张三", None, f"张三 {MOBILE} ou_1"),
    ("别名", MOBILE, f"张三 {MOBILE} ou_1"),
    ("别名", MOBILE, f"{MOBILE} 张三 ou_1"),
]


@pytest.mark.parametrize(("name", "mobile", "text"), READ)
def test_a_line_that_is_saved_calls_its_person(name: str, mobile: str | None, text: str) -> None:
    table = f"别人 ou_2\n{text}"
    assert problem_with(table, OPEN_ID) is None
    assert found_in(table, Mention(name, mobile)).id == "ou_1"
    assert found_in(table, Mention("外人", "13900139000")).reason == "not_in_table"
    assert rows_of_nobody(table, [Mention(name, mobile)]) == ["别人"]


REFUSED = [
    # the table, what the reason says
    ("张三", "第 1 行只有一项"),
    ("张三 ou_1\n\nou_2", "第 3 行只有一项"),
    ("张三 ou_1\nBob Dylan", "第 2 行的最后一项不是"),
    ("ou_1 张三", "第 1 行的最后一项不是"),
    ("张三 ou_1；李四 ou_2；", "第 1 行的最后一项不是"),
    ("张三 all", "第 1 行会 @ 所有人"),
    ("张三 ALL", "第 1 行会 @ 所有人"),
    ("张三 <at>", "第 1 行的最后一项不是"),
    ("张三 ou_1\n李四 ou_2\n张　三 ou_3", "第 1 行和第 3 行写的是同一个人"),
    (f"张三 {MOBILE} ou_1\n+86 {MOBILE} ou_2", "第 1 行和第 2 行写的是同一个人"),
]


@pytest.mark.parametrize(("table", "reason"), REFUSED)
def test_a_line_that_cannot_be_read_is_named(table: str, reason: str) -> None:
    found = problem_with(table, OPEN_ID)
    assert found is not None
    assert found[0].startswith(reason)
    assert "ine" in found[1]


def test_the_same_person_may_stand_there_twice_with_one_id() -> None:
    assert problem_with(f"张三 ou_1\n{MOBILE} ou_1", OPEN_ID) is None


@pytest.mark.parametrize("userid", ["zhangsan", "Zhang.San-1", "a@b.c", "13800138000"])
def test_wecom_takes_its_userids(userid: str) -> None:
    assert problem_with(f"张三 {userid}", USERID) is None


def test_a_name_that_two_people_share_calls_neither() -> None:
    table = f"张三 ou_1\n{MOBILE} ou_2"
    assert found_in(table, Mention("张三", None, has_namesake=True)).reason == "namesake"
    assert found_in(table, Mention("张三", MOBILE, has_namesake=True)).id == "ou_2"


def test_nobody_calls_everybody_by_a_table_that_was_saved_before() -> None:
    assert found_in("张三 all\n李四 @all", Mention("张三")).id == ""


# --- every kind -------------------------------------------------------------------------------------------------------

WITH_TABLE = [kind for kind in CHOOSABLE if "people" in properties(kind)]
PEOPLE = [
    line("张三", user_id=1, mobile=MOBILE, dingtalk_userid="ding1"),
    line("李四", user_id=2, mobile=None, dingtalk_userid="ding2"),
    line("王五", user_id=3, mobile="+86 139-0013-9000", dingtalk_userid=None),
    line("赵六", user_id=4, mobile=None, dingtalk_userid=None),
]


def cases() -> Iterator[tuple[str, dict[str, Any]]]:
    for kind in CHOOSABLE:
        for form in properties(kind).get("form", {}).get("enum", [None]):
            for table in ("李四 ou_2", None) if kind in WITH_TABLE else (None,):
                given = {"form": form, "people": table}
                yield kind, {name: value for name, value in given.items() if value is not None}


@pytest.mark.parametrize(("kind", "given"), list(cases()), ids=str)
def test_a_kind_calls_whom_it_says_it_calls(kind: str, given: dict[str, Any]) -> None:
    """Against the request itself: with the person's own number or id in it, or without."""
    found: Any = KINDS[kind]
    values = {name: value for name, value in full_settings(kind).items() if name != "people"}
    config = found.parsed({**values, **given})
    for person in PEOPLE:
        call = found.call(config, Mention(person.name, person.mobile, person.dingtalk_userid))
        if call is None:
            continue
        assert bool(call.id) is (call.reason is None)
        if found.sends_to_persons and not call.id:
            assert found.recipients(config, note_to(person)) == []
            continue
        body = json.dumps(json.loads(found.request(config, note_to(person)).body), ensure_ascii=False)
        ids = ("13800138000", "13900139000", "ding1", "ding2", "ou_2")
        assert any(each in body for each in ids) is bool(call.id), (person.name, call)


def test_the_kinds_that_call_people_are_known() -> None:
    """A kind that mentions people says whom (`ChannelKind.call`), or the test dialog would be silent about them."""
    person = Mention("张三", MOBILE, "ding1")
    calling = set()
    for kind in CHOOSABLE:
        found: Any = KINDS[kind]
        if found.call(found.parsed(full_settings(kind)), person) is not None:
            calling.add(kind)
    apps = {"dingtalk_work_notice", "dingtalk_one_to_one", "wecom_app", "wecom_bot", "feishu_app"}
    assert calling == {"dingtalk_robot", "feishu_robot", "wecom_robot", *apps}


# --- over the API -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WITH_TABLE)
async def test_a_table_that_cannot_be_read_is_refused_with_its_line(workplace: Workplace, kind: str) -> None:
    config = {**full_settings(kind), "people": "张三 id_1\n李四"}
    new = {"name": "x", "kind": kind, "team_id": workplace.team_a, "config": config}
    refused = await workplace.alice.http.post("/api/v1/channels", json=new)
    assert refused.status_code == 422
    (problem,) = refused.json()["errors"]
    assert problem["loc"] == ["body", "config", "people"]
    assert "第 2 行" in problem["text"]["zh"]
    assert "ine 2" in problem["text"]["en"]
    assert "李四" not in refused.text


async def test_a_test_says_whom_reminders_would_call(make_workplace: WorkplaceMaker) -> None:
    async with beside(FakeFeishu(), "feishu", make_workplace) as (workplace, _):
        team = workplace.team_a
        for username, name, mobile in (
            ("u1", "Bob Dylan", None),
            ("u2", "陈一", "+86 138 0013 8000"),
            ("u3", "陈一", None),
            ("u4", "孙二", None),
        ):
            person = {"username": username, "display_name": name, "team_id": team, "mobile": mobile}
            await workplace.root.post("/api/v1/users", {**person, "password": "correct horse battery"})
        table = f"bob dylan ou_1\n{MOBILE} ou_2\n陈一 ou_3\n走了的人 ou_4"
        url = "https://open.feishu.cn/open-apis/bot/v2/hook/good-0001"
        config = {"webhook_url": url, "people": table}
        new = {"name": "x", "kind": "feishu_robot", "team_id": team, "config": config}
        channel = await workplace.alice.post("/api/v1/channels", new)
        found = await workplace.alice.post(f"/api/v1/channels/{channel['id']}/test")
    assert found["outcome"] == "done"
    said = {(each["name"], each["is_called"], each["reason"]) for each in found["people"]}
    assert {
        ("Bob Dylan", True, ""),
        ("陈一", True, ""),
        ("陈一", False, "namesake"),
        ("孙二", False, "not_in_table"),
    } <= said
    assert found["rows_of_nobody"] == ["走了的人"]
    assert all(each["is_called"] or each["reason_text"]["zh"] for each in found["people"])


@pytest.mark.parametrize(("other_name", "sent_to"), [("Bobby", ["bob"]), ("B ob", [])])
async def test_a_persons_own_reminder_never_goes_to_their_namesake(
    make_workplace: WorkplaceMaker, frozen: Clock, other_name: str, sent_to: list[str]
) -> None:
    async with beside(FakeWecomApp(), "wecom", make_workplace) as (workplace, wecom):
        other = await workplace.add_person("Other", team_id=workplace.team_a)
        await workplace.root.patch(f"/api/v1/users/{other.id}", {"display_name": other_name})
        config = {"corp_id": "ww1234", "corp_secret": "corp-secret", "agent_id": 7, "people": "Bob bob"}
        new = {"name": "x", "kind": "wecom_app", "team_id": workplace.team_a, "config": config}
        await workplace.alice.post("/api/v1/channels", new)
        await give_shift(workplace, workplace.bob, other)
        frozen.forward(minutes=45)
        await workplace.tick()
        assert [message["touser"] for message in wecom.messages] == sent_to
