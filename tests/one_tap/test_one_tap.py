"""The one-tap page: GET shows, POST acts; without login, and good for its own reminders only."""

import re
from datetime import timedelta

import pytest

from conftest import PASSWORD, TODAY, Clock, Workplace, WorkplaceMaker
from daka import clock, security
from daka.delivery.links import LATE_ANSWER
from daka.one_tap.page import language_of
from scenes import (
    EARLY,
    clock_times,
    dingtalk_workplace,
    give_shift,
    link_in,
    new_robot,
    path_of_link,
    reminder_of,
    reminders_of,
    shanghai,
    stored,
)

LATE = {"name": "中班", "code": "中", "periods": [{"start": "14:00", "end": "22:00"}]}


async def path_to(workplace: Workplace, *reminder_ids: int, minutes: float = 60) -> str:
    return await path_of_link(workplace, *reminder_ids, ends_at=clock.now() + timedelta(minutes=minutes))


async def tap(workplace: Workplace, path: str, action: str, **form: object) -> tuple[int, str]:
    """The page to which a tap leads."""
    answer = await workplace.anonymous.post(path, data={"action": action, **form})
    assert (answer.status_code, answer.text) == (303, "")
    page = await workplace.anonymous.get(answer.url.join(answer.headers["location"]))
    return page.status_code, page.text


@pytest.fixture
async def nagged(workplace: Workplace, frozen: Clock) -> int:
    """Bob's clock-in at 09:00, of which he was reminded at 08:45."""
    await give_shift(workplace, EARLY, workplace.bob)
    frozen.set(shanghai("08:45"))
    await workplace.tick()
    reminder_id: int = (await reminder_of(workplace.bob))["id"]
    return reminder_id


async def test_looking_never_acts(workplace: Workplace, nagged: int) -> None:
    """A chat's link preview fetches addresses; that must not count as a punch."""
    before = await stored(workplace, nagged)
    path = await path_to(workplace, nagged)
    for address in (path, f"{path}?action=ack", f"{path}?action=skip&reminder={nagged}"):
        answer = await workplace.anonymous.get(address)
        assert answer.status_code == 200
        assert "我已打卡" in answer.text
        assert "Bob" in answer.text
    for method in ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"):
        assert (await workplace.anonymous.request(method, path)).status_code in (200, 404, 405)
    assert (await stored(workplace, nagged)).model_dump() == before.model_dump()


async def test_the_page_needs_no_login_and_no_script_and_is_kept_nowhere(workplace: Workplace, nagged: int) -> None:
    answer = await workplace.anonymous.get(await path_to(workplace, nagged))
    assert "<script" not in answer.text
    policy = answer.headers["content-security-policy"]
    nonce = re.search(r"style-src 'nonce-([^']+)'", policy)
    assert nonce is not None
    assert f'nonce="{nonce[1]}"' in answer.text
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert 'lang="zh' in answer.text
    assert 'name="viewport"' in answer.text


@pytest.mark.parametrize("action", ["ack", "snooze", "skip", "skip_work_date"])
@pytest.mark.parametrize(
    ("told_at", "tapped_at", "asks_again_at"), [("08:45", "08:58", "13:45"), ("18:00", "18:05", "19:35")]
)
async def test_a_link_answers_for_the_moment_that_its_message_was_about(
    make_workplace: WorkplaceMaker, frozen: Clock, action: str, told_at: str, tapped_at: str, asks_again_at: str
) -> None:
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        await new_robot(workplace.bob)
        shift = await give_shift(workplace, EARLY, workplace.bob)
        for moment in ("08:45", told_at):
            frozen.set(shanghai(moment))
            await workplace.tick()
        former = link_in(dingtalk.messages()[-1])
        if told_at == "08:45":
            await give_shift(workplace, LATE, workplace.bob)
        else:
            await workplace.alice.patch(f"/api/v1/shifts/{shift}", {"overtime_minutes": 95})
        kind = "clock_in" if told_at == "08:45" else "clock_out"
        for moment in (tapped_at, asks_again_at):  # before it is asked about again, and after
            frozen.set(shanghai(moment))
            await workplace.tick()
            status, page = await tap(workplace, former, action)
            assert (status, "班次改了" in page) == (200, True)
            found = await reminder_of(workplace.bob, kind)
            assert (found["status"] in ("nagging", "scheduled"), found["snoozed_until"]) == (True, None)
        newest = link_in(dingtalk.messages()[-1])
        assert newest != former
        assert "班次改了" not in (await tap(workplace, newest, action))[1]
        found = await reminder_of(workplace.bob, kind)
        assert found["status"] in ("acknowledged", "skipped") or found["snoozed_until"]


