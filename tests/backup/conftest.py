"""Somewhere to restore to: a new folder, or an empty PostgreSQL database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conftest import DatabaseMaker


@pytest.fixture(scope="module")
async def servers_databases(
    postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[DatabaseMaker]:
    maker = DatabaseMaker("postgres", tmp_path_factory.mktemp("targets"), postgres_server)
    yield maker
    await maker.drop_all()


@pytest.fixture(params=["into_sqlite", "into_postgres"])
async def new_place(
    request: pytest.FixtureRequest, tmp_path: Path, servers_databases: DatabaseMaker
) -> AsyncIterator[str]:
    """Address of an empty database, of either kind."""
    if request.param == "into_sqlite":
        yield f"sqlite:///{tmp_path}/new/app.db"
        return
    url = await servers_databases.url()
    yield url
    await servers_databases.give_back(url)
