"""Push messages in a real browser: shown by the service worker, and answered without a page and without a sign-in."""

import asyncio
import json
import re
from typing import Any

from playwright.async_api import Worker, expect

from conftest import eventually
from e2e.live_server import LiveServer
from e2e.test_one_tap import reminded
from e2e.visit import PHONE, Visitor

SHOWN = """async () => (await registration.getNotifications()).map(
    ({title, body, tag, actions, data}) => ({title, body, tag, data, actions: actions.map((each) => each.action)}))"""

STAND_IN = """() => {
  if (Notification.permission !== "denied") return;
  let shown = [];
  ServiceWorkerRegistration.prototype.showNotification = async (title, options) => {
    const made = { body: "", actions: [], ...options, title, close: () => (shown = shown.filter((each) => each !== made)) };
    shown = [...shown.filter((each) => each.tag !== made.tag), made];
  };
  ServiceWorkerRegistration.prototype.getNotifications = async ({ tag } = {}) => shown.filter((each) => !tag || each.tag === tag);
}"""
"""For a headless shell, which has no notifications and denies them whatever it is told."""

NOT_ASKED_YET = "Object.defineProperty(Notification, 'permission', {value: 'default'})"
"""What other browsers say of themselves; a headless shell says `denied`."""

TAP = "async () => { void answer((await registration.getNotifications())[0], 'ACTION') }"


async def shown_by(worker: Worker, count: int = 1) -> list[dict[str, Any]]:
    async def shown() -> list[dict[str, Any]] | None:
        found: list[dict[str, Any]] = await worker.evaluate(SHOWN)
        return found if len(found) == count else None

    found: list[dict[str, Any]] = await eventually(shown)
    return found


async def has_status(live_server: LiveServer, user_id: int, status: str) -> bool:
    return await live_server.clock_in_status(user_id) == status


async def says(worker: Worker, text: str) -> bool:
    return any(text in each["body"] for each in await worker.evaluate(SHOWN))


async def test_a_push_message_is_shown_and_answered_from_the_notification(
    live_server: LiveServer, visitor: Visitor
) -> None:
    user_id, link = await reminded(live_server, "push0robot", "peng", "彭博")

    visit = await visitor(live_server.address, keeps_files=True)
    await visit.context.grant_permissions(["notifications"], origin=live_server.address)
    devtools = await visit.context.new_cdp_session(visit.page)
    registered: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def note(event: dict[str, Any]) -> None:
        for each in event["registrations"]:
            if not registered.done():
                registered.set_result(each["registrationId"])

    devtools.on("ServiceWorker.workerRegistrationUpdated", note)
    await devtools.send("ServiceWorker.enable")
    await visit.page.goto(live_server.address)
    await visit.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    registration_id = await asyncio.wait_for(registered, 15)
    (worker,) = visit.context.service_workers
    await worker.evaluate(STAND_IN)

    async def push(data: str) -> None:
        sent = {"origin": live_server.address, "registrationId": registration_id, "data": data}
        await devtools.send("ServiceWorker.deliverPushMessage", sent)

    notification = {"title": "上班打卡提醒", "body": "还有 10 分钟", "navigate": link, "tag": "r1"}
    await push(json.dumps({"web_push": 8030, "notification": {**notification, "data": {"can_answer": True}}}))
    (shown,) = await shown_by(worker)
    assert (shown["title"], shown["body"], shown["tag"]) == ("上班打卡提醒", "还有 10 分钟", "r1")
    assert shown["actions"] == ["ack", "snooze"]
    await push(json.dumps({"web_push": 8030, "notification": {**notification, "body": "还有 5 分钟"}}))
    await eventually(lambda: says(worker, "还有 5 分钟"))
    (shown,) = await shown_by(worker)  # the same punch: it takes the place of the former one
    assert (shown["body"], shown["actions"]) == ("还有 5 分钟", [])

    assert await live_server.clock_in_status(user_id) == "nagging"
    await worker.evaluate(TAP.replace("ACTION", "ack"))
    await eventually(lambda: has_status(live_server, user_id, "acknowledged"))
    await eventually(lambda: says(worker, "已记录"))
    await worker.evaluate(TAP.replace("ACTION", "snooze"))
    await eventually(lambda: says(worker, "没有记上"))  # too late: it says so, and the notification stays

    await push("not json")
    assert "打卡提醒" in [each["title"] for each in await shown_by(worker, 2)]


async def test_the_channels_page_says_whether_this_device_can_ring(live_server: LiveServer, visitor: Visitor) -> None:
    desk = await visitor(live_server.address, "bob")
    await desk.context.add_init_script(NOT_ASKED_YET)
    await desk.page.goto(f"{live_server.address}/channels")
    await expect(desk.page.get_by_role("button", name="开启推送")).to_be_visible()
    assert await desk.axe() == []

    await desk.context.add_init_script("delete window.PushManager")
    await desk.page.reload()
    await expect(desk.page.get_by_text(re.compile("这个浏览器收不到推送"))).to_be_visible()
    await expect(desk.page.get_by_role("button", name="开启推送")).to_have_count(0)

    phone = await visitor(live_server.address, "bob", size=PHONE)
    await phone.context.add_init_script(
        "delete window.PushManager; Object.defineProperty(navigator, 'userAgent', {value: 'iPhone OS 18'})"
    )
    await phone.page.goto(f"{live_server.address}/channels")
    await expect(phone.page.get_by_text(re.compile("添加到主屏幕"))).to_be_visible()
