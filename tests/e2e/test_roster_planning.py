"""Planning whole weeks and months: patterns, copies, files, holidays, the report, the sheet for the wall."""

import asyncio
import io
import re
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.async_api import Download, Locator, Page, expect

from e2e.live_server import LiveServer
from e2e.server import PASSWORD
from e2e.visit import OF_COLOUR, PHONE, Visit, Visitor

MENU = {"zh": "排班工具", "en": "Plan"}
DIALOGS = {
    "建议排班": "Shift proposal",
    "按规律排班": "Fill with a pattern",
    "复制一周或一个月": "Copy a week or month",
    "每班人数": "People needed per shift",
    "草稿与发布": "Draft and publish",
    "成员顺序": "Order of people",
    "月报与公平": "Monthly report",
    "打印或存为图片": "Print or save as image",
    "节假日与调休": "Holidays and make-up days",
    "导入文件": "Import a file",
    "导出文件": "Export a file",
    "日历订阅地址": "Calendar addresses",
}
MARCH = date(2027, 3, 1)
"""A Monday in a month that no other test plans."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
async def crew(live_server: LiveServer) -> tuple[int, list[int]]:
    """A team of its own with two people, so that no other test is in the way; its planner is root."""
    teams = {team["name"] for team in (await live_server.ask("GET", "/teams"))["items"]}
    name = next(f"计划组{index}" for index in range(100) if f"计划组{index}" not in teams)
    team_id = await live_server.add_team(name)
    ids = [await live_server.add_person(f"{name}{index}", f"{name}员{index}", team_id) for index in (1, 2)]
    return team_id, ids


async def opened(visit: Visit, dialog: str, query: str = "", language: str = "zh") -> Locator:
    """The roster with a dialog of the menu open."""
    await visit.open(f"/roster{query}")
    return await chosen(visit, dialog, language)


async def chosen(visit: Visit, dialog: str, language: str = "zh") -> Locator:
    """The same on the roster that is open."""
    await visit.button(MENU[language]).click()
    name = dialog if language == "zh" else DIALOGS[dialog]
    await visit.page.get_by_role("menuitem", name=name, exact=True).click()
    found = visit.page.get_by_role("dialog", name=name)
    await expect(found).to_be_visible()
    await expect(found.locator(".loading")).to_have_count(0)
    return found


async def month_of(live_server: LiveServer, team_id: int, first: date) -> dict[int, list[int | None]]:
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    asked = {"from": first.isoformat(), "to": last.isoformat(), "team_id": team_id}
    roster = await live_server.ask("GET", "/roster", params=asked)
    return {user["id"]: user["shift_ids"] for user in roster["users"]}


async def bytes_of(download: Download) -> bytes:
    return await asyncio.to_thread(Path(await download.path()).read_bytes)


def written(visit: Visit, path: str) -> Any:
    """The next answer to a change at this address."""
    return visit.page.expect_response(lambda answer: answer.request.method != "GET" and f"/roster/{path}" in answer.url)


async def test_a_pattern_is_seen_before_it_is_laid_and_can_be_taken_back(
    live_server: LiveServer, visitor: Visitor, crew: tuple[int, list[int]]
) -> None:
    team_id, (one, two) = crew
    assert live_server.shift_ids
    early, rest = live_server.shift_ids["早"], live_server.shift_ids["休"]
    root = await visitor(live_server.address, "root")
    dialog = await opened(root, "按规律排班", f"?day={MARCH}&team={team_id}")

    await dialog.get_by_label("规律", exact=True).select_option(label="上四休二 · 班班班班休休")
    await dialog.get_by_label("从", exact=True).fill("2027-03-01")
    await dialog.get_by_label("到", exact=True).fill("2027-03-12")
    await dialog.get_by_role("spinbutton").nth(1).fill("4")
    await expect(dialog.get_by_text("新排 24 格")).to_be_visible()
    await expect(dialog.locator("tbody tr").first.locator("td.new")).to_have_text(list("早早早早休休早早早早休休"))
    await expect(dialog.locator("tbody tr").nth(1).locator("td.new")).to_have_text(list("休休早早早早休休早早早早"))
    assert set((await month_of(live_server, team_id, MARCH))[one]) == {None}, "a preview changes nothing"

    async with written(root, "fill") as answer:
        await dialog.get_by_role("button", name="应用").click()
    assert (await answer.value).ok
    planned = await month_of(live_server, team_id, MARCH)
    assert planned[one][:12] == [early, early, early, early, rest, rest] * 2
    assert planned[two][:6] == [rest, rest, early, early, early, early]
    await expect(root.page.get_by_role("dialog")).to_have_count(0)

    async with written(root, "actions"):
        await root.page.locator(".toast").get_by_role("button", name="撤销").click()
    assert set((await month_of(live_server, team_id, MARCH))[one]) == {None}


async def test_an_own_cycle_is_made_by_keyboard_kept_by_name_and_laid_over_whoever_is_ticked(
    live_server: LiveServer, visitor: Visitor, crew: tuple[int, list[int]]
) -> None:
    team_id, (one, two) = crew
    assert live_server.shift_ids
    root = await visitor(live_server.address, "root")
    dialog = await opened(root, "按规律排班", f"?day={MARCH}&team={team_id}")
    await dialog.get_by_label("规律", exact=True).select_option(label="自定义")
    for name in ("夜班", "夜班", "不排班"):
        await dialog.locator(".cycle").get_by_role("button", name=name, exact=True).press("Enter")
    await dialog.get_by_role("button", name="第 2 天：夜班").press("Enter")
    await dialog.locator(".cycle").get_by_role("button", name="早班", exact=True).press("Enter")
    await expect(dialog.get_by_role("button", name="第 2 天：早班")).to_be_visible()

    await dialog.get_by_text("保存为自己的规律").click()
    await dialog.get_by_label("名称", exact=True).fill(f"夜早空 {team_id}")
    async with written(root, "patterns") as answer:
        await dialog.get_by_role("button", name="另存为", exact=True).click()
    assert (await answer.value).status == 201
    assert await root.axe(within="dialog[open]") == []

    await dialog.get_by_role("checkbox", name="员2").uncheck()
    await dialog.get_by_label("到", exact=True).fill("2027-03-04")
    await expect(dialog.get_by_text("新排 3 格")).to_be_visible()
    async with written(root, "fill"):
        await dialog.get_by_role("button", name="应用").click()
    planned = await month_of(live_server, team_id, MARCH)
    night, early = live_server.shift_ids["夜"], live_server.shift_ids["早"]
    assert planned[one][:4] == [night, early, None, night]
    assert set(planned[two]) == {None}

    again = await opened(root, "按规律排班", f"?day={MARCH}&team={team_id}")
    await expect(again.get_by_label("规律", exact=True)).to_contain_text(f"夜早空 {team_id}")


async def test_whoever_lays_a_pattern_after_somebody_else_changed_a_cell_looks_again_first(
    live_server: LiveServer, visitor: Visitor, crew: tuple[int, list[int]]
) -> None:
    team_id, (one, _) = crew
    assert live_server.shift_ids
    root = await visitor(live_server.address, "root")
    await root.page.route("**/api/v1/events*", lambda route: route.abort())  # the news does not arrive in time
    dialog = await opened(root, "按规律排班", f"?day={MARCH}&team={team_id}")
    await expect(dialog.get_by_role("button", name="应用")).to_be_enabled()
    await live_server.plan(one, MARCH, live_server.shift_ids["夜"])
    async with written(root, "fill") as answer:
        await dialog.get_by_role("button", name="应用").click()
    assert (await answer.value).status == 409
    await expect(root.page.locator(".toast.problem")).to_contain_text("预览已更新")
    await expect(dialog.get_by_text("已排的 1 格不变")).to_be_visible()
    planned = await month_of(live_server, team_id, MARCH)
    assert [shift for shift in planned[one] if shift] == [live_server.shift_ids["夜"]]


async def test_a_month_is_copied_by_weekday_onto_the_next(
    live_server: LiveServer, visitor: Visitor, crew: tuple[int, list[int]]
) -> None:
    team_id, (one, two) = crew
    assert live_server.shift_ids
    early, night = live_server.shift_ids["早"], live_server.shift_ids["夜"]
    cycle = {"cycle": [early] * 5 + [None, None], "user_ids": [one, two], "from": "2027-03-01", "to": "2027-03-31"}
    await live_server.ask("POST", "/roster/fill", json=cycle)
    await live_server.plan(two, date(2027, 4, 1), night)
    root = await visitor(live_server.address, "root")
    dialog = await opened(root, "复制一周或一个月", f"?day={MARCH}&team={team_id}")
    await expect(dialog.get_by_label("到", exact=True)).to_have_value("2027-04")
    await expect(dialog.get_by_text("已排的 1 格不变")).to_be_visible()
    async with written(root, "copy"):
        await dialog.get_by_role("button", name="应用").click()
    april = await month_of(live_server, team_id, date(2027, 4, 1))
    for index, shift in enumerate(april[one]):
        assert shift == (early if (date(2027, 4, 1) + timedelta(days=index)).weekday() < 5 else None), index + 1
    assert april[two][0] == night


async def test_needs_are_set_per_shift_and_sort_of_day_and_the_report_compares(
    live_server: LiveServer, visitor: Visitor, crew: tuple[int, list[int]]
) -> None:
    team_id, (one, two) = crew
    assert live_server.shift_ids
    night = live_server.shift_ids["夜"]
    root = await visitor(live_server.address, "root")
    dialog = await opened(root, "每班人数", f"?day={MARCH}&team={team_id}")
    await dialog.get_by_label("夜班，每天").fill("1")
    await dialog.get_by_label("夜班，周一").fill("2")
    async with written(root, "coverage"):
        await dialog.get_by_role("button", name="保存").click()
    needs = (await live_server.ask("GET", "/roster/coverage", params={"team_id": team_id}))["needs"]
    assert [(need["shift_id"], need["day"], need["people"]) for need in needs] == [(night, "any", 1), (night, "mon", 2)]

    for day in (1, 2, 3):
        await live_server.plan(one, date(2027, 3, day), night)
    await live_server.plan(one, date(2027, 3, 4), live_server.shift_ids["早"])
    await live_server.plan(two, date(2027, 3, 1), night)
    report = await opened(root, "月报与公平", f"?day={MARCH}&team={team_id}")
    name = f"{await report.locator('tbody th').first.text_content()}"
    assert name.endswith("员1"), "most hours first"
    row = report.locator("tbody tr").first
    await expect(row.locator("td").nth(1)).to_have_text("3+1")  # nights, and the way from the median of 2
    await expect(report.get_by_text("夜班之后紧接早班，中间只有 2 小时")).to_be_visible()
    short = report.locator("section", has=root.page.get_by_role("heading", name="人手不够"))
    await expect(short).not_to_contain_text("3月1日")
    await expect(short).to_contain_text("3月8日 夜班：排了 0 人，需要 2 人")
    await report.get_by_role("button", name="成员").click()
    await expect(report.get_by_role("columnheader", name="成员")).to_have_attribute("aria-sort", "ascending")
    async with root.page.expect_download() as sent:
        await report.get_by_role("button", name="导出 XLSX").click()
    sheet = openpyxl.load_workbook(io.BytesIO(await bytes_of(await sent.value))).active
    assert sheet is not None
    rows = [[str(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    assert rows[0][-2:] == ["早 早班", "夜 夜班"]
    assert [(row[0][-2:], row[-2:]) for row in rows[1:]] == [("员1", ["1", "3"]), ("员2", ["0", "1"])]


def messy_workbook(team: str) -> bytes:
    """What people really send: a title over merged cells, bare day numbers, weekdays below, odd widths, words that
    nobody knows, a total and blank rows at the end."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "三月"
    sheet.append([f"{team} ２０２７年３月排班表"])
    sheet.merge_cells("A1:H1")
    sheet.append(["姓名", *range(1, 8)])
    sheet.append([None, *"一二三四五六日"])
    sheet.append([f"{team}　员1", "早", "早", "Ｔ", "夜", None, "OFF", "休"])
    sheet.append(["小二", "夜", "夜", "早班", "?", None, None, None])
    sheet.append(["新来的", "早", None, None, None, None, None, None])
    sheet.append(["合计", 3, 2, 2, 2, 0, 1, 1])
    for _ in range(5):
        sheet.append([None])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def give(page: Page, name: str, body: bytes, kind: str = XLSX) -> None:
    await (
        page.get_by_role("dialog")
        .locator("input[type=file]")
        .set_input_files([{"name": name, "mimeType": kind, "buffer": body}])
    )