async def test_one_tap_acknowledges(workplace: Workplace, frozen: Clock, nagged: int) -> None:
    status, page = await tap(workplace, await path_to(workplace, nagged), "ack")
    assert (status, "已打卡" in page, "撤销" in page) == (200, True, True)
    found = await reminder_of(workplace.bob)
    assert (found["status"], found["ended_by"]) == ("acknowledged", "link")
    frozen.set(shanghai("08:50"))
    assert await workplace.tick() == 0


async def test_a_second_tap_changes_nothing(workplace: Workplace, frozen: Clock, nagged: int) -> None:
    path = await path_to(workplace, nagged)
    await tap(workplace, path, "ack")
    before = await reminder_of(workplace.bob)
    frozen.forward(seconds=20)
    assert (await tap(workplace, path, "ack"))[0] == 200
    assert await reminder_of(workplace.bob) == before


@pytest.mark.parametrize(
    ("action", "done", "at", "again"),
    [
        ("ack", "已打卡", "08:47", "之前已经做过了"),
        ("snooze", "好的，08:56 再提醒", "08:55", "之前已经做过了"),
        ("snooze", "好的，08:56 再提醒", "08:56", "好的，09:00 再提醒"),  # reminded again meanwhile: it is a new wish
        ("skip", "已跳过", "08:47", "之前已经做过了"),
        ("undo", "已撤销", "08:47", "之前已经做过了"),
    ],
)
async def test_a_second_tap_says_that_it_was_done_and_does_nothing(
    workplace: Workplace, frozen: Clock, nagged: int, action: str, done: str, at: str, again: str
) -> None:
    path = await path_to(workplace, nagged)
    frozen.set(shanghai("08:46"))
    if action == "undo":
        await tap(workplace, path, "ack")
    _, page = await tap(workplace, path, action)
    assert (done in page, "之前" in page) == (True, False)
    before = await stored(workplace, nagged)
    frozen.set(shanghai(at))
    _, page = await tap(workplace, path, action, reminder=nagged)
    assert again in page
    assert ((await stored(workplace, nagged)) == before) == ("再提醒" not in again)


async def test_what_was_done_is_said_again_by_a_reload(workplace: Workplace, frozen: Clock, nagged: int) -> None:
    path = await path_to(workplace, nagged)
    for action, said in [("snooze", "再提醒"), ("ack", "已打卡"), ("undo", "已撤销"), ("skip", "已跳过")]:
        answer = await workplace.anonymous.post(path, data={"action": action, "reminder": nagged})
        for name in ("cache-control", "referrer-policy", "x-robots-tag", "content-security-policy"):
            assert name in answer.headers, name
        before = await stored(workplace, nagged)
        for _ in range(2):
            page = await workplace.anonymous.get(answer.url.join(answer.headers["location"]))
            assert said in page.text
        assert await stored(workplace, nagged) == before
    for words in ("nonsense", "<b>", "x" * 40):  # nobody words the page by its address
        assert words not in (await workplace.anonymous.get(path, params={"said": words})).text


async def test_ten_minutes_later(workplace: Workplace, frozen: Clock, nagged: int) -> None:
    frozen.set(shanghai("08:46"))
    status, page = await tap(workplace, path := await path_to(workplace, nagged), "snooze")
    assert (status, "好的，08:56 再提醒" in page) == (200, True)
    english = (await workplace.anonymous.get(path, headers={"Accept-Language": "en"})).text
    assert "you are reminded again at 08:56" in english
    assert clock_times([(await reminder_of(workplace.bob))["next_due_at"]]) == ["11-23 08:56"]


async def test_not_today_and_taken_back(workplace: Workplace, nagged: int) -> None:
    path = await path_to(workplace, nagged)
    status, page = await tap(workplace, path, "skip")
    assert (status, "已跳过" in page) == (200, True)
    assert [found["status"] for found in await reminders_of(workplace.bob)] == ["skipped", "scheduled"]
    status, page = await tap(workplace, path, "skip_work_date")
    assert (status, "已跳过" in page) == (200, True)
    assert [found["status"] for found in await reminders_of(workplace.bob)] == ["skipped", "skipped"]
    assert (await tap(workplace, path, "undo"))[0] == 200
    assert [found["status"] for found in await reminders_of(workplace.bob)] == ["nagging", "scheduled"]


async def test_what_can_no_longer_be_done_is_said_in_words(workplace: Workplace, nagged: int) -> None:
    path = await path_to(workplace, nagged)
    await tap(workplace, path, "ack")
    status, page = await tap(workplace, path, "snooze")
    assert (status, "这条提醒已经结束" in page) == (200, True)
    assert (await reminder_of(workplace.bob))["status"] == "acknowledged"


