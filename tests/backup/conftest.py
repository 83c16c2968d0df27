"""Somewhere to restore to: a new folder, or an empty PostgreSQL database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conftest import DatabaseMaker


@pytest.fixture(params=["into_sqlite", "into_postgres"])
async def new_place(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_maker: DatabaseMaker
) -> AsyncIterator[str]:
    """Address of an empty database, of either kind."""
    if request.param == "into_sqlite":
        yield f"sqlite:///{tmp_path}/new/app.db"
        return
    url = await postgres_maker.url()
    yield url
    await postgres_maker.give_back(url)