async def test_a_messy_workbook_is_looked_at_mapped_and_then_taken_whole(
    live_server: LiveServer, visitor: Visitor, crew: tuple[int, list[int]]
) -> None:
    team_id, (one, two) = crew
    assert live_server.shift_ids
    teams = (await live_server.ask("GET", "/teams"))["items"]
    team = next(str(each["name"]) for each in teams if each["id"] == team_id)
    root = await visitor(live_server.address, "root")
    dialog = await opened(root, "导入文件", f"?day={MARCH}&team={team_id}")
    await give(root.page, "排班.xlsx", messy_workbook(team))
    await expect(dialog.get_by_text("处问题。尚未写入")).to_be_visible()
    await expect(dialog.get_by_role("heading", name="未识别的人（2）")).to_be_visible()
    await expect(
        dialog.get_by_role("heading", name="未识别的班次（1）")
    ).to_be_visible()  # 小二's are not looked at yet
    write = dialog.get_by_role("button", name="导入 ")
    await expect(write).to_be_disabled()

    await dialog.get_by_label("「小二」是").select_option(label=f"{team}员2")
    await dialog.get_by_label("「新来的」是").select_option(label="新成员")
    await dialog.get_by_label("「T」是").select_option(label="新班次")
    await dialog.get_by_label("代号").fill(f"T{team_id % 100}")
    await dialog.get_by_label("上班").fill("10:00")
    await dialog.get_by_label("下班").fill("16:00")
    await dialog.get_by_role("button", name="重新检查").click()
    await expect(dialog.get_by_role("heading", name="未识别的班次（2）")).to_be_visible()  # now 小二's "?"
    await dialog.get_by_label("「?」是").select_option(label="这些格子不变")
    await dialog.get_by_role("button", name="重新检查").click()
    await expect(dialog.get_by_text("没有问题。尚未写入。")).to_be_visible()
    await expect(dialog.get_by_text("将添加成员：新来的")).to_be_visible()
    assert set((await month_of(live_server, team_id, MARCH))[one]) == {None}

    async with written(root, "import") as answer:
        await write.click()
    assert (await (await answer.value).json())["status"] == "done"
    await expect(root.page.get_by_role("dialog")).to_have_count(0)
    planned = await month_of(live_server, team_id, MARCH)
    early, night, rest = (live_server.shift_ids[code] for code in "早夜休")
    made = next(
        shift["id"]
        for shift in (await live_server.ask("GET", "/shifts", params={"team_id": team_id}))["items"]
        if shift["code"] == f"T{team_id % 100}"
    )
    assert planned[one][:7] == [early, early, made, night, None, rest, rest]
    assert planned[two][:4] == [night, night, early, None]
    assert len(planned) == 3, "the new one is there"
    assert early in next(cells for user, cells in planned.items() if user not in (one, two))

    # The next month's file speaks the same words: they are understood, and it is seen that they were.
    dialog = await opened(root, "导入文件", f"?day={MARCH}&team={team_id}")
    await give(root.page, "排班.xlsx", messy_workbook(team))
    # Each word that is understood brings another round, and each round a process that reads the file.
    await expect(dialog.get_by_text("没有问题。尚未写入。")).to_be_visible(timeout=30_000)
    await expect(dialog.get_by_text("有 2 个词沿用了上次导入时的选择")).to_be_visible()
    await expect(dialog.get_by_label("「小二」是").locator("option:checked")).to_have_text(f"{team}员2")
    await expect(dialog.get_by_text("与上次相同")).to_have_count(2)
    assert await root.axe() == []
    await dialog.get_by_label("「小二」是").select_option(label="不导入这个人")
    await expect(dialog.get_by_text("与上次相同")).to_have_count(1)
    await dialog.get_by_role("button", name="忘记「?」").click()
    await expect(dialog.get_by_text("与上次相同")).to_have_count(0)
    await dialog.get_by_role("button", name="全部忘记").click()
    await expect(dialog.get_by_role("button", name="全部忘记")).to_have_count(0)
    await give(root.page, "排班.xlsx", messy_workbook(team))
    await expect(dialog.get_by_role("heading", name="未识别的人（1）")).to_be_visible()
    assert (await live_server.ask("GET", "/roster/import/words", params={"team_id": team_id}))["items"] == []


