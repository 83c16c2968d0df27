"""Which browser the tests drive, and where it comes from on a machine that has none.

    python tests/browser.py        (`make test` and `make e2e` do it first)

CHROMIUM if it is set; else a Chromium or Chrome that is installed; else Playwright's own, downloaded once; else, for root on a
system with apt-get, the system's package: Debian's headless shell, which is smaller and quicker, or else the whole browser.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "chromium-headless-shell")
PACKAGES = ("chromium-headless-shell", "chromium")
HELP = "install Chromium, or set CHROMIUM to the path of a browser"


class NoBrowser(Exception):
    """One sentence: what was tried, and what helps."""


@dataclass(frozen=True)
class Source:
    """A way to get a browser. `get` may raise OSError or CalledProcessError; afterwards the browser is at one of `paths`."""

    name: str
    get: Callable[[], object]
    paths: Callable[[], Iterable[str]]


def choose(
    given: str | None,
    installed: Iterable[str],
    sources: Iterable[Source],
    *,
    works: Callable[[str], bool],
    say: Callable[[str], object],
) -> str:
    """The path of a browser that starts: the given one and no other, else the first that is installed, else from a source.

    Raises:
        NoBrowser
    """
    if given:
        if works(given):
            return given
        raise NoBrowser(f"CHROMIUM is {given}, which does not start; {HELP}.")
    for path in installed:
        if works(path):
            return path
    tried = []
    for source in sources:
        say(f"==> Browser: {source.name}")
        try:
            source.get()
        except (OSError, subprocess.CalledProcessError) as error:
            tried.append(f"{source.name} failed ({_why(error)})")
            continue
        for path in source.paths():
            if works(path):
                return path
        tried.append(f"{source.name} gave none that starts")
    raise NoBrowser("; ".join(["There is no browser for the tests", *tried, HELP]) + ".")


def _why(error: OSError | subprocess.CalledProcessError) -> str:
    return f"status {error.returncode}" if isinstance(error, subprocess.CalledProcessError) else str(error)


def find(playwrights_own: str) -> str:
    """The browser of this machine; nothing is downloaded."""
    return choose(os.environ.get("CHROMIUM"), (*_on_path(), playwrights_own), (), works=_starts, say=print)


def _on_path() -> list[str]:
    return [path for name in NAMES if (path := shutil.which(name))]


def _starts(path: str) -> bool:
    """Whether it is there with all libraries that it needs."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _playwrights_own() -> str:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _run(*command: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)


def _download() -> None:
    _run(sys.executable, "-m", "playwright", "install", "chromium")


def _install(package: str) -> None:
    _run("apt-get", "update")
    _run("apt-get", "install", "-y", "--no-install-recommends", package, "fonts-noto-cjk")


def _installed() -> Iterator[str]:
    yield from _on_path()
    yield _playwrights_own()


def main() -> int:
    sources = [Source("downloading Playwright's own", _download, lambda: [_playwrights_own()])]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        sources += [Source(f"apt-get install {each}", partial(_install, each), _on_path) for each in PACKAGES]
    try:
        choose(
            os.environ.get("CHROMIUM"), _installed(), sources, works=_starts, say=lambda line: print(line, flush=True)
        )
    except NoBrowser as sentence:
        print(sentence, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
