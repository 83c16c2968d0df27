"""The attacks that need no time, on a real server with SQLite; `make attack` runs all, on both databases and through nginx."""

from pathlib import Path

import pytest

from security.attack import attack_all, directly, sqlite_databases, table
from security.attacks import ATTACKS, Attack, Place


@pytest.mark.process
async def test_no_quick_attack_breaks_anything(tmp_path: Path) -> None:
    quick = [attack for attack in ATTACKS if not attack.is_siege or "files" in attack.name]
    found = await attack_all(quick, "SQLite", tmp_path, sqlite_databases(tmp_path), directly)
    assert not [outcome for outcome in found if outcome.broken], "\n" + table(found)
    assert len(found) == len(quick) > 10


@pytest.mark.process
async def test_an_attack_that_breaks_something_is_in_the_table(tmp_path: Path) -> None:
    async def succeeds(at: Place) -> None:
        assert (await at.workplace.bob.http.get("/api/v1/me")).status_code == 401

    attacks = [Attack("a good token", succeeds)]
    found = await attack_all(attacks, "SQLite", tmp_path, sqlite_databases(tmp_path), directly)
    assert "a good token  SQLite      BROKEN" in table(found)
