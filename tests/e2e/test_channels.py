"""A robot is added in the browser and tried against a DingTalk that answers HTTP 200 to everything."""

import re

from playwright.async_api import Locator, expect

from e2e.live_server import LiveServer
from e2e.visit import Visit, Visitor

RIGHT = "SEC-the-right-one"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


async def add_robot(
    alice: Visit, live_server: LiveServer, *, name: str, token: str, secret: str, works: bool = True
) -> Locator:
    """Adds it by the form, even if its test fails; its line on the page."""
    page = await alice.open("/channels")
    await alice.button("添加渠道").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("种类").select_option(label="钉钉群机器人")
    await dialog.get_by_label("名称").fill(name)
    await dialog.get_by_label("Webhook 地址").fill(live_server.dingtalk.webhook_url(token))
    await dialog.get_by_label("加签密钥").fill(secret)
    await dialog.get_by_role("button", name="测试并保存").click()
    if not works:
        await expect(dialog.locator(".test-answer")).to_be_visible()
        await dialog.get_by_role("button", name="仍要保存").click()
    await expect(dialog).to_have_count(0)
    return page.locator("li.channel", has_text=name)


async def try_it(visit: Visit, line: Locator) -> Locator:
    """Presses the test button; what was answered."""
    await line.get_by_role("button", name="发送测试").click()
    return visit.page.get_by_role("dialog").locator(".test-answer")


async def test_a_robot_with_the_right_secret_says_ok(live_server: LiveServer, visitor: Visitor) -> None:
    robot = live_server.dingtalk.add_robot("e2e0good", secret=RIGHT)
    alice = await visitor(live_server.address, "alice")
    line = await add_robot(alice, live_server, name="好群", token="e2e0good", secret=RIGHT)
    assert len(robot.messages) == 1  # the test before it was saved
    await expect(line).to_contain_text("正常")
    answer = await try_it(alice, line)
    await expect(answer).to_contain_text("服务商已接收")
    await expect(answer.locator("code")).to_have_text("0")
    assert len(robot.messages) == 2
    await alice.page.keyboard.press("Escape")
    await line.locator(".channel-open").click()
    dialog = alice.page.get_by_role("dialog")
    await expect(dialog.get_by_label("加签密钥")).to_have_value("")  # a secret is never given back
    assert RIGHT not in await alice.page.content()


async def test_a_wrong_secret_shows_the_code_and_the_remedy_and_is_never_called_sent(
    live_server: LiveServer, visitor: Visitor
) -> None:
    robot = live_server.dingtalk.add_robot("e2e0bad", secret=RIGHT)
    alice = await visitor(live_server.address, "alice")
    line = await add_robot(alice, live_server, name="错群", token="e2e0bad", secret="SEC-a-wrong-one", works=False)
    await expect(line).to_contain_text("未试过")
    answer = await try_it(alice, line)
    await expect(answer.locator("code")).to_have_text("310000")
    await expect(answer).to_contain_text("sign not match")
    await expect(answer).to_contain_text("加签密钥")
    assert robot.messages == []
    # The list says since when, in whose words, and what to do; so does the page of whoever plans.
    await alice.page.keyboard.press("Escape")
    await expect(line).to_contain_text("起发不出去")
    await expect(line).to_contain_text("sign not match")
    await expect(line).to_contain_text("加签密钥")
    page = await alice.open("/")
    broken = page.locator(".quiet-line", has_text="错群")
    await expect(broken).to_contain_text("加签密钥")
    await broken.get_by_role("link", name="去处理").click()
    await expect(page.locator("li.channel.wanted")).to_contain_text("错群")


async def test_ids_of_peoples_pages_need_no_typing_again(live_server: LiveServer, visitor: Visitor) -> None:
    team_id = await live_server.add_team("对照组")
    for name, ids in (("何甲", {"wecom_userid": "hejia", "feishu_userid": "g1hejia"}), ("何乙", {})):
        user_id = await live_server.add_person(f"he{name}", name, team_id)
        await live_server.ask("PATCH", f"/users/{user_id}", json=ids)
    root = await visitor(live_server.address, "root")
    await root.open("/channels")
    await root.button("添加渠道").click()
    dialog = root.page.get_by_role("dialog")
    await dialog.get_by_label("给谁用").select_option(label="对照组")
    for kind, label, filled in (
        ("飞书应用消息", "成员对照", "何甲 g1hejia"),
        ("飞书 / Lark 机器人", "要 @ 的人", "何甲 g1hejia"),
        ("企业微信应用消息", "成员对照", "何甲 hejia"),
    ):
        await dialog.get_by_label("种类").select_option(label=kind)
        await dialog.get_by_role("button", name="填入成员页面上的 userid").click()
        await expect(dialog.get_by_label(label)).to_have_value(filled)


