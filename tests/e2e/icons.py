"""Makes the app's icons from its mark, `frontend/public/favicon.svg`: `python tests/e2e/icons.py`."""

import asyncio
import sys
from pathlib import Path

from playwright.async_api import async_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser import find

PUBLIC = Path(__file__).parents[2] / "frontend" / "public"
GROUND = "#23201c"

ICONS = {
    "icon-192.png": (192, 1.0),
    "icon-512.png": (512, 1.0),
    "maskable-512.png": (512, 0.74),
    "touch-180.png": (180, 0.86),
}
"""Size, and how much of it the mark takes: a mask may cut off all but the middle 80 %, iOS rounds the corners itself."""


async def main() -> None:
    mark = (PUBLIC / "favicon.svg").read_text()
    async with async_playwright() as playwright:
        chromium = find(playwright.chromium.executable_path)
        browser = await playwright.chromium.launch(executable_path=chromium, args=("--no-sandbox", "--disable-gpu"))
        for name, (size, share) in ICONS.items():
            page = await browser.new_page(viewport={"width": size, "height": size})
            ground = GROUND if share < 1 else "transparent"
            await page.set_content(
                f"<style>body{{margin:0;height:100vh;display:grid;place-items:center;background:{ground}}}"
                f"svg{{width:{share * 100}%;display:block}}</style>{mark}"
            )
            await page.screenshot(path=PUBLIC / "icons" / name, omit_background=share == 1)
            await page.close()
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
