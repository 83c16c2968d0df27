"""`make attack`: every attack on real servers, on SQLite, on PostgreSQL and through nginx. Fails if one broke something."""

import argparse
import asyncio
import sys
import tempfile
import time
import traceback
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos.stage import postgres
from deploy.proxy import Nginx, running_nginx
from process.servers import Server
from security.attacks import ATTACKS, Attack, Front, Place, besieged, place

ROOT = Path(__file__).parents[2]
TARGETS = ("SQLite", "PostgreSQL", "nginx")
ATTACK_ENDS_WITHIN_SECONDS = 240


@dataclass(frozen=True)
class Outcome:
    attack: str
    target: str
    seconds: float
    broken: str = ""
    """Why, if it broke something."""
    told: str = ""


@asynccontextmanager
async def directly(server: Server) -> AsyncIterator[str]:
    yield str(server.http.base_url)


@asynccontextmanager
async def through_nginx(server: Server) -> AsyncIterator[str]:
    with _web_root() as folder, _nginx_before(server, folder) as nginx:
        yield f"http://127.0.0.1:{nginx.port}"


def _nginx_before(server: Server, folder: Path) -> AbstractContextManager[Nginx]:
    """The attacker is at 127.0.0.1, so that must not be the proxy whose word nginx takes."""
    url = str(server.http.base_url).rstrip("/")
    return running_nginx(folder, folder / "web", url, TRUSTED_PROXY="192.0.2.1")


@contextmanager
def _web_root() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        folder.chmod(0o755)  # an nginx that root started works as nobody
        (folder / "web").mkdir()
        (folder / "web" / "index.html").write_text("<!doctype html>")
        yield folder


async def outcome_of(attack: Attack, target: str, at: Any) -> Outcome:
    started, broken = time.monotonic(), ""
    try:
        async with asyncio.timeout(ATTACK_ENDS_WITHIN_SECONDS):
            await attack.run(at)
        assert at.server.process.poll() is None, "the server has ended"
    except Exception as error:  # whatever goes wrong is a finding
        if not isinstance(error, AssertionError):
            traceback.print_exc()
        broken = f"{type(error).__name__}: {error}"
    told = "" if isinstance(at, Place) else at.told[-1] if at.told else ""
    return Outcome(attack.name, target, time.monotonic() - started, broken, told)


async def attack_all(
    attacks: Sequence[Attack], target: str, folder: Path, new_database: Callable[[], str], front: Front
) -> list[Outcome]:
    """One server for what people do, one for each siege."""
    outcomes: list[Outcome] = []
    is_proxied = front is through_nginx
    if people := [attack for attack in attacks if not attack.is_siege]:
        async with place(folder / "place", new_database(), front, is_proxied=is_proxied) as at:
            outcomes = [await outcome_of(attack, target, at) for attack in people]
    for number, attack in enumerate(attack for attack in attacks if attack.is_siege):
        async with besieged(folder / f"siege{number}", new_database(), front, is_proxied=is_proxied) as siege:
            outcomes.append(await outcome_of(attack, target, siege))
    return outcomes


def table(outcomes: Sequence[Outcome]) -> str:
    width = max((len(outcome.attack) for outcome in outcomes), default=10)
    lines = [
        f"{outcome.attack:<{width}}  {outcome.target:<10}  {'BROKEN' if outcome.broken else 'held':<6}  "
        f"{outcome.seconds:5.1f} s  {outcome.told}"
        for outcome in outcomes
    ]
    reasons = [f"\n{outcome.attack}, {outcome.target}: {outcome.broken}" for outcome in outcomes if outcome.broken]
    return "\n".join([*lines, *reasons])


def sqlite_databases(folder: Path) -> Callable[[], str]:
    numbers = iter(range(1000))
    return lambda: f"sqlite:///{folder}/{next(numbers)}.db"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m security.attack", description=__doc__)
    parser.add_argument("words", nargs="*", help="only attacks whose name contains one of these words")
    parser.add_argument("--only", choices=TARGETS)
    asked = parser.parse_args(arguments)
    attacks = [each for each in ATTACKS if not asked.words or any(word in each.name for word in asked.words)]
    outcomes: list[Outcome] = []
    for target in TARGETS if asked.only is None else (asked.only,):
        with tempfile.TemporaryDirectory(prefix="attack") as kept:
            folder = Path(kept)
            print(f"==> {target}: {len(attacks)} attacks", flush=True)
            if target == "PostgreSQL":
                with postgres() as server:
                    found = asyncio.run(attack_all(attacks, target, folder, server.new_database, directly))
            else:
                front = through_nginx if target == "nginx" else directly
                found = asyncio.run(attack_all(attacks, target, folder, sqlite_databases(folder), front))
            print(table(found), flush=True)
            outcomes += found
    broken = sum(bool(outcome.broken) for outcome in outcomes)
    print(f"\n{len(outcomes)} attacks: {len(outcomes) - broken} held, {broken} broke something")
    return 1 if broken or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())
