"""The chats of four vendors as their apps would show them, for the pictures of the docs: a message, and the same after a tap."""

import json
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser, expect

from conftest import eventually
from e2e.live_server import LiveServer, furnished
from e2e.server import PASSWORD, running, zone_where_it_is
from e2e.visit import PHONE, Visit
from fakes.dingtalk import FakeDingTalk
from fakes.dingtalk_stream import FakeStream
from fakes.feishu_connection import FakeFeishuApp
from fakes.telegram_bot import FakeBot
from fakes.wecom_bot import FakeWecomBot

LANGUAGES = ("zh", "en")
NAMES = {"zh": "夏娃", "en": "Eve"}
FRAME = """<!doctype html><meta charset="utf-8"><style>
body{margin:0;width:1180px;height:660px;background:#e9e2d3;color:#1d1b18;
font:15px/1.5 "Noto Sans CJK SC","Noto Sans SC",sans-serif;
display:grid;grid-template-columns:1fr 1fr 270px;gap:36px;padding:40px;box-sizing:border-box;align-items:start}
section{background:#f4f4f2;border-radius:14px;box-shadow:0 1px 2px #3a2f1c33,0 18px 40px -18px #3a2f1c66;overflow:hidden}
section>h2{margin:0;padding:12px 18px;font-size:15px;background:COLOUR;color:#fff}
article{margin:18px;background:#fff;border-radius:10px;padding:14px 16px}
article>b{display:block;font-size:16px;margin-bottom:6px}
article>p{margin:0 0 6px;white-space:pre-line}
i{display:block;font-style:normal;text-align:center;border:1px solid #d8d2c4;border-radius:8px;padding:7px;margin-top:8px}
i:first-of-type{background:COLOUR;border-color:COLOUR;color:#fff}
img{width:270px;border-radius:26px;border:7px solid #1d1b18;box-sizing:border-box}
</style>"""


@dataclass
class Shown:
    """A message as it is now."""

    title: str
    text: str
    buttons: list[str]


class Chat(ABC):
    """One vendor, and two people in its chats: `zh` and `en`."""

    vendor: str
    name: dict[str, str]
    colour: str
    fake: Any
    kind: str
    binds = False

    @abstractmethod
    def config(self, language: str) -> dict[str, Any]: ...

    @abstractmethod
    def message(self, language: str) -> Shown | None:
        """None: it has not come yet."""

    @abstractmethod
    async def tap(self, language: str) -> None: ...

    async def write(self, language: str, text: str) -> None:
        raise NotImplementedError


class Telegram(Chat):
    vendor, kind, colour, name = "telegram", "telegram", "#2a7fb8", {"zh": "Telegram", "en": "Telegram"}

    def __init__(self) -> None:
        self.fake = FakeBot()
        self.chats = {"zh": 1, "en": 2}

    def config(self, language: str) -> dict[str, Any]:
        return {"bot_token": "42:good", "chat_id": str(self.chats[language]), "answers_in_chat": True}

    def _number(self, language: str) -> int | None:
        mine = [key for key, each in self.fake.messages.items() if each["chat_id"] == str(self.chats[language])]
        return mine[0] if mine else None

    def message(self, language: str) -> Shown | None:
        if (number := self._number(language)) is None:
            return None
        found = self.fake.messages[number]
        title, _, text = found["text"].partition("\n")
        rows = found.get("reply_markup", {}).get("inline_keyboard", [])
        return Shown(title.removeprefix("<b>").removesuffix("</b>"), text, [b["text"] for row in rows for b in row])

    async def tap(self, language: str) -> None:
        number = self._number(language)
        assert number is not None
        self.fake.tap(self.chats[language], number, "ack")


class DingTalk(Chat):
    vendor, kind, colour, name = "dingtalk", "dingtalk_one_to_one", "#1a6fe0", {"zh": "钉钉", "en": "DingTalk"}

    def __init__(self) -> None:
        self.fake = FakeStream(people=LANGUAGES)

    def config(self, language: str) -> dict[str, Any]:
        keys = {"app_key": "dingapp", "app_secret": "app-secret", "card_template": "good.schema"}
        return {**keys, "userids": language, "answers_in_chat": True}

    def _track(self, language: str) -> str | None:
        return next((track for track in self.fake.cards if self.fake.card_of[track] == language), None)

    def message(self, language: str) -> Shown | None:
        if (track := self._track(language)) is None:
            return None
        card = self.fake.cards[track]
        words = {
            "zh": ["我已打卡", "10 分钟后提醒", "这次跳过"],
            "en": ["I have punched", "Remind me in 10 minutes", "Skip this one"],
        }
        buttons = words[language] if card["state"] == "open" else []
        return Shown(card["title"], f"{card['line']}\n{card['state_text']}", buttons)

    async def tap(self, language: str) -> None:
        track = self._track(language)
        assert track is not None
        await self.fake.tap_card(track, language, "ack")


class Feishu(Chat):
    vendor, kind, colour, name = "feishu", "feishu_app", "#2f6bd8", {"zh": "飞书", "en": "Feishu"}
    binds = True

    def __init__(self) -> None:
        self.fake = FakeFeishuApp(people=("ou_zh", "ou_en"))

    def config(self, language: str) -> dict[str, Any]:
        return {"app_id": "cli_good1", "app_secret": "good", "open_ids": f"ou_{language}"}

    def _number(self, language: str) -> str | None:
        found = [key for key, each in self.fake.messages.items() if each["receive_id"] == f"ou_{language}"]
        return found[0] if found else None

    def message(self, language: str) -> Shown | None:
        if (number := self._number(language)) is None:
            return None
        card = json.loads(self.fake.messages[number]["content"])
        buttons = [each["text"]["content"] for each in self.fake.buttons(number)]
        return Shown(card["header"]["title"]["content"], self.fake.text(number), buttons)

    async def tap(self, language: str) -> None:
        number = self._number(language)
        assert number is not None
        await self.fake.tap(number, person=f"ou_{language}")

    async def write(self, language: str, text: str) -> None:
        await self.fake.write(text, person=f"ou_{language}")


