"""The command line answers at once, and knows the commands that there are."""

import subprocess
import sys

from daka.cli import ROLES, _parser
from daka.commands import COMMANDS
from daka.identity.models import Role


def test_help_loads_nothing_of_the_application() -> None:
    """On a Raspberry Pi the whole application takes ten seconds to load."""
    program = "import sys, daka.cli; print(sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    for library in ("fastapi", "pydantic", "sqlalchemy", "sqlmodel", "uvicorn", "aiohttp", "asyncio"):
        assert f"'{library}'" not in loaded


def test_every_command_of_the_parser_is_one_that_runs() -> None:
    given = (["worker"], ["restore", "x"], ["user", "list"], ["user", "create", "x"], ["rotate-key"])
    assert {_parser().parse_args(arguments).command for arguments in given} <= set(COMMANDS)
    commands = [action for action in _parser()._actions if action.dest != "help" and getattr(action, "choices", None)]
    top = {name for action in commands for name in (action.choices or ())}
    assert top == {name.split()[0] for name in COMMANDS}


def test_the_roles_are_those_of_accounts() -> None:
    assert set(ROLES) == {role.value for role in Role}