async def test_the_test_shows_the_request_with_its_secrets_masked_and_the_answer_as_it_came(
    live_server: LiveServer, visitor: Visitor
) -> None:
    token = "e2e0masked00000000"
    live_server.dingtalk.add_robot(token, secret=RIGHT)
    alice = await visitor(live_server.address, "alice")
    line = await add_robot(
        alice, live_server, name="遮住群", token=token, secret="SEC-a-wrong-secret-0001", works=False
    )
    await try_it(alice, line)
    dialog = alice.page.get_by_role("dialog")
    wire = dialog.locator(".wire").filter(has_text="发出的请求")
    await expect(wire).to_contain_text("POST")
    await expect(wire).to_contain_text("/robot/send?access_token=e2e0…00")
    await expect(dialog.get_by_role("region", name="正文")).to_contain_text('"msgtype": "markdown"')
    await expect(dialog.get_by_role("region", name="收到的回答")).to_contain_text('"errcode": 310000')
    await dialog.get_by_text("请求头").click()
    await expect(dialog.get_by_role("region", name="请求头")).to_contain_text("application/json")
    words = await alice.page.content()
    assert token not in words
    assert "SEC-a-wrong-secret-0001" not in words
    assert await alice.axe() == []
    await dialog.get_by_role("link", name="在记录里查看").click()
    await expect(alice.page.locator(".story")).to_contain_text("sign not match")
    await expect(alice.page.locator(".story")).to_contain_text("加签密钥")


async def test_a_channel_that_the_provider_holds_says_until_when(live_server: LiveServer, visitor: Visitor) -> None:
    live_server.dingtalk.add_robot("e2e0fast")
    alice = await visitor(live_server.address, "alice")
    line = await add_robot(alice, live_server, name="快群", token="e2e0fast", secret="")
    await line.get_by_role("button", name="发送测试").click()
    dialog = alice.page.get_by_role("dialog")
    for _ in range(17):
        await expect(dialog.locator(".test-answer")).to_contain_text("服务商已接收")
        await dialog.get_by_role("button", name="再发一条").click()
        await expect(dialog.get_by_role("button", name="再发一条")).to_be_enabled()
    await expect(dialog.get_by_role("status")).to_contain_text("这个渠道正在限流")


async def test_a_saved_secret_that_is_not_needed_is_cleared(live_server: LiveServer, visitor: Visitor) -> None:
    alice = await visitor(live_server.address, "alice")
    line = await add_robot(alice, live_server, name="清除群", token="e2e0clear", secret=RIGHT, works=False)
    await line.locator(".channel-open").click()
    dialog = alice.page.get_by_role("dialog")
    await dialog.get_by_label("清除已保存的值").check()
    live_server.dingtalk.add_robot("e2e0clear")
    await dialog.get_by_role("button", name="测试并保存").click()
    await expect(dialog).to_have_count(0)
    (channel,) = [each for each in (await live_server.ask("GET", "/channels"))["items"] if each["name"] == "清除群"]
    assert channel["saved_secrets"] == ["webhook_url"]


async def test_a_reminder_that_the_robot_refused_is_failed_in_the_log_and_never_sent(
    live_server: LiveServer, visitor: Visitor
) -> None:
    live_server.dingtalk.add_robot("e2e0log", secret=RIGHT)
    team_id = await live_server.add_team("错群组")
    config = {"webhook_url": live_server.dingtalk.webhook_url("e2e0log"), "secret": "SEC-a-wrong-one"}
    channel = {"name": "错密钥群", "kind": "dingtalk_robot", "team_id": team_id, "config": config}
    await live_server.ask("POST", "/channels", json=channel)
    await live_server.add_person_about_to_start("tess", "泰丝", team_id)
    root = await visitor(live_server.address, "root")
    page = await root.open("/log")
    await page.get_by_label("渠道", exact=True).select_option(label="错密钥群")
    row = page.locator("button.delivery", has=page.locator(".delivery-channel", has_text="错密钥群"))
    await expect(row).to_contain_text("310000")
    await expect(row).to_contain_text("失败")
    await expect(row).not_to_contain_text("已接收")
    await row.click()
    await expect(page.locator(".story")).to_contain_text("sign not match")
    await expect(page.locator(".story")).to_contain_text("加签密钥")
    await root.open("/channels")
    await expect(page.locator("li.channel", has_text="错密钥群")).to_contain_text("发不出去")


