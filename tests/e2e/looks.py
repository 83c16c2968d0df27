"""Pictures of every state whose accessibility the tests check: `PICTURES_TO=folder make e2e`."""

import os
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from playwright.async_api import Page, ViewportSize

FOLDER = os.environ.get("PICTURES_TO")
_states: Counter[str] = Counter()

SPEAK = """async (language) => {
  for (const { href, src } of document.querySelectorAll("link[rel=modulepreload], script[type=module]"))
    for (const it of Object.values(await import(href ?? src)))
      if (typeof it === "function" && String(it).includes("documentElement.lang=")) {
        await it(language);
        return true;
      }
  return document.documentElement.lang.startsWith(language);
}"""
"""Whether the page speaks a language now. It keeps what is open: a built module gives the function that does it; a page without
JavaScript speaks that of the browser alone."""
HIDDEN_PX = """() => {
  const it = [...document.querySelectorAll("dialog[open]")].pop() ?? document.documentElement;
  return it.scrollHeight - it.clientHeight;
}"""


async def take_pictures(page: Page, state: str, sizes: Iterable[ViewportSize]) -> None:
    """How it looks in these sizes, light and dark, in both languages; a long dialog also as a whole. Off without a folder."""
    before = page.viewport_size
    if not FOLDER or before is None:
        return
    file, _, test = os.environ["PYTEST_CURRENT_TEST"].removesuffix(" (call)").partition("::")
    _states[test] += not state
    name = f"{test.encode().decode('unicode_escape')}.{state or _states[test]}"
    language, is_dark = await page.evaluate(
        "[document.documentElement.lang.slice(0, 2), matchMedia('(prefers-color-scheme: dark)').matches]"
    )
    for size in sizes:
        await page.set_viewport_size(size)
        for spoken in ("zh", "en"):
            if not await page.evaluate(SPEAK, spoken):
                continue
            for theme in ("light", "dark"):
                await page.emulate_media(color_scheme=theme)
                of_look = re.sub(r"[^\w.,=?-]+", "_", f"{name}.{size['width']}.{theme}.{spoken}")
                await _shoot(page, size, Path(FOLDER, Path(file).stem, f"{of_look}.png"))
    await page.evaluate(SPEAK, language)
    await page.emulate_media(color_scheme="dark" if is_dark else "light")
    await page.set_viewport_size(before)


async def _shoot(page: Page, size: ViewportSize, file: Path) -> None:
    """A page as a whole, in a window of its height; a dialog as it is, and what of it is out of sight in another picture."""
    hidden = await page.evaluate(HIDDEN_PX)
    has_dialog = await page.locator("dialog[open]").count() > 0
    if has_dialog or hidden <= 0:
        await page.screenshot(path=file)
    if hidden > 0:
        await page.set_viewport_size({"width": size["width"], "height": size["height"] + hidden})
        await page.screenshot(path=file.with_suffix(".whole.png") if has_dialog else file)
        await page.set_viewport_size(size)
