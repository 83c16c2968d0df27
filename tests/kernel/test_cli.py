"""The command line answers at once, and knows the commands that there are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from daka import __version__
from daka.cli import ROLES, _parser, main
from daka.commands import COMMANDS
from daka.identity.models import Role


def test_help_loads_nothing_of_the_application() -> None:
    """On a Raspberry Pi the whole application takes ten seconds to load."""
    program = "import sys, daka.cli; print(sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    for library in ("fastapi", "pydantic", "sqlalchemy", "sqlmodel", "uvicorn", "aiohttp", "asyncio"):
        assert f"'{library}'" not in loaded


AT_A_START = """
annotated_doc annotated_types anyio apscheduler click defusedxml dotenv fastapi greenlet httptools opentelemetry
pydantic pydantic_core pydantic_settings python_multipart sniffio sqlalchemy sqlmodel starlette typing_extensions
typing_inspection tzlocal uvicorn watchfiles _distutils_hack
"""
"""The last one is what Python loads where it is installed, as for the tests."""


def test_a_start_loads_only_what_every_start_needs() -> None:
    """What sends, encrypts, reads spreadsheets and calendars, mail, passwords and tokens, OpenID Connect, QR codes, migrations,
    the API and the dialects of both databases: at first use.
    """
    program = (
        "import sys, daka.commands\n"
        "print(*{name.partition('.')[0] for name, module in list(sys.modules.items())"
        " if 'site-packages' in (getattr(module, '__file__', None) or '')})\n"
        "print(*(name for name in sys.modules if name.endswith('routes') or name.startswith('sqlalchemy.dialects.')))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    libraries, late = found.splitlines()
    assert sorted(set(libraries.split()) - set(AT_A_START.split())) == []
    assert late == "daka.today.health_routes"


FIRST_REQUESTS = """
import asyncio, sys, httpx
from daka.app import create_app
from daka.settings import Settings

async def main():
    app = create_app(Settings(secret_key="k" * 64, web_dir=""), with_worker=False)
    async with app.router.lifespan_context(app):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://daka") as client:
            health = await client.get("/api/health")
            print(health.json()["checks"]["database"], *{"daka.api", "aiohttp", "cryptography"} & sys.modules.keys())
            await client.get("/")
            while "daka.api" not in sys.modules:
                await asyncio.sleep(0.01)
            paths = ("/api/v1/setup", "/api/v1/me", "/api/v1/nothing", "/a/x", "/api/metrics", "/nothing")
            found = await asyncio.gather(*(client.get(path) for path in paths))
            print(*(answer.status_code for answer in found), "daka.api" in sys.modules)
            print((await client.delete("/api/health")).headers["allow"])

asyncio.run(main())
"""


def test_the_api_is_loaded_when_it_is_first_asked_for(tmp_path: Path) -> None:
    """Or before, as a page that will ask for it is opened; a health check alone never loads it."""
    environment = {
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/daka.db",
        "PATH": os.environ["PATH"],
    }
    found = subprocess.run(
        [sys.executable, "-c", FIRST_REQUESTS], capture_output=True, text=True, check=True, env=environment
    )
    assert found.stdout.splitlines() == ["ok", "200 401 404 410 200 404 True", "GET, HEAD"]


def test_routes_are_built_at_their_first_request() -> None:
    program = (
        "from daka.app import create_app; from daka.routing import with_late_routes; from daka.settings import Settings;"
        "routes = with_late_routes(create_app(Settings(secret_key='k' * 64)).routes);"
        "print(*{'dependant' in vars(route) for route in routes if route.path.startswith('/api/v1')})"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "False"


def test_every_command_of_the_parser_is_one_that_runs() -> None:
    given = (["worker"], ["restore", "x"], ["user", "list"], ["user", "create", "x"], ["rotate-key"])
    assert {_parser().parse_args(arguments).command for arguments in given} <= set(COMMANDS)
    commands = [action for action in _parser()._actions if action.dest != "help" and getattr(action, "choices", None)]
    top = {name for action in commands for name in (action.choices or ())}
    assert top == {name.split()[0] for name in COMMANDS}


def test_the_name_of_the_program_before_the_command_counts_as_said_by_the_image(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As with many images: docker run IMAGE daka doctor."""
    with pytest.raises(SystemExit) as ended:
        main(["daka", "--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"daka {__version__}\n")


@pytest.mark.parametrize(
    ("command", "url", "says"),
    [
        (["backup"], "postgresql://daka:hunter2@127.0.0.1:1/daka", "nothing listens at 127.0.0.1:1"),
        (["serve", "--port", "0"], "sqlite:///words.db", "words.db cannot be read as an SQLite database"),
        (["backup"], "sqlite:///elsewhere/app.db", "there is no database at"),
        (["user", "list"], "sqlite:///elsewhere/app.db", "elsewhere/app.db; check DATABASE_URL"),
        (["user", "password", "bob"], "sqlite:///elsewhere/app.db", "in which folder this command runs"),
        (["rotate-key"], "sqlite:///elsewhere/app.db", "there is no database at"),
    ],
)
def test_the_last_line_of_a_command_says_why_the_database_cannot_be_used(
    tmp_path: Path, command: list[str], url: str, says: str
) -> None:
    (tmp_path / "words.db").write_text("no database at all, only words" * 100)
    environment = os.environ | {"DATABASE_URL": url, "DATA_DIR": "data", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-m", "daka", *command],
        cwd=tmp_path,
        env=environment,
        input="plum-cedar-lantern-9",
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, says in done.stderr.splitlines()[-1]) == (1, True), done.stderr
    assert not (tmp_path / "elsewhere").exists()
    assert ("hunter2" in done.stderr, "Traceback" in done.stderr) == (False, False), done.stderr


def test_the_roles_are_those_of_accounts() -> None:
    assert set(ROLES) == {role.value for role in Role}