async def test_an_expired_link_shows_no_name_and_does_nothing(workplace: Workplace, frozen: Clock, nagged: int) -> None:
    path = await path_to(workplace, nagged, minutes=15)
    frozen.forward(minutes=16)
    assert (await workplace.anonymous.get(path)).status_code == 200
    frozen.now += LATE_ANSWER
    for answer in (await workplace.anonymous.get(path), await workplace.anonymous.post(path, data={"action": "ack"})):
        assert answer.status_code == 410
        assert "这个链接已失效" in answer.text
        assert "Bob" not in answer.text
    assert (await stored(workplace, nagged)).status == "nagging"


async def test_a_token_of_another_kind_or_another_server_is_no_link(workplace: Workplace, nagged: int) -> None:
    claims = {"issued_at": clock.now(), "lifetime": timedelta(hours=1), "sub": str(nagged)}
    genuine = security.signed(workplace.settings.secret, "link", **claims)
    assert (await workplace.anonymous.get(f"/a/{genuine}")).status_code == 200
    header, payload, signature = genuine.split(".")
    access = await workplace.anonymous.post("/api/v1/auth/token", data={"username": "bob", "password": PASSWORD})
    forged = [
        access.json()["access_token"],
        security.signed(workplace.settings.secret, "access", **claims),
        security.short_token(workplace.settings.secret, "device", 1, clock.now() + timedelta(hours=1)),
        security.signed("another-secret-that-is-long-enough", "link", **claims),
        f"{header}.{payload}.{signature[:-4]}AAAA",
        f"{header}.{payload}.",
        f"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.",
        str(nagged),
        "x",
        "a" * 1200,
    ]
    for token in forged:
        for answer in (
            await workplace.anonymous.get(f"/a/{token}"),
            await workplace.anonymous.post(f"/a/{token}", data={"action": "ack"}),
        ):
            assert answer.status_code == 410, token
    assert (await stored(workplace, nagged)).status == "nagging"


async def test_a_link_is_no_access_token(workplace: Workplace, nagged: int) -> None:
    token = (await path_to(workplace, nagged)).removeprefix("/a/")
    answer = await workplace.anonymous.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


async def test_a_link_is_good_for_its_own_reminders_only(workplace: Workplace, frozen: Clock, nagged: int) -> None:
    eve = await workplace.add_person("Eve", team_id=workplace.team_a)
    await give_shift(workplace, {**EARLY, "name": "早二", "code": "二"}, eve)
    hers = (await reminder_of(eve))["id"]
    await tap(workplace, await path_to(workplace, nagged), "ack", reminder=hers)
    assert (await reminder_of(eve))["status"] == "scheduled"
    assert (await reminder_of(workplace.bob))["status"] == "nagging"


async def test_a_group_link_asks_whose_it_is(workplace: Workplace, frozen: Clock, nagged: int) -> None:
    eve = await workplace.add_person("<b>Eve</b>", team_id=workplace.team_a)
    await give_shift(workplace, {**EARLY, "name": "早二", "code": "二"}, eve)
    hers = (await reminder_of(eve))["id"]
    path = await path_to(workplace, nagged, hers)
    page = (await workplace.anonymous.get(path)).text
    assert page.count("<form") == 2
    assert "&lt;b&gt;Eve&lt;/b&gt;" in page
    assert "<b>" not in page
    await tap(workplace, path, "ack")
    assert (await reminder_of(workplace.bob))["status"] == "nagging"
    for chosen in ({}, {"reminder": 999}):  # nothing is done, which is said
        form = {"action": "ack", **chosen}
        assert "这一步没有生效" in (await tap(workplace, path, **form))[1]
        answer = await workplace.anonymous.post(path, data=form, headers={"accept": "application/json"})
        assert answer.json()["refusal"] == "reminder_not_found"
    await tap(workplace, path, "ack", reminder=hers)
    assert (await reminder_of(workplace.bob))["status"] == "nagging"
    assert (await reminder_of(eve))["status"] == "acknowledged"


@pytest.mark.parametrize(
    "form", [{}, {"action": "delete"}, {"action": "ack", "reminder": "x"}, {"action": "ack", "reminder": "99999999999"}]
)
async def test_a_form_that_makes_no_sense_does_nothing(workplace: Workplace, nagged: int, form: dict) -> None:
    answer = await workplace.anonymous.post(await path_to(workplace, nagged), data=form)
    assert answer.status_code == 422
    assert (await stored(workplace, nagged)).status == "nagging"


async def test_a_link_of_the_former_form_works_until_it_expires(
    workplace: Workplace, frozen: Clock, nagged: int
) -> None:
    until = {"issued_at": clock.now(), "lifetime": timedelta(minutes=20), "sub": str(nagged)}
    path = f"/a/{security.signed(workplace.settings.secret, 'link', **until)}"
    status, page = await tap(workplace, path, "ack")
    assert (status, "已打卡" in page) == (200, True)
    frozen.forward(minutes=21)
    assert (await workplace.anonymous.get(path)).status_code == 410


