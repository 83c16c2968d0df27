"""The built web app over HTTP: compressed beforehand, cached for good where a name never changes, and not sent twice."""

import gzip
from pathlib import Path

import pytest

from conftest import WorkplaceMaker
from daka.static_files import chosen_coding


@pytest.mark.parametrize(
    ("accept_encoding", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("BR", "br"),
        ("*", "br"),
        ("br;q=0, *", "gzip"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("br; q=1.0, gzip;q=0.8", "br"),
        ("gzip;q=0", None),
        ("*;q=0", None),
        ("br;q=many, gzip", "gzip"),
        ("identity", None),
        ("deflate, zstd", None),
        ("", None),
    ],
)
def test_the_coding_is_one_that_the_browser_takes_and_the_smaller_of_two(
    accept_encoding: str, coding: str | None
) -> None:
    assert chosen_coding(accept_encoding, ["br", "gzip"]) == coding


def test_a_coding_that_the_build_did_not_write_is_not_chosen() -> None:
    assert chosen_coding("br, gzip", ["gzip"]) == "gzip"
    assert chosen_coding("br, gzip", []) is None


PAGE = "<!doctype html><title>打卡</title>".encode()
SCRIPT = b"export const answer = 42;\n" * 50


async def test_what_the_build_compressed_is_sent_compressed_and_only_once(
    make_workplace: WorkplaceMaker, tmp_path: Path
) -> None:
    assets = tmp_path / "assets"
    assets.mkdir()
    (tmp_path / "index.html").write_bytes(PAGE)
    (assets / "app-1.js").write_bytes(SCRIPT)
    (assets / "app-1.js.gz").write_bytes(gzip.compress(SCRIPT))
    async with make_workplace(web_dir=tmp_path) as workplace:
        browser = workplace.anonymous
        zipped = await browser.get("/assets/app-1.js", headers={"Accept-Encoding": "gzip, br"})
        plain = await browser.get("/assets/app-1.js", headers={"Accept-Encoding": "identity"})
        assert zipped.headers["content-encoding"] == "gzip"
        assert int(zipped.headers["content-length"]) < len(SCRIPT) / 5
        assert "content-encoding" not in plain.headers
        assert zipped.content == plain.content == SCRIPT
        for answer in (zipped, plain):
            assert answer.headers["vary"] == "Accept-Encoding"
            assert answer.headers["content-type"].startswith("text/javascript")
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert zipped.headers["etag"] != plain.headers["etag"], "a proxy must not take one for the other"

        page = await browser.get("/", headers={"Accept-Encoding": "gzip, br"})
        assert (page.content, page.headers["cache-control"]) == (PAGE, "no-cache")
        for known in (page.headers["etag"], f'"other", W/{page.headers["etag"]}'):
            again = await browser.get("/", headers={"If-None-Match": known})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == page.headers["etag"]
            assert "content-length" not in again.headers or again.headers["content-length"] == "0"
        changed = await browser.get("/", headers={"If-None-Match": '"other"'})
        assert (changed.status_code, changed.content) == (200, PAGE)
