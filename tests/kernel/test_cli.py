"""The command line answers at once, and knows the commands that there are."""

import subprocess
import sys

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
_argon2_cffi_bindings _cffi_backend aiohappyeyeballs aiohttp aiosignal annotated_doc annotated_types anyio apscheduler argon2 attr
backports brotli click cryptography defusedxml dotenv fastapi frozenlist greenlet httptools httpx idna jose
multidict opentelemetry passlib propcache pyasn1 pydantic pydantic_core pydantic_settings python_multipart sniffio sqlalchemy
sqlmodel starlette typing_extensions typing_inspection tzlocal uvicorn watchfiles yarl zstandard
_distutils_hack pygments rich
"""
"""The last line is what httpx and Python load where it is installed, as for the tests."""


def test_a_start_loads_only_what_every_start_needs() -> None:
    """Spreadsheets, calendars, mail, sign-in with OpenID Connect, one-time codes, QR codes and migrations: at first use."""
    program = (
        "import sys, daka.commands\n"
        "print(*{name.partition('.')[0] for name, module in list(sys.modules.items())"
        " if 'site-packages' in (getattr(module, '__file__', None) or '')})"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert sorted(set(loaded.split()) - set(AT_A_START.split())) == []


def test_routes_are_built_at_their_first_request() -> None:
    program = (
        "from daka.app import create_app; from daka.settings import Settings;"
        "app = create_app(Settings(secret_key='k' * 64));"
        "print(*{'dependant' in vars(route) for route in app.routes if route.path.startswith('/api/v1')})"
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


def test_the_roles_are_those_of_accounts() -> None:
    assert set(ROLES) == {role.value for role in Role}