class Wecom(Chat):
    vendor, kind, colour, name = "wecom", "wecom_bot", "#2c7a4b", {"zh": "企业微信", "en": "WeCom"}
    binds = True

    def __init__(self) -> None:
        self.fake = FakeWecomBot(people=LANGUAGES)

    def config(self, language: str) -> dict[str, Any]:
        return {"bot_id": "aib-good", "bot_secret": "good", "userids": language}

    def _name(self, language: str) -> str | None:
        return next((name for name, person in self.fake.sent_to.items() if person == language), None)

    def message(self, language: str) -> Shown | None:
        if (name := self._name(language)) is None:
            return None
        return Shown(self.fake.cards[name]["main_title"]["title"], self.fake.text(name), self.fake.buttons(name))

    async def tap(self, language: str) -> None:
        name = self._name(language)
        assert name is not None
        await self.fake.tap(name)

    async def write(self, language: str, text: str) -> None:
        await self.fake.write(text, person=language)


def _bubble(chat: Chat, shown: Shown, language: str) -> str:
    buttons = "".join(f"<i>{escape(each)}</i>" for each in shown.buttons)
    text = escape(shown.text.strip())
    card = f"<article><b>{escape(shown.title)}</b><p>{text}</p>{buttons}</article>"
    return f"<section><h2>{chat.name[language]}</h2>{card}</section>"


@asynccontextmanager
async def _signed_in(server: LiveServer, username: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{server.address}/api/v1", trust_env=False) as http:
        answer = await http.post("/auth/token", data={"username": username, "password": PASSWORD})
        http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield http


async def chat_pictures(browser: Browser, folder: Path) -> dict[str, bytes]:
    """For each vendor and language: the message, the same after the tap, and Today."""
    chats: list[Chat] = [Telegram(), DingTalk(), Feishu(), Wecom()]
    pictures: dict[str, bytes] = {}
    async with AsyncExitStack() as stack:
        settings = {"PUBLIC_URL": ""}
        for chat in chats:
            await stack.enter_async_context(chat.fake.running())
            settings[f"{chat.vendor.upper()}_BASE_URL"] = chat.fake.base_url
        address = await stack.enter_async_context(running("serve", folder, **settings))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=address, trust_env=False))
        server = await furnished(address, http, FakeDingTalk())
        start = server.now + timedelta(minutes=10)
        hours = (f"{start:%H:%M}", f"{start + timedelta(hours=8):%H:%M}")
        shifts = {"zh": await server.add_shift("马上", "马", hours), "en": await server.add_shift("Soon", "S", hours)}
        people = {}
        for chat in chats:
            for language in LANGUAGES:
                username = f"{chat.vendor}_{language}"
                people[username] = await server.add_person(username, NAMES[language], server.team_id)
                async with _signed_in(server, username) as own:
                    await own.patch("/me", json={"language": language})
                    new = {"name": chat.name[language], "kind": chat.kind, "config": chat.config(language)}
                    answer = await own.post("/channels", json=new)
                    assert answer.is_success, answer.text
        for language in LANGUAGES:
            user_id = people[f"dingtalk_{language}"]
            await server.ask("PATCH", f"/users/{user_id}", json={"dingtalk_userid": language})

        async def all_are_open() -> bool:
            found = (await server.ask("GET", "/chat-connections"))["items"]
            return len(found) == len(chats) and all(each["state"] == "open" for each in found)

        await eventually(all_are_open, within_seconds=60)
        for chat in chats:
            for language in LANGUAGES if chat.binds else ():
                async with _signed_in(server, f"{chat.vendor}_{language}") as own:
                    answer = await own.post("/me/chats/code", json={"current_password": PASSWORD})
                    await chat.write(language, f"绑定 {answer.json()['code']}")
        for username, user_id in people.items():
            await server.plan(user_id, start.date(), shifts[username[-2:]])
        for chat in chats:
            for language in LANGUAGES:
                await eventually(lambda chat=chat, language=language: _has_come(chat, language), within_seconds=60)
                before = chat.message(language)
                await chat.tap(language)
                await eventually(lambda chat=chat, language=language: _has_changed(chat, language), within_seconds=60)
                after = chat.message(language)
                assert before is not None
                assert after is not None
                visit = await Visit.begin(
                    browser, address, size=PHONE, language=language, timezone_id=zone_where_it_is(12)
                )
                await visit.enter(f"{chat.vendor}_{language}", PASSWORD)
                await visit.open("/")
                await expect(visit.page.locator(".loading")).to_have_count(0)
                today = await visit.page.screenshot(animations="disabled")
                pictures[f"chat-{chat.vendor}.{language}"] = await _compose(
                    browser, chat, language, before, after, today
                )
                await visit.context.close()
    return pictures


async def _has_come(chat: Chat, language: str) -> bool:
    return chat.message(language) is not None


async def _has_changed(chat: Chat, language: str) -> bool:
    found = chat.message(language)
    return found is not None and "●" in found.text


async def _compose(browser: Browser, chat: Chat, language: str, before: Shown, after: Shown, today: bytes) -> bytes:
    page = await browser.new_page(viewport={"width": 1180, "height": 660})
    picture = f'<img src="data:image/png;base64,{b64encode(today).decode()}">'
    html = FRAME.replace("COLOUR", chat.colour)
    await page.set_content(html + _bubble(chat, before, language) + _bubble(chat, after, language) + picture)
    found = await page.screenshot()
    await page.close()
    return found
