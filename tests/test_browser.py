"""Which browser is taken, and what is said when there is none. Nothing is downloaded here."""

import subprocess
from collections.abc import Callable

import pytest

from browser import NoBrowser, Source, choose

SYSTEM, OWN, PACKAGED = "/usr/bin/chromium", "/cache/chrome", "/usr/bin/chromium-of-the-package"


class Machine:
    """What starts here, and what the sources put there."""

    def __init__(self, *starts: str) -> None:
        self.starts = set(starts)
        self.said: list[str] = []

    def source(self, name: str, path: str, failure: Exception | None = None) -> Source:
        def get() -> None:
            if failure:
                raise failure
            self.starts.add(path)

        return Source(name, get, lambda: [path])

    def choose(self, given: str | None = None, *sources: Source) -> str:
        return choose(given, (SYSTEM, OWN), sources, works=self.starts.__contains__, say=self.said.append)


def broken(name: str) -> Callable[[Machine], Source]:
    return lambda machine: machine.source(name, "/nowhere", subprocess.CalledProcessError(1, name))


def test_the_given_one_comes_first() -> None:
    assert Machine("/opt/mine", SYSTEM, OWN).choose("/opt/mine") == "/opt/mine"


def test_a_given_one_that_does_not_start_is_not_replaced_by_another() -> None:
    with pytest.raises(NoBrowser, match="CHROMIUM is /opt/mine, which does not start"):
        Machine(SYSTEM, OWN).choose("/opt/mine")


@pytest.mark.parametrize("given", [None, ""])
def test_what_is_installed_comes_next_and_nothing_is_fetched_or_said(given: str | None) -> None:
    machine = Machine(SYSTEM, OWN)
    assert machine.choose(given, machine.source("download", PACKAGED)) == SYSTEM
    assert machine.said == []


def test_an_installed_one_that_does_not_start_is_passed_over() -> None:
    assert Machine(OWN).choose() == OWN


def test_then_it_is_downloaded_with_a_line_that_says_so_and_the_next_time_it_is_there() -> None:
    machine = Machine()
    sources = (machine.source("download", OWN), machine.source("package", PACKAGED))
    assert machine.choose(None, *sources) == OWN
    assert machine.said == ["==> Browser: download"]
    assert machine.choose(None, *sources) == OWN
    assert len(machine.said) == 1


def test_then_it_is_the_systems_package() -> None:
    machine = Machine()
    assert machine.choose(None, broken("download")(machine), machine.source("package", PACKAGED)) == PACKAGED


def test_a_download_that_lacks_libraries_is_passed_over() -> None:
    machine = Machine()
    useless = Source("download", lambda: None, lambda: [OWN])
    assert machine.choose(None, useless, machine.source("package", PACKAGED)) == PACKAGED


def test_when_all_fail_it_is_one_sentence() -> None:
    machine = Machine()
    with pytest.raises(NoBrowser) as failure:
        machine.choose(None, broken("download")(machine), Source("package", lambda: None, lambda: [PACKAGED]))
    said = str(failure.value)
    assert said.startswith("There is no browser for the tests; download failed (")
    assert said.endswith("; package gave none that starts; install Chromium, or set CHROMIUM to the path of a browser.")
    assert "\n" not in said
