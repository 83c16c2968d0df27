"""Who changed what: read, filtered and exported by administrators, by nobody else."""

import csv
from io import StringIO

import pytest
from playwright.async_api import expect

from e2e.live_server import LiveServer
from e2e.server import PASSWORD
from e2e.test_pages import axe_in_all_looks
from e2e.visit import DESK, Visitor, text_of


async def test_a_change_is_a_sentence_and_opens_to_before_and_after(live_server: LiveServer, visitor: Visitor) -> None:
    rosalie = await live_server.add_person("rosalie", "罗莎", live_server.team_id)
    change = {"display_name": "罗莎莎", "mobile": "13800001234", "team_id": live_server.other_team_id}
    await live_server.ask("PATCH", f"/users/{rosalie}", json=change)
    root = await visitor(live_server.address, "root")
    page = await root.open("/audit")
    line = page.get_by_role("button", name="罗特修改了成员「罗莎莎」")
    await expect(line).to_have_attribute("aria-expanded", "false")
    await line.click()
    table = page.get_by_role("table", name="改了什么")
    for field, before, after in (
        ("姓名", "罗莎", "罗莎莎"),
        ("手机号", "空", "138****1234"),
        ("班组", "一车间", "三车间"),
    ):
        row = table.get_by_role("row").filter(has_text=field)
        assert await row.get_by_role("cell").all_inner_texts() == [before, after]
    await expect(page.get_by_text("来自 127.0.0.1")).to_be_visible()
    assert "13800001234" not in await page.content()
    await line.click()
    await expect(table).to_have_count(0)


async def test_it_is_filtered_by_words_kind_person_and_date_and_exported_as_filtered(
    live_server: LiveServer, visitor: Visitor
) -> None:
    samuel = await live_server.add_person("samuel", "山姆", live_server.team_id)
    for n in range(60):
        await live_server.ask("PATCH", f"/users/{samuel}", json={"display_name": f"山姆{n}"})
    await visitor(live_server.address, "samuel")
    root = await visitor(live_server.address, "root")
    page = await root.open("/audit")
    lines = page.locator(".audit-line")
    await page.get_by_label("查找").fill("山姆")
    await expect(lines.filter(has_not_text="山姆")).to_have_count(0)
    await expect(lines).to_have_count(50)
    await root.button("查看更早的").click()
    await expect(lines).to_have_count(62)
    await page.get_by_label("对象").select_option(label="登录")
    await expect(lines).to_have_count(1)
    await expect(lines).to_contain_text("「山姆59」登录")
    await page.get_by_label("操作者").select_option(label="李爱丽")
    await expect(page.get_by_text("没有符合的记录")).to_be_visible()
    await root.button("清除筛选").click()
    await expect(lines).to_have_count(50)
    await expect(page.get_by_label("查找")).to_have_value("")

    await page.get_by_label("到").fill("2020-01-01")
    await expect(page.get_by_text("没有符合的记录")).to_be_visible()
    await page.get_by_label("到").fill(live_server.today.isoformat())
    await page.get_by_label("从").fill(live_server.today.isoformat())
    await expect(lines).to_have_count(50)

    await page.get_by_label("查找").fill("山姆7")
    await page.get_by_label("对象").select_option(label="成员")
    await expect(lines).to_have_count(1)
    await page.reload()
    await root.ready()
    await expect(lines).to_have_count(1)
    async with page.expect_download() as saved:
        await root.button("导出 CSV").click()
    download = await saved.value
    assert download.suggested_filename == "daka-audit.csv"
    rows = list(csv.DictReader(StringIO((await text_of(download)).removeprefix("\ufeff"))))
    assert [row["subject_name"] for row in rows] == ["山姆7"]


async def test_a_persons_page_leads_to_what_was_changed_about_them(live_server: LiveServer, visitor: Visitor) -> None:
    tessa = await live_server.add_person("tessa", "苔丝", live_server.team_id)
    root = await visitor(live_server.address, "root")
    page = await root.open(f"/people?person={tessa}")
    await page.get_by_role("link", name="变更记录").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("变更")
    await expect(page.locator(".audit-line")).to_have_count(1)
    await expect(page.locator(".audit-line")).to_contain_text("罗特添加了成员「苔丝」")


async def test_it_is_for_administrators_only(live_server: LiveServer, visitor: Visitor) -> None:
    alice = await visitor(live_server.address, "alice")
    await alice.open("/")
    await expect(alice.page.locator("nav.rail").get_by_role("link", name="变更")).to_have_count(0)
    page = await alice.open("/audit")
    await expect(page.get_by_role("heading", level=1)).to_have_text("没有这个页面")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_it_is_clean_in_every_look(live_server: LiveServer, visitor: Visitor, language: str) -> None:
    await live_server.ask(
        "PATCH", f"/teams/{live_server.other_team_id}", json={"name": f"三车间 {language} {'长' * 60}"}
    )
    await live_server.ask("PATCH", f"/teams/{live_server.other_team_id}", json={"name": "三车间"})
    root = await visitor(live_server.address, language=language)
    await root.sign_in("root", PASSWORD)
    page = await root.open("/audit?kind=team")
    await page.locator(".audit-line").first.click()
    await expect(page.get_by_role("table")).to_be_visible()
    assert await axe_in_all_looks(root, "audit") == []
    await page.set_viewport_size(DESK)
    await root.open("/audit?q=nobody-has-this-name")
    assert await axe_in_all_looks(root, "audit, nothing found") == []


async def test_on_a_desk_what_is_open_stands_beside_its_list(live_server: LiveServer, visitor: Visitor) -> None:
    assert live_server.shift_ids is not None
    user_id = await live_server.add_person("pan", "小潘", live_server.team_id)
    await live_server.plan(user_id, live_server.today, live_server.shift_ids["早"])
    root = await visitor(live_server.address, "root")
    page = await root.open("/audit")
    line = page.get_by_role("button", name="修改了排班 小潘")
    await expect(line).to_contain_text("空 → 早班")
    await line.click()
    detail = page.locator(".detail")
    row = detail.get_by_role("row").filter(has_text="小潘 ")
    assert await row.get_by_role("cell").all_inner_texts() == ["空", "早班"]
    left, right = await line.bounding_box(), await detail.bounding_box()
    assert left
    assert right
    assert left["x"] + left["width"] <= right["x"]
    assert right["y"] == 0
    assert await axe_in_all_looks(root, "/audit with an entry") == []