async def test_an_address_that_is_no_robots_is_refused_beside_its_field(
    live_server: LiveServer, visitor: Visitor
) -> None:
    alice = await visitor(live_server.address, "alice")
    page = await alice.open("/channels")
    await alice.button("添加渠道").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("种类").select_option(label="钉钉群机器人")
    await dialog.get_by_label("名称").fill("错地址")
    await dialog.get_by_label("Webhook 地址").fill("https://example.com/")
    await dialog.get_by_role("button", name="测试并保存").click()
    field = dialog.get_by_label("Webhook 地址")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_have_accessible_description(
        "这不是有效的 Webhook 地址。请从服务商的设置里完整复制。应像这样：https://oapi.dingtalk.com/robot/send?access_token=…"
    )


async def test_what_was_wrong_with_one_kind_is_not_said_of_another(live_server: LiveServer, visitor: Visitor) -> None:
    alice = await visitor(live_server.address, "alice")
    page = await alice.open("/channels")
    await alice.button("添加渠道").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("种类").select_option(label="企业微信应用消息")
    await dialog.get_by_label("名称").fill("应用")
    await dialog.get_by_label("企业 ID").fill("a b")
    await dialog.get_by_label("Secret").fill("0000")
    agent = dialog.get_by_label("AgentId")
    await agent.fill("1234567890")
    assert await agent.evaluate("field => field.scrollWidth <= field.clientWidth"), "the number is cut off"
    await dialog.get_by_label("成员对照").fill("张三")
    await dialog.get_by_role("button", name="测试并保存").click()
    await expect(dialog.get_by_label("企业 ID")).to_have_accessible_description(re.compile("^格式不正确。"))
    await expect(dialog.get_by_label("成员对照")).to_have_accessible_description(re.compile("^第 1 行只有一项"))
    await dialog.get_by_label("种类").select_option(label="钉钉工作通知")
    await expect(dialog.locator(".form-problem")).to_have_text("")
    assert await dialog.locator("[aria-invalid=true]").count() == 0


async def test_every_kind_speaks_the_readers_language(live_server: LiveServer, visitor: Visitor) -> None:
    alice = await visitor(live_server.address, "alice", language="en")
    page = await alice.open("/channels")
    await alice.button("Add channel").click()
    dialog = page.get_by_role("dialog")
    kind = dialog.get_by_label("Kind")
    await expect(kind).to_be_visible()
    choices = await kind.locator("option").all_text_contents()
    assert len(choices) > 10
    for choice in choices:
        await kind.select_option(label=choice)
        words = await dialog.locator("label, .note, h2, button").all_text_contents()
        assert [each for each in words if CHINESE.search(each)] == [], choice


async def test_the_test_lists_whom_reminders_call_and_whom_not(live_server: LiveServer, visitor: Visitor) -> None:
    live_server.dingtalk.add_robot("e2e0calls", secret=RIGHT)
    user_id = await live_server.add_person("nina", "欧阳·妮娜", live_server.team_id)
    await live_server.ask("PATCH", f"/users/{user_id}", json={"mobile": "+86 138 0013 8000"})
    alice = await visitor(live_server.address, "alice")
    line = await add_robot(alice, live_server, name="叫人群", token="e2e0calls", secret=RIGHT)
    await try_it(alice, line)
    calls = alice.page.get_by_role("dialog").locator(".wire", has_text="提醒会叫到谁")
    await expect(calls.get_by_role("listitem").filter(has_text="王波")).to_contain_text("没有手机号")
    await expect(calls).to_contain_text("1 人叫得到：欧阳·妮娜")
    assert await alice.axe() == []