async def test_an_import_that_the_sessions_end_interrupts_goes_on_after_it_and_a_closed_one_does_not(
    live_server: LiveServer, visitor: Visitor, crew: tuple[int, list[int]]
) -> None:
    team_id, _ = crew
    teams = (await live_server.ask("GET", "/teams"))["items"]
    team = next(str(each["name"]) for each in teams if each["id"] == team_id)
    root = await visitor(live_server.address, "root")
    dialog = await opened(root, "导入文件", f"?day={MARCH}&team={team_id}")
    book = openpyxl.Workbook()
    for row in (["师傅", "姓名", MARCH], [f"{team}员2", f"{team}员1", "早"], [f"{team}员2", "小二", "早"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    await give(root.page, "三月.xlsx", out.getvalue())
    await dialog.get_by_label("「小二」是").select_option(label="不导入这个人")
    await dialog.get_by_label("不读「师傅」列").check()

    await root.context.clear_cookies()
    refusal = {"status": 401, "json": {"code": "token_revoked"}}
    await root.page.route("**/api/v1/roster/import*", lambda route: route.fulfill(**refusal))
    await dialog.get_by_role("button", name="重新检查").click()
    await expect(root.page.get_by_role("heading", level=1)).to_have_text("登录")
    await root.page.unroute("**/api/v1/roster/import*")
    await root.page.locator("input[name=username]").fill("root")
    await root.page.locator("input[name=password]").fill(PASSWORD)
    await root.page.locator("button[type=submit]").click()
    await root.ready()

    dialog = await chosen(root, "导入文件")
    await expect(dialog.get_by_text("接着上次没导入完的「三月.xlsx」")).to_be_visible()
    await expect(dialog.get_by_text("没有问题。尚未写入。")).to_be_visible()
    await expect(dialog.get_by_label("「小二」是").locator("option:checked")).to_have_text("不导入这个人")
    await expect(dialog.get_by_label("不读「师傅」列")).to_be_checked()
    assert await root.axe() == []

    async with root.page.expect_event("dialog") as asked:  # nor is it lost by a reload
        root.page.once("dialog", lambda question: question.dismiss())
        await root.page.evaluate("setTimeout(() => location.reload())")
    assert (await asked.value).type == "beforeunload"
    await expect(dialog.get_by_label("不读「师傅」列")).to_be_checked()
    await dialog.get_by_role("button", name="取消").click()
    await root.page.reload()  # nothing is asked, or this would wait
    await root.ready()
    dialog = await chosen(root, "导入文件")
    await expect(dialog.get_by_text("接着上次没导入完的")).to_have_count(0)


async def test_what_is_undone_already_is_not_offered_to_be_undone(
    live_server: LiveServer, visitor: Visitor, crew: tuple[int, list[int]]
) -> None:
    team_id, (one, _) = crew
    teams = (await live_server.ask("GET", "/teams"))["items"]
    team = next(str(each["name"]) for each in teams if each["id"] == team_id)
    assert live_server.shift_ids
    root = await visitor(live_server.address, "root")
    query = f"?day={MARCH}&team={team_id}"
    offer = root.page.locator(".toast").get_by_role("button", name="撤销")

    async def imported(code: str) -> None:
        dialog = await opened(root, "导入文件", query)
        await give(root.page, "三月.csv", f"姓名,{MARCH}\n{team}员1,{code}\n".encode())
        await dialog.get_by_role("button", name="导入 1 格").click()
        await expect(offer).to_be_visible()
        assert (await month_of(live_server, team_id, MARCH))[one][0] == live_server.shift_ids[code]

    await imported("早")
    async with written(root, "actions"):
        await root.page.keyboard.press("Control+z")
    await expect(root.page.locator(".toast").get_by_text("已撤销：导入")).to_be_visible()
    await expect(offer).to_have_count(0)
    assert (await month_of(live_server, team_id, MARCH))[one][0] is None

    await imported("夜")
    elsewhere = await visitor(live_server.address, "root")  # another tab, or another computer
    await elsewhere.open(f"/roster{query}")
    async with written(elsewhere, "actions"):
        await elsewhere.button("撤销").click()
    await expect(offer).to_have_count(0)

    await imported("早")
    await root.page.evaluate("document.querySelector('a[href=\"/settings\"]').click()")
    await expect(offer).to_be_visible()
    await root.button("退出登录").click()
    await expect(root.page.get_by_role("heading", level=1)).to_have_text("登录")
    await expect(offer).to_have_count(0)


async def test_the_month_that_would_be_is_drawn_what_is_missing_made_by_one_press_and_all_of_it_undone(
    live_server: LiveServer, visitor: Visitor, crew: tuple[int, list[int]]
) -> None:
    team_id, (one, two) = crew
    assert live_server.shift_ids
    early, night = live_server.shift_ids["早"], live_server.shift_ids["夜"]
    teams = (await live_server.ask("GET", "/teams"))["items"]
    team = next(str(each["name"]) for each in teams if each["id"] == team_id)
    await live_server.plan(one, MARCH, night)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    code = f"大{team_id % 1000}"
    sheet.append(["姓名", *(f"2027-03-{day:02}" for day in range(1, 32))])
    sheet.append([f"{team}员1", "早", "早", code, *["休"] * 28])
    sheet.append([f"新人{team_id}", code, "夜", "夜"])
    sheet.append([f"{team}员2", "早", "夜"])
    sheet.append([f"{team}员2", "早"])
    sheet.append([])
    sheet.append([f"{code}=大夜班{team_id} 0:00-8:00"])
    body = io.BytesIO()
    book.save(body)
    root = await visitor(live_server.address, "root")
    dialog = await opened(root, "导入文件", f"?day={MARCH}&team={team_id}")
    await give(root.page, "三月.xlsx", body.getvalue())

    first = dialog.locator(".import-drawn tbody tr").first
    await expect(first.locator("td.moved")).to_have_text("夜→早")
    await expect(first.locator("td.wrong")).to_have_text(code)
    said = dialog.locator(".import-told")
    await dialog.locator(".import-problems").get_by_role("button", name="A5").click()
    await expect(said).to_contain_text("在表里有两行，第")
    await expect(dialog.locator("[data-is-place]")).to_be_in_viewport()
    await first.locator("td.moved").click()
    await expect(said).to_contain_text(f"{team}员1 3月1日：夜班 → 早班")
    assert await root.axe() == []

    await dialog.get_by_role("button", name="全部新建").click()
    await expect(dialog.get_by_text(f"将添加成员：新人{team_id}")).to_be_visible()
    await expect(first.locator("td.wrong")).to_have_count(0)
    await expect(dialog.get_by_label("上班")).to_have_value("00:00")
    await expect(dialog.get_by_label("下班")).to_have_value("08:00")
    await dialog.get_by_role("checkbox", name="跳过有问题的行").check()
    async with written(root, "import"):
        await dialog.get_by_role("button", name="重新检查").click()
    async with written(root, "import") as answer:
        await dialog.get_by_role("button", name="导入 ").click()
    assert (await (await answer.value).json())["status"] == "done"
    shifts = (await live_server.ask("GET", "/shifts", params={"team_id": team_id}))["items"]
    made = next(shift for shift in shifts if shift["code"] == code)
    assert [(period["start"], period["end"]) for period in made["periods"]] == [("00:00", "08:00")]
    planned = await month_of(live_server, team_id, MARCH)
    assert planned[one][:3] == [early, early, made["id"]]
    assert [made["id"], night, night] in [cells[:3] for cells in planned.values()]

    await live_server.plan(two, MARCH, night)  # somebody changes a cell of it
    async with written(root, "actions"):
        await root.page.locator(".toast").get_by_role("button", name="撤销").click()
    await root.page.get_by_role("button", name="保留").click()
    planned = await month_of(live_server, team_id, MARCH)
    assert (planned[one][:3], planned[two][:2]) == ([night, None, None], [night, None])


async def test_a_large_file_shows_its_progress_and_stops_when_asked(
    live_server: LiveServer, visitor: Visitor, crew: tuple[int, list[int]]
) -> None:
    team_id, (one, _) = crew
    teams = (await live_server.ask("GET", "/teams"))["items"]
    team = next(str(each["name"]) for each in teams if each["id"] == team_id)
    lines = ["姓名,日期,班次"]
    lines += [f"{team}员1,{MARCH + timedelta(days=index % 28)},早" for index in range(28)]
    lines += [f"没有的人{index},2027-03-01,早" for index in range(60_000)]
    root = await visitor(live_server.address, "root")
    dialog = await opened(root, "导入文件", f"?day={MARCH}&team={team_id}")
    async with written(root, "import") as answer:
        await give(root.page, "大.csv", "\n".join(lines).encode(), "text/csv")
    assert (await answer.value).status == 202
    await expect(dialog.locator("progress")).to_be_visible()
    await dialog.get_by_role("button", name="停止").click()
    await expect(root.page.locator(".toast")).to_contain_text("没有写入")
    await expect(dialog.locator("progress")).to_have_count(0)
    assert set((await month_of(live_server, team_id, MARCH))[one]) == {None}


async def test_what_cannot_be_read_is_said_in_words(live_server: LiveServer, visitor: Visitor, tmp_path: Path) -> None:
    root = await visitor(live_server.address, "root")
    dialog = await opened(root, "导入文件")
    sent = []
    root.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    large = tmp_path / "50MB.xlsx"
    with large.open("wb") as hollow:
        hollow.truncate(50_000_000)
    await dialog.locator("input[type=file]").set_input_files(large)
    await expect(dialog.get_by_text("文件超过 10 MB")).to_be_visible()
    assert sent == [], "refused before it travels"
    await give(root.page, "旧.xls", b"\xd0\xcf\x11\xe0" + b"x" * 600)
    await expect(dialog.get_by_text("加了密码，或已损坏")).to_be_visible()

    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 130_000_000)
    await give(root.page, "bomb.xlsx", bomb.getvalue())
    await expect(dialog.get_by_text("文件解压后太大，没有读")).to_be_visible()


async def test_the_roster_leaves_as_files_that_the_import_reads_back(
    live_server: LiveServer, visitor: Visitor, crew: tuple[int, list[int]]
) -> None:
    team_id, (one, two) = crew
    assert live_server.shift_ids
    early = live_server.shift_ids["早"]
    await live_server.plan(one, MARCH, early)
    root = await visitor(live_server.address, "root")
    dialog = await opened(root, "导出文件", f"?day={MARCH}&team={team_id}")
    bodies = {}
    for choice in ("Excel，一人一行", "Excel，一班一行", "CSV，一人一行", "CSV，一班一行", "JSON"):
        await dialog.get_by_role("radio", name=choice).check()
        async with root.page.expect_download() as saved:
            await dialog.get_by_role("button", name="导出", exact=True).click()
        download = await saved.value
        bodies[download.suggested_filename, choice] = await bytes_of(download)
    assert {name.rsplit(".", 1)[1] for name, _ in bodies} == {"xlsx", "csv", "json"}
    assert len(set(bodies.values())) == 5
    async with root.page.expect_download() as saved:
        await dialog.get_by_role("button", name="的空白模板").click()
    assert (await saved.value).suggested_filename == "roster-template-2027-04.xlsx"

    await live_server.plan(one, MARCH, None)
    [wide] = [body for (_, choice), body in bodies.items() if choice == "Excel，一人一行"]
    dialog = await opened(root, "导入文件", f"?day={MARCH}&team={team_id}")
    await give(root.page, "back.xlsx", wide)
    await expect(dialog.get_by_text("没有问题")).to_be_visible()
    async with written(root, "import"):
        await dialog.get_by_role("button", name="导入 1 格").click()
    assert (await month_of(live_server, team_id, MARCH))[one][0] == early
    assert set((await month_of(live_server, team_id, MARCH))[two]) == {None}


async def test_a_day_is_set_by_hand_and_taken_back_and_a_file_ends_a_provisional_year(
    live_server: LiveServer, visitor: Visitor
) -> None:
    root = await visitor(live_server.address, "root")
    page = root.page
    dialog = await opened(root, "节假日与调休", "?day=2026-10-01")
    await expect(dialog.get_by_text("放假 33 天")).to_be_visible()
    await expect(dialog.get_by_text("调休上班 6 天")).to_be_visible()
    day = dialog.get_by_role("button", name="2026年12月25日")
    await day.focus()
    await day.press("Enter")
    await dialog.get_by_role("radio", name="放假").check()
    await dialog.get_by_label("名称").fill("厂休")
    await dialog.get_by_role("button", name="设置", exact=True).click()
    await expect(dialog.get_by_text("放假 34 天")).to_be_visible()
    assert (await live_server.ask("GET", "/calendar/2026"))["days"]["2026-12-25"]["source"] == "override"
    await dialog.get_by_role("button", name="取消手动设置").click()
    await expect(dialog.get_by_text("放假 33 天")).to_be_visible()

    dialog = await opened(root, "节假日与调休", "?day=2031-01-01")
    await expect(dialog.get_by_text("2031 年的节假日安排还没有导入")).to_be_visible()
    await give(page, "2031.json", b'{"days": []}', "application/json")
    await expect(dialog.get_by_text("文件里没有日期，没有修改。")).to_be_visible()
    new_year = '{"year":2031,"days":[{"name":"元旦","date":"2031-01-01","isOffDay":true}]}'.encode()
    await give(page, "2031.json", new_year, "application/json")
    await expect(dialog.get_by_text("文件包含 2031 年的 1 天，将修改 1 天。")).to_be_visible()
    assert (await live_server.ask("GET", "/calendar/2031"))["provisional"], "a look changes nothing"
    await dialog.get_by_role("button", name="导入", exact=True).click()
    await expect(dialog.get_by_text("放假 1 天")).to_be_visible()
    await expect(dialog.get_by_text("还没有导入")).to_have_count(0)


async def test_the_month_is_printed_on_one_page_and_saved_as_a_picture(
    live_server: LiveServer, visitor: Visitor, crew: tuple[int, list[int]]
) -> None:
    team_id, (one, _) = crew
    assert live_server.shift_ids
    await live_server.plan(one, MARCH, live_server.shift_ids["夜"])
    root = await visitor(live_server.address, "root")
    page = root.page
    await page.add_init_script("window.print = () => { window.printed = true; }")
    await root.open(f"/roster?day={MARCH}&team={team_id}")
    await page.keyboard.press("Control+p")
    dialog = page.get_by_role("dialog", name="打印或存为图片")
    await expect(dialog.get_by_role("img")).to_have_count(1)
    async with page.expect_download() as saved:
        await dialog.get_by_role("button", name="存为 PNG 图片").click()
    picture = await saved.value
    assert picture.suggested_filename == "roster-2027-03.png"
    body = await bytes_of(picture)
    assert body.startswith(b"\x89PNG")
    assert int.from_bytes(body[16:20]) == 2810, "as wide as the sheet"

    await dialog.get_by_role("button", name="打印或存 PDF").click()
    await page.wait_for_function("window.printed")
    pdf = await page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b(?!s)", pdf)) == 1
    [(width, height)] = re.findall(rb"/MediaBox \[0 0 ([.\d]+) ([.\d]+)", pdf)
    assert (float(width), float(height)) == pytest.approx((842, 595), abs=1), "A4 landscape"


async def test_an_address_of_the_team_is_made_and_revoked(
    live_server: LiveServer, visitor: Visitor, crew: tuple[int, list[int]]
) -> None:
    team_id, _ = crew
    root = await visitor(live_server.address, "root")
    dialog = await opened(root, "日历订阅地址", f"?team={team_id}")
    await dialog.get_by_label("名称").fill(f"墙 {team_id}")
    await dialog.get_by_role("button", name="新建计划组").click()
    url = str(await dialog.locator(".secret").text_content())
    assert (await live_server.http.get(url)).text.startswith("BEGIN:VCALENDAR")
    await dialog.get_by_role("button", name=f"作废「墙 {team_id}」").click()
    await root.answer("作废")
    await expect(dialog.locator(".secret")).to_have_count(0)
    assert (await live_server.http.get(url)).status_code == 404


async def test_a_member_sees_what_is_for_members_only(live_server: LiveServer, visitor: Visitor) -> None:
    bob = await visitor(live_server.address, "bob")
    await bob.open("/roster")
    await bob.button("排班工具").click()
    await expect(bob.page.get_by_role("menuitem")).to_have_text(["打印或存为图片", "节假日与调休", "导出文件"])


async def test_the_menu_works_by_keyboard_and_gives_the_focus_back(live_server: LiveServer, visitor: Visitor) -> None:
    root = await visitor(live_server.address, "root")
    page = await root.open("/roster")
    await root.button("排班工具").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem").first).to_be_focused()
    await page.keyboard.press("End")
    await expect(page.get_by_role("menuitem", name="日历订阅地址")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("menuitem").first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="征集意愿")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(root.button("排班工具")).to_be_focused()


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_dialog_of_the_menu_is_clean_in_every_look(
    live_server: LiveServer, visitor: Visitor, language: str
) -> None:
    found = []
    for size in ({"width": 1440, "height": 900}, PHONE):
        root = await visitor(live_server.address, "root", language=language, size=size)
        await root.open("/roster")
        for name in DIALOGS:
            await root.page.emulate_media(color_scheme="light")
            dialog = await chosen(root, name, language)
            for theme, rules, where in (("light", (), "html"), ("dark", OF_COLOUR, "dialog[open]")):
                await root.page.emulate_media(color_scheme=theme)
                wrong = await root.axe(None, *rules, within=where)
                found += [f"{name} {size['width']} {theme} {each}" for each in wrong]
            if await root.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{name} {size['width']} scrolls sideways")
            wider = await root.page.locator("dialog[open] .dialog-body").evaluate(
                "it => it.scrollWidth - it.clientWidth"
            )
            buttons = root.page.locator("dialog[open] footer.form-foot .button").first
            if await buttons.count() and not await buttons.evaluate(
                "it => { const { bottom } = it.getBoundingClientRect(); return 0 < bottom && bottom <= innerHeight; }"
            ):
                found.append(f"{name} {size['width']}: its button is out of sight")
            if wider:
                found.append(f"{name} {size['width']} is {wider} px wider than its dialog")
            await root.page.keyboard.press("Escape")
            await expect(dialog).to_have_count(0)
    assert found == []


async def test_people_stand_in_the_order_that_a_planner_gave_them(
    live_server: LiveServer, visitor: Visitor, crew: tuple[int, list[int]]
) -> None:
    team_id, (one, _two) = crew
    await live_server.add_person(f"amy{team_id}", "安", team_id)
    root = await visitor(live_server.address, "root")
    dialog = await opened(root, "成员顺序", f"?team={team_id}")
    people = dialog.locator("li")
    first, second = [(await people.nth(index).inner_text()).strip() for index in (0, 1)]
    await dialog.get_by_role("spinbutton", name=f"{first}的位置").fill("3")
    await dialog.get_by_role("spinbutton", name=f"{first}的位置").blur()
    await expect(people).to_have_text([second, "安", first])
    await dialog.get_by_role("button", name="安上移").click()
    await expect(people).to_have_text(["安", second, first])
    await dialog.get_by_role("button", name="保存").click()
    await expect(root.page.locator("tbody th")).to_have_text(["安", second, first])
    await live_server.ask("PATCH", f"/teams/{team_id}", json={"crews": [{"name": "甲", "user_ids": [one]}]})
    dialog = await opened(root, "成员顺序", f"?team={team_id}")
    await dialog.get_by_role("button", name="按分班排").click()
    await expect(dialog.locator("li").first).to_have_text(first)
    await dialog.get_by_role("button", name="按姓名排").click()
    await expect(dialog.locator("li").first).to_have_text("安")


async def test_on_a_phone_dialogs_open_with_the_month_of_the_week_in_sight(
    live_server: LiveServer, visitor: Visitor, crew: tuple[int, list[int]]
) -> None:
    root = await visitor(live_server.address, "root", size=PHONE)
    week = f"?day=2027-04-02&team={crew[0]}"  # begins on Monday, 29 March
    for name in ("月报与公平", "打印或存为图片"):
        await expect((await opened(root, name, week)).locator(".plan-month")).to_contain_text("2027年4月")
    pattern = await opened(root, "按规律排班", week)
    await expect(pattern.get_by_label("从", exact=True)).to_have_value("2027-04-01")
    copy = await opened(root, "复制一周或一个月", week)
    await expect(copy.get_by_label("从", exact=True).locator("option:checked")).to_have_text("2027年4月")


async def test_sixty_people_in_four_crews_are_planned_with_few_steps_and_the_next_month_goes_on(
    live_server: LiveServer, visitor: Visitor
) -> None:
    assert live_server.shift_ids
    team_id = await live_server.add_team("四班三倒组")
    await live_server.add_shift("中班", "中", ("14:00", "22:00"), team_id=team_id)
    people = "账号,姓名,班组\n" + "".join(f"turn{index},轮{index:02},四班三倒组\n" for index in range(60))
    imported = await live_server.ask(
        "POST", "/users/import", params={"dry_run": False}, files={"file": ("people.csv", people.encode())}
    )
    assert imported["added"] == 60, imported
    root = await visitor(live_server.address, "root")
    steps = 0

    async def click(where: Locator) -> None:
        nonlocal steps
        steps += 1
        await where.click()

    async def choose(where: Locator, label: str) -> None:
        nonlocal steps
        steps += 2  # a click opens the list, another one chooses
        await where.select_option(label=label)

    async def fill_month(*, crews: bool) -> None:
        await click(root.button(MENU["zh"]))
        await click(root.page.get_by_role("menuitem", name="按规律排班", exact=True))
        dialog = root.page.get_by_role("dialog", name="按规律排班")
        await choose(dialog.get_by_label("规律", exact=True), "四班三倒 · 早早中中夜夜休休")
        if crews:
            await choose(dialog.get_by_label("分班", exact=True), "4 班")
        await expect(dialog.locator("tbody tr")).to_have_count(60)
        await expect(dialog.get_by_role("button", name="应用")).to_be_enabled()
        if crews:
            assert await root.axe(within="dialog[open]") == []
        async with written(root, "fill") as answer:
            await click(dialog.get_by_role("button", name="应用"))
        assert (await answer.value).ok
        await expect(dialog).to_have_count(0)

    await root.open(f"/roster?day={MARCH}&team={team_id}")
    await fill_month(crews=True)
    assert steps <= 25
    march = list((await month_of(live_server, team_id, MARCH)).values())
    rows = [list(found) for found in {tuple(row) for row in march}]
    assert len(march) == 60
    assert sorted(march.count(row) for row in rows) == [15] * 4
    for day in zip(*march, strict=True):
        assert len(set(day)) >= 3, "early, late, night and rest take turns"
    teams = (await live_server.ask("GET", "/teams"))["items"]
    [crews] = [team["crews"] for team in teams if team["id"] == team_id]
    assert [(crew["name"], len(crew["user_ids"])) for crew in crews] == [("甲", 15), ("乙", 15), ("丙", 15), ("丁", 15)]

    await root.button("下个月").click()
    await expect(root.page.locator(".roster-span")).to_contain_text("4月")
    await fill_month(crews=False)
    april = list((await month_of(live_server, team_id, date(2027, 4, 1))).values())
    for before, after in zip(march, april, strict=True):
        assert (before + after)[8:] == (before + after)[:-8], "eight days a round, across the end of the month"