async def test_the_link_in_a_message_is_short_and_works(make_workplace, frozen: Clock) -> None:
    async with dingtalk_workplace(make_workplace, public_url="https://daka.example/") as (workplace, dingtalk):
        await new_robot(workplace.bob)
        await give_shift(workplace, EARLY, workplace.bob)
        frozen.set(shanghai("08:45"))
        await workplace.tick()
        (message,) = dingtalk.messages()
        found = re.search(r"\[我已打卡\]\(https://daka\.example(/a/[\w-]{24})\)", message["markdown"]["text"])
        assert found is not None
        assert (await tap(workplace, found[1], "ack"))[0] == 200
        assert (await reminder_of(workplace.bob, on=TODAY))["status"] == "acknowledged"


async def test_without_an_address_that_phones_reach_a_message_carries_no_link(make_workplace, frozen: Clock) -> None:
    async with dingtalk_workplace(make_workplace, public_url="") as (workplace, dingtalk):
        channel_id = await new_robot(workplace.bob)
        await give_shift(workplace, EARLY, workplace.bob)
        frozen.set(shanghai("08:45"))
        await workplace.tick()
        await workplace.bob.post(f"/api/v1/channels/{channel_id}/test")
        texts = [message["markdown"]["text"] for message in dingtalk.messages()]
        assert len(texts) == 2
        assert not [text for text in texts if "http" in text or "localhost" in text]


async def test_the_page_says_when_which_shift_and_how_long_still(
    workplace: Workplace, frozen: Clock, nagged: int
) -> None:
    path = await path_to(workplace, nagged)
    for at, said in [
        ("08:48", ["09:00", "早班 · 11月23日 周一", "还有 12 分钟", "提醒到 09:10 为止"]),
        ("08:48:20", ["还有 12 分钟"]),  # as Today says beside its clock, which shows 08:48
        ("08:59:50", ["还有 1 分钟"]),
        ("09:00", ["就是现在"]),
        ("09:00:59", ["就是现在"]),
        ("09:08", ["已过 8 分钟", "提醒到 09:10 为止"]),
        ("09:08:59", ["已过 8 分钟"]),
    ]:
        frozen.set(shanghai(at))
        page = (await workplace.anonymous.get(path)).text
        assert [words for words in said if words not in page] == [], at


async def test_after_the_window_the_page_says_so_and_takes_a_late_answer(
    workplace: Workplace, frozen: Clock, nagged: int
) -> None:
    path = await path_to(workplace, nagged, minutes=25)
    for at in ("09:11", "09:20", "20:00"):  # before the worker has closed the window, too
        frozen.set(shanghai(at))
        page = (await workplace.anonymous.get(path)).text
        assert "提醒到 09:10 已结束" in page
        assert re.findall(r'value="(\w+)"', page.partition("reminder")[2]) == [str(nagged), "ack"]
    status, page = await tap(workplace, path, "ack")
    assert (status, "已打卡" in page) == (200, True)
    assert (await reminder_of(workplace.bob))["status"] == "acknowledged"


async def test_the_page_speaks_the_browsers_language(workplace: Workplace, frozen: Clock, nagged: int) -> None:
    path = await path_to(workplace, nagged)
    english = {"Accept-Language": "en-GB,en;q=0.9,zh;q=0.8"}
    answer = await workplace.anonymous.get(path, headers=english)
    said = ["Bob, clock in", "Mon 23 Nov", "15 min left", "Reminders stop at 09:10", "I have punched"]
    assert [words for words in said if words not in answer.text] == []
    assert '<html lang="en">' in answer.text
    assert answer.headers["content-language"] == "en"
    assert "Accept-Language" in answer.headers["vary"]
    for action, words in [("ack", "Punched"), ("snooze", "This reminder has ended"), ("undo", "Taken back")]:
        answer = await workplace.anonymous.post(path, data={"action": action}, headers=english)
        page = await workplace.anonymous.get(answer.url.join(answer.headers["location"]), headers=english)
        assert words in page.text
    gone = await workplace.anonymous.get("/a/x", headers=english)
    assert "This link has expired" in gone.text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        *[("", "zh"), ("*", "zh"), ("de,fr;q=0.5", "zh"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-US", "en")],
        *[("de-DE,de;q=0.9,en;q=0.8,zh;q=0.7", "en"), ("ZH-hant", "zh"), ("EN", "en"), (",;q=,", "zh")],
    ],
)
def test_the_first_language_that_the_page_speaks(header: str, language: str) -> None:
    assert language_of(header) == language
