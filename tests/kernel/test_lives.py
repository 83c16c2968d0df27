"""An application that stops and starts again keeps nothing of its former life: its clients, sessions and caches are new."""

import re
from pathlib import Path

from conftest import test_settings
from daka.app import create_app
from daka.errors import ConfigurationError


async def test_a_start_begins_anew(tmp_path: Path) -> None:
    app = create_app(test_settings(database_url=f"sqlite:///{tmp_path}/daka.db", data_dir=tmp_path), with_worker=False)
    app.state.refusal = ConfigurationError("why the last start failed")
    lives = []
    for _ in range(2):
        async with app.router.lifespan_context(app):
            lives.append(dict(app.state._state))
    kept = [name for name, value in lives[0].items() if value is not None and value is lives[1][name]]
    assert kept == ["settings"]
    assert lives[0]["refusal"] is None
    assert lives[0].keys() == lives[1].keys()


def test_only_a_start_gives_it_something_to_keep() -> None:
    source = Path(create_app.__code__.co_filename).parent
    added = [
        f"{file.relative_to(source)}: {line.strip()}"
        for file in sorted(source.rglob("*.py"))
        if file.name != "app.py"
        for line in file.read_text().splitlines()
        if re.search(r"app\.state(\.\w+)? =|app\.state\._|setattr\([\w.]*state,", line)
    ]
    assert added == []
