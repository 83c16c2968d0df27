"""Somebody at a browser."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

from playwright.async_api import Browser, BrowserContext, Download, Locator, Page, Request, expect

from e2e.looks import take_pictures

DISABLED_FEATURES = (
    # Each window would load the pages of its address bar's menu, and keep a process ready for a page that never comes:
    # together half of the work that a visit makes.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "SpareRendererForSitePerProcess",
    # The last --disable-features is the one that counts, so Playwright's own are here, too.
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(DISABLED_FEATURES)}",
    "--js-flags=--no-opt --no-maglev",  # a page lives for seconds: to optimise its code takes more than it gives
)
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
OF_COLOUR = ("color-contrast", "link-in-text-block")
"""Rules that a theme can break; all else is the same in both."""
ENTERED = """if (location.origin === "ADDRESS" && !localStorage.getItem("entered"))
  for (const name of ["entered", "daka.signed_in"]) localStorage.setItem(name, "1");"""
"""Once in each browser, before its first page: somebody who signs out later stays out."""
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}


class Visitor(Protocol):
    """Opens a visit; with a username, signed in, so that the next page that is opened is theirs."""

    def __call__(self, address: str, username: str | None = None, **options: Any) -> Awaitable["Visit"]: ...


async def text_of(download: Download) -> str:
    """What is in a file that the page handed over."""
    return await asyncio.to_thread(Path(await download.path()).read_text)


async def bytes_of(download: Download) -> bytes:
    """The same for a file that is no text."""
    return await asyncio.to_thread(Path(await download.path()).read_bytes)


@dataclass
class Visit:
    """A browser profile with one page, or several tabs."""

    address: str
    context: BrowserContext
    page: Page
    foreign: list[str] = field(default_factory=list)
    """Requests that left the origin."""
    errors: list[str] = field(default_factory=list)
    """Errors that no code caught."""

    @classmethod
    async def begin(
        cls,
        browser: Browser,
        address: str,
        *,
        size: dict[str, int] = DESK,
        language: str = "zh",
        theme: str = "light",
        keeps_files: bool = False,
        **options: Any,
    ) -> Self:
        """`keeps_files`: with the service worker, which otherwise stays out of what tests do to requests."""
        context = await browser.new_context(
            viewport=size,
            locale=LANGUAGES[language],
            color_scheme=theme,
            reduced_motion="reduce",
            service_workers="allow" if keeps_files else "block",
            **options,
        )
        visit = cls(address, context, await context.new_page())
        context.on("request", visit._look_at)
        context.on("weberror", lambda error: visit.errors.append(str(error.error)))
        return visit

    def _look_at(self, request: Request) -> None:
        if not request.url.startswith((f"{self.address}/", "data:", "blob:")):
            self.foreign.append(request.url)

    async def open(self, path: str = "/", page: Page | None = None) -> Page:
        """Go there and wait until the page has drawn itself."""
        page = page or self.page
        await page.goto(self.address + path)
        await self.ready(page)
        return page

    async def ready(self, page: Page | None = None) -> None:
        page = page or self.page
        await expect(page.locator("h1")).to_be_attached()
        await expect(page.locator(".loading")).to_have_count(0)

    async def until(self, question: str, page: Page | None = None) -> None:
        """Ask until the promise is a yes. (`wait_for_function` takes the promise itself for one.)"""
        async with asyncio.timeout(30):
            while not await (page or self.page).evaluate(question):  # noqa: ASYNC110 - a page has no event for it
                await asyncio.sleep(0.1)

    async def enter(self, username: str, password: str) -> None:
        """Signed in as `sign_in` leaves the browser, without the form. No page of the web app is open yet."""
        answer = await self.context.request.post(
            f"{self.address}/api/v1/auth/token",
            form={"username": username, "password": password},
            headers={"X-Daka-Client": "web"},
        )
        assert answer.ok, await answer.text()
        await self.context.add_init_script(ENTERED.replace("ADDRESS", self.address))

    async def sign_in(self, username: str, password: str) -> None:
        """By the form. Today is open then."""
        await self.page.goto(self.address)
        await self.page.locator("input[name=username]").fill(username)
        await self.page.locator("input[name=password]").fill(password)
        await self.page.locator("button[type=submit]").click()
        await expect(self.page.locator("nav.rail")).to_be_visible()
        await self.ready()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    async def answer(self, name: str) -> None:
        """Yes, to the question that a button asked."""
        await self.page.get_by_role("dialog").last.get_by_role("button", name=name, exact=True).click()

    async def axe(self, page: Page | None = None, *rules: str, within: str = "html", state: str = "") -> list[str]:
        """What axe finds wrong: rule, and the element. Without `rules`, by all of its rules."""
        page = page or self.page
        if not rules:
            await take_pictures(page, state, [page.viewport_size or DESK] if state else [DESK, PHONE])
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(AXE.read_text())
        options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
        found = await page.evaluate(
            "async ([within, options]) => (await axe.run(within === 'html' ? document : within, options)).violations",
            [within, options],
        )
        return [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]
