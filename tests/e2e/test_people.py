"""Managing people: inviting, adding from a file, moving, keeping out, forgetting."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from playwright.async_api import expect

from e2e.live_server import LiveServer
from e2e.server import PASSWORD
from e2e.test_account import OTHER_PASSWORD, fill_door, section
from e2e.test_pages import axe_in_all_looks
from e2e.visit import DESK, PHONE, Visitor, text_of


def sheet(*rows: tuple[str, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


async def test_a_planner_invites_somebody_who_sets_their_own_password(
    live_server: LiveServer, visitor: Visitor
) -> None:
    alice = await visitor(live_server.address, "alice", permissions=["clipboard-read", "clipboard-write"])
    page = await alice.open("/people")
    await alice.button("添加成员").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("姓名").fill("罗兰")
    await dialog.get_by_label("用户名").fill("bob")
    await alice.button("保存").click()
    await expect(dialog.get_by_role("alert")).to_have_text("这个用户名已被占用。")
    await dialog.get_by_label("用户名").fill("lola")
    await alice.button("保存").click()
    await expect(page.get_by_role("heading", name="邀请罗兰")).to_be_visible()
    qr = page.get_by_role("img", name="链接的二维码")
    assert await qr.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    assert await axe_in_all_looks(alice, "invitation") == []
    await page.set_viewport_size(DESK)
    link = await page.locator("code.secret").inner_text()
    await page.mouse.click(10, 400)  # a slip beside the dialog loses nothing that is shown once
    await alice.button("复制链接").click()
    assert await page.evaluate("navigator.clipboard.readText()") == link
    await alice.button("完成").click()
    await expect(page.get_by_role("link", name="罗兰")).to_contain_text("尚未登录")

    lola = await visitor(live_server.address, size=PHONE)
    await lola.page.goto(link)
    await lola.ready()
    await expect(lola.page.get_by_role("heading", level=1)).to_have_text("欢迎，罗兰")
    await lola.page.get_by_label("新密码").fill(OTHER_PASSWORD)
    await lola.button("设置并登录").click()
    await expect(lola.page.get_by_role("heading", level=1)).to_have_text("今天")
    await page.reload()
    await alice.ready()
    await expect(page.get_by_role("link", name="罗兰")).not_to_contain_text("尚未登录")


async def test_a_file_is_checked_row_by_row_before_anybody_is_added(live_server: LiveServer, visitor: Visitor) -> None:
    root = await visitor(live_server.address, "root")
    page = await root.open("/people")
    await root.button("从文件添加").click()
    dialog = page.get_by_role("dialog")
    head = ("姓名", "工号", "手机", "班组", "角色")
    wrong = sheet(
        head,
        ("马一", "m1", "13800000011", "一车间", ""),
        ("马二", "m2", "13800000012", "九车间", ""),
        ("马三", "m1", "", "一车间", "国王"),
        ("王波", "bob", "", "一车间", ""),
    )
    mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    file = dialog.get_by_label("花名册")
    await file.set_input_files({"name": "人.xlsx", "mimeType": mime, "buffer": wrong})
    await expect(dialog.get_by_role("status")).to_contain_text("2 行有问题，新增 1 人，1 人已有账号，保持不变")
    rows = dialog.locator("tbody tr")
    await expect(rows.nth(0)).to_contain_text("班组：没有这个班组，或不归你排班")
    await expect(rows.nth(1)).to_contain_text("角色：没有这种角色")
    await expect(rows.nth(1)).to_contain_text("用户名：与前面的行重复")
    assert await axe_in_all_looks(root, "dry run") == []
    await page.set_viewport_size(DESK)
    await expect(root.button("添加 1 人")).to_have_count(0)
    await file.set_input_files({"name": "x.csv", "mimeType": "text/csv", "buffer": "这不是,名单\n1,2\n".encode()})
    await expect(dialog.get_by_role("alert")).to_contain_text("没有找到表头")

    good = "姓名,工号,班组\n马一,m1,一车间\n马二,m2,三车间\n".encode("gb18030")
    await file.set_input_files({"name": "人.csv", "mimeType": "text/csv", "buffer": good})
    await expect(dialog.get_by_role("status")).to_have_text("新增 2 人")
    await root.button("添加 2 人").click()
    await expect(page.get_by_role("heading", name="已添加 2 人")).to_be_visible()
    assert await axe_in_all_looks(root, "links") == []
    await page.set_viewport_size(DESK)
    async with page.expect_download() as saved:
        await root.button("保存为表格").click()
    table = await text_of(await saved.value)
    links = [line.rsplit(",", 1)[1] for line in table.splitlines()[1:]]
    assert table.startswith("\ufeff姓名,用户名,班组,链接")
    assert len(links) == 2
    await root.button("我已保存").click()
    await page.get_by_label("查找").fill("马")
    await expect(page.locator("ul.rows").first.get_by_role("listitem")).to_have_count(2)

    ma = await visitor(live_server.address)
    await ma.page.goto(links[0])
    await ma.ready()
    await expect(ma.page.get_by_role("heading", level=1)).to_have_text("欢迎，马一")


async def test_people_are_found_on_the_server_and_read_page_by_page(live_server: LiveServer, visitor: Visitor) -> None:
    team = await live_server.add_team("大车间")
    everybody = "姓名,工号,班组\n" + "".join(f"工人{n:03},w{n:03},大车间\n" for n in range(120))
    files = {"file": ("人.csv", everybody.encode(), "text/csv")}
    await live_server.ask("POST", "/users/import?dry_run=false", files=files)
    root = await visitor(live_server.address, "root")
    page = await root.open(f"/people?team={team}")
    rows = page.locator("ul.rows").first.get_by_role("listitem")
    await expect(rows).to_have_count(50)
    await expect(page.get_by_text("已列出 50 人")).to_be_visible()
    await root.button("显示更多").click()
    await expect(rows).to_have_count(100)
    await root.button("显示更多").click()
    await expect(rows).to_have_count(120)
    await expect(root.button("显示更多")).to_have_count(0)
    await page.get_by_label("查找").fill("工人11")
    await expect(rows).to_have_count(10)
    await page.get_by_role("link", name="工人117").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("工人117")
    await page.go_back()
    await expect(rows).to_have_count(10)
    await expect(page.get_by_label("查找")).to_have_value("工人11")
    await page.get_by_label("查找").fill("没有这个人")
    await expect(page.get_by_text("没有找到这样的成员")).to_be_visible()
    await root.button("清除筛选").click()
    await expect(page).to_have_url(f"{live_server.address}/people")
    await expect(rows).to_have_count(50)


async def test_a_persons_page_shows_their_work_and_moves_them_from_a_date_on(
    live_server: LiveServer, visitor: Visitor
) -> None:
    user_id = await live_server.add_person_about_to_start("nell", "倪娜", live_server.team_id)
    root = await visitor(live_server.address, "root")
    page = await root.open(f"/people?person={user_id}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("倪娜")
    await expect(section(page, "接下来的班次").get_by_role("listitem").first).to_contain_text("nell")
    reminders = section(page, "提醒").get_by_role("listitem")
    await expect(reminders.filter(has_text="上班打卡")).to_have_count(1)
    await expect(reminders.filter(has_text="下班打卡")).to_have_count(1)
    assert await axe_in_all_looks(root, "person") == []
    await page.set_viewport_size(DESK)

    moves = section(page, "班组")
    later = live_server.today + timedelta(days=20)
    own = await live_server.add_shift("一车间夜班", "乙", ("23:00", "07:00"), team_id=live_server.team_id)
    await live_server.plan(user_id, later + timedelta(days=1), own)
    await moves.get_by_label("调到").select_option(label="三车间")
    await moves.get_by_label("从哪天起").fill(later.isoformat())
    await root.button("安排调动").click()
    await expect(moves.get_by_role("listitem")).to_contain_text("起调到「三车间」")
    await expect(moves.get_by_role("listitem")).to_contain_text("原班组的班次将取消：")
    await moves.get_by_label("调到").select_option(label="三车间")
    await root.button("安排调动").click()
    await expect(moves.get_by_role("alert")).to_have_text("这一天已经安排了调动。")
    await moves.get_by_role("button", name="取消").click()
    await expect(page.get_by_text("调动已取消。")).to_be_visible()
    await expect(moves.get_by_role("listitem")).to_have_count(0)
    assert (await live_server.ask("GET", f"/users/{user_id}/moves"))["items"] == []

    await moves.get_by_label("调到").select_option(label="三车间")
    await moves.get_by_label("从哪天起").fill(live_server.today.isoformat())
    await root.button("安排调动").click()
    await expect(moves.get_by_text("目前在「三车间」。")).to_be_visible()
    await expect(page.get_by_text("已取消原班组 1 天的班次。")).to_be_visible()
    assert (await live_server.ask("GET", f"/users/{user_id}"))["team_id"] == live_server.other_team_id


async def test_a_userid_that_cannot_be_found_is_said_with_the_remedy(live_server: LiveServer, visitor: Visitor) -> None:
    user_id = await live_server.add_person("rita", "丽塔", live_server.other_team_id)
    root = await visitor(live_server.address, "root")
    await root.open(f"/people?person={user_id}")
    await expect(root.button("停用")).to_be_visible()
    await expect(root.button("按手机号查询钉钉 userid")).to_have_count(0)
    await live_server.ask("PATCH", f"/users/{user_id}", json={"mobile": "13900005555"})
    await root.open(f"/people?person={user_id}")
    await expect(root.button("停用")).to_be_visible()
    await expect(root.button("按手机号查询钉钉 userid")).to_have_count(0)  # nobody to ask
    config = {"app_key": "ding-for-rita", "app_secret": "secret-of-rita"}
    source = {"name": "考勤", "kind": "dingtalk_attendance", "team_id": live_server.other_team_id, "config": config}
    source_id = (await live_server.ask("POST", "/punch-sources", json=source))["id"]
    await root.open(f"/people?person={user_id}")
    await root.button("按手机号查询钉钉 userid").click()
    await expect(root.page.locator(".toast.problem")).to_be_visible()
    await live_server.ask("DELETE", f"/punch-sources/{source_id}")


async def test_somebody_is_signed_out_kept_out_and_let_in_again(live_server: LiveServer, visitor: Visitor) -> None:
    user_id = await live_server.add_person("omar", "欧玛", live_server.team_id)
    omar = await visitor(live_server.address, "omar")
    await omar.open("/")
    alice = await visitor(live_server.address, "alice")
    await alice.open(f"/people?person={user_id}")
    await alice.button("退出所有设备").click()
    await expect(alice.page.get_by_role("dialog")).to_contain_text("欧玛在每台设备上都需要重新登录。")
    await alice.answer("退出所有设备")
    await expect(alice.page.get_by_text("欧玛的所有设备都已退出。")).to_be_visible()
    await omar.page.get_by_role("link", name="日历").click()
    await expect(omar.page.get_by_role("heading", level=1)).to_have_text("登录")

    await alice.button("停用").click()
    await expect(alice.page.get_by_role("dialog")).to_contain_text("欧玛会从所有设备退出")
    assert await axe_in_all_looks(alice, "deactivating") == []
    await alice.page.set_viewport_size(DESK)
    await alice.answer("停用")
    await expect(alice.page.get_by_text("欧玛已停用。")).to_be_visible()
    await fill_door(omar, "omar", PASSWORD)
    await expect(omar.page.get_by_role("alert")).to_have_text("用户名或密码不对。")
    await alice.open("/people?state=inactive")
    await alice.page.get_by_role("link", name="欧玛").click()
    await alice.button("重新启用").click()
    await expect(alice.button("停用")).to_be_visible()
    await fill_door(omar, "omar", PASSWORD)
    await expect(omar.page.locator("nav.rail")).to_be_visible()

    await alice.button("密码链接").click()
    await expect(alice.page.get_by_role("heading", name="欧玛的密码链接")).to_be_visible()
    link = await alice.page.locator("code.secret").inner_text()
    assert link.startswith(f"{live_server.address}/set-password#")


async def test_a_masked_number_is_never_sent_back(live_server: LiveServer, visitor: Visitor) -> None:
    assert live_server.user_ids is not None
    dora = live_server.user_ids["dora"]
    await live_server.ask("PATCH", f"/users/{dora}", json={"mobile": "13900001234"})
    alice = await visitor(live_server.address, "alice")
    page = await alice.open(f"/people?person={dora}")
    await expect(page.get_by_text("139****1234")).to_be_visible()
    await expect(page.get_by_text("只有管理员能看到完整号码。")).to_be_visible()
    for name in ("修改资料", "停用", "密码链接", "删除", "抹除"):
        await expect(alice.button(name)).to_have_count(0)

    await page.route(f"**/api/v1/users/{live_server.user_ids['bob']}", masked)
    await alice.open(f"/people?person={live_server.user_ids['bob']}")
    await alice.button("修改资料").click()
    await expect(page.get_by_role("dialog").get_by_label("手机号")).to_have_value("138****9999")
    await page.get_by_role("dialog").get_by_label("姓名").fill("王波波")
    async with page.expect_request(lambda request: request.method == "PATCH") as asked:
        await alice.button("保存").click()
    assert (await asked.value).post_data_json == {"display_name": "王波波"}
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await live_server.ask("PATCH", f"/users/{live_server.user_ids['bob']}", json={"display_name": "王波"})


async def masked(route):  # type: ignore[no-untyped-def]
    """As the server would answer somebody who may change a person and not read their number."""
    if route.request.method != "GET":
        await route.continue_()
        return
    answer = await route.fetch()
    await route.fulfill(response=answer, json={**await answer.json(), "mobile": "138****9999"})


async def test_whoever_is_erased_is_typed_by_name_and_forgotten(live_server: LiveServer, visitor: Visitor) -> None:
    user_id = await live_server.add_person("pete", "裴特", live_server.team_id)
    root = await visitor(live_server.address, "root")
    page = await root.open(f"/people?person={user_id}")
    async with page.expect_download() as saved:
        await root.button("导出这个人的数据").click()
    assert "裴特" in await text_of(await saved.value)
    await root.button("抹除").click()
    dialog = page.get_by_role("dialog")
    assert await axe_in_all_looks(root, "erase") == []
    await page.set_viewport_size(DESK)
    really = dialog.get_by_role("button", name="抹除")
    await dialog.get_by_label("输入用户名 pete 确认").fill("bob")
    await expect(really).to_be_disabled()
    await dialog.get_by_label("输入用户名 pete 确认").fill("pete")
    await really.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("成员")
    assert (await live_server.http.get(f"/api/v1/users/{user_id}")).status_code == 404
    await root.open(f"/people?person={user_id}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("找不到这个人")

    alice = await visitor(live_server.address, "alice")
    await alice.open(f"/people?person={(live_server.user_ids or {})['bob']}")
    await expect(alice.button("删除")).to_be_visible()
    for name in ("抹除", "导出这个人的数据", "关闭两步验证"):
        await expect(alice.button(name)).to_have_count(0)
    gone = await live_server.add_person("quin", "昆恩", live_server.team_id)
    await alice.open(f"/people?person={gone}")
    await alice.button("删除").click()
    await alice.page.get_by_role("dialog").get_by_role("button", name="删除", exact=True).click()
    await expect(alice.page.get_by_text("昆恩已删除。")).to_be_visible()
    await expect(alice.page.get_by_role("link", name="昆恩")).to_have_count(0)


async def test_an_administrator_lets_a_planner_plan_another_team(live_server: LiveServer, visitor: Visitor) -> None:
    team = await live_server.add_team("四车间")
    root = await visitor(live_server.address, "root")
    page = await root.open("/people")
    await page.get_by_role("button", name="四车间").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("李爱丽").check()
    assert await axe_in_all_looks(root, "planners") == []
    await page.set_viewport_size(DESK)
    await root.button("保存").click()
    await expect(dialog).to_have_count(0)
    planners = (await live_server.ask("GET", f"/teams/{team}/planners"))["items"]
    assert [each["display_name"] for each in planners] == ["李爱丽"]
    alice = await visitor(live_server.address, "alice")
    await alice.open("/people")
    await alice.page.get_by_role("button", name="四车间").click()
    await expect(alice.page.get_by_role("dialog").get_by_text("李爱丽")).to_be_visible()
    await expect(alice.page.get_by_role("dialog").get_by_role("checkbox")).to_have_count(0)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_page_is_clean_for_a_person_with_a_very_long_name(
    live_server: LiveServer, visitor: Visitor, language: str
) -> None:
    long = "阿卜杜热合曼·买买提艾力·Wolfeschlegelsteinhausenbergerdorff" if language == "zh" else "W" * 80
    user_id = await live_server.add_person(f"long-{language}", long, live_server.team_id)
    await live_server.ask(
        "PATCH", f"/users/{user_id}", json={"mobile": "+86 138 0000 0000", "dingtalk_userid": f"{user_id:u>64}"}
    )
    root = await visitor(live_server.address, language=language)
    await root.sign_in("root", PASSWORD)
    await root.open(f"/people?person={user_id}")
    assert await axe_in_all_looks(root, "long name") == []
    await root.open(f"/people?q=long-{language}")
    assert await axe_in_all_looks(root, "long name in the list") == []


async def test_on_a_desk_the_teams_stand_beside_the_people(live_server: LiveServer, visitor: Visitor) -> None:
    root = await visitor(live_server.address, "root")
    page = await root.open("/people")
    people = await page.get_by_role("link", name="王波").bounding_box()
    team = await page.get_by_role("button", name="一车间").bounding_box()
    assert people
    assert team
    assert people["x"] + people["width"] <= team["x"]
    assert await axe_in_all_looks(root, "/people") == []
