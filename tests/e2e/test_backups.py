"""Backups in the settings of administrators: one now, a file to take away, and what is said when there is none."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from e2e.live_server import LiveServer, furnished
from e2e.server import PASSWORD, StartEmpty
from e2e.test_pages import axe_in_all_looks
from e2e.visit import Visitor, bytes_of

MADE_WITHIN_MS = 30_000


@dataclass
class Kept:
    live_server: LiveServer
    folder: Path


@pytest.fixture
async def kept(tmp_path: Path, start_empty: StartEmpty) -> AsyncIterator[Kept]:
    """A server whose folder the test can reach."""
    address = await start_empty(BACKUP_KEY="a passphrase of some length")
    async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
        yield Kept(await furnished(address, http, None), tmp_path / "data" / "backups")


def backups(page: Page, heading: str = "备份") -> Locator:
    return page.locator("section", has=page.get_by_role("heading", name=heading, exact=True))


async def test_one_is_made_while_the_page_stays_usable_and_taken_away_with_the_password(
    kept: Kept, visitor: Visitor
) -> None:
    root = await visitor(kept.live_server.address, "root")
    page = await root.open("/settings")
    await expect(backups(page).get_by_text("还没有备份。")).to_be_visible()
    await root.button("立即备份").click()
    await expect(backups(page).get_by_text("正在备份")).to_be_visible()
    await expect(backups(page).get_by_text("备份完成")).to_be_visible(timeout=MADE_WITHIN_MS)
    await expect(page.get_by_text("备份完成。")).to_be_visible()
    (file,) = kept.folder.iterdir()
    row = backups(page).get_by_role("listitem")
    await expect(row).to_contain_text("行 · 已加密")

    await row.get_by_role("button", name="下载").click()
    dialog = page.get_by_role("dialog", name="下载备份")
    await dialog.get_by_label("先输入现在的密码").fill("not the password")
    await dialog.get_by_role("button", name="下载").click()
    await expect(dialog.get_by_text("现在的密码不对。")).to_be_visible()
    assert await root.axe() == []
    await dialog.get_by_label("先输入现在的密码").fill(PASSWORD)
    async with page.expect_download() as saved:
        await dialog.get_by_role("button", name="下载").click()
    download = await saved.value
    assert download.suggested_filename == file.name
    assert await bytes_of(download) == file.read_bytes()
    await expect(dialog).to_have_count(0)

    await root.open("/audit?kind=backup")
    await expect(page.locator(".audit-line").first).to_contain_text(f"罗特下载了备份 {file.name}")


@pytest.mark.parametrize(
    ("language", "heading", "now", "failed", "words", "fix"),
    [
        ("zh", "备份", "立即备份", "失败", "备份目录无法写入。", "去处理"),
        ("en", "Backups", "Back up now", "Failed", "The folder is not writable.", "Fix it"),
    ],
)
async def test_a_failure_is_said_in_words_there_and_on_today(
    kept: Kept, visitor: Visitor, language: str, heading: str, now: str, failed: str, words: str, fix: str
) -> None:
    kept.folder.write_text("a file where the folder should be")
    root = await visitor(kept.live_server.address, language=language)
    await root.sign_in("root", PASSWORD)
    page = await root.open("/settings")
    await root.button(now).click()
    await expect(backups(page, heading).get_by_text(failed, exact=True)).to_be_visible(timeout=MADE_WITHIN_MS)
    await expect(backups(page, heading).get_by_role("listitem")).to_contain_text(words)
    checks = page.locator(".findings")
    await expect(checks).to_contain_text(str(kept.folder.parent), use_inner_text=True)  # a path keeps its letters
    assert await axe_in_all_looks(root, "backups") == []
    await root.open("/")
    await page.get_by_role("link", name=fix).click()
    await expect(backups(page, heading)).to_be_in_viewport()


async def test_they_are_for_administrators_only(kept: Kept, visitor: Visitor) -> None:
    alice = await visitor(kept.live_server.address, "alice")
    page = await alice.open("/settings")
    await expect(page.get_by_role("heading", name="我的数据")).to_be_visible()
    await expect(backups(page)).to_have_count(0)
