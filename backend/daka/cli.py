"""The command line: daka serve|worker|migrate|backup|restore|doctor|demo|user|rotate-key|openapi.

Only the parser is here, so that `daka --help` answers at once, also on a small board.
"""

import argparse
import gc
import sys
from collections.abc import Sequence
from pathlib import Path

from daka import __version__

ROLES = ("admin", "planner", "member")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    asked = _parser().parse_args(given[given[:1] == ["daka"] :])  # docker run IMAGE daka doctor
    try:
        gc.disable()  # what an import makes stays: a fifth of the start would go on looking for garbage in it
        from daka import commands

        gc.freeze()
        gc.enable()
        return commands.run(asked)
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="daka", description="Reminds people to clock in and out.")
    parser.add_argument("--version", action="version", version=f"daka {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="API, web app and scheduler in one process")
    serve.add_argument("--host", help="address to listen on (HOST)")
    serve.add_argument("--port", type=int, help="port to listen on; 0 lets the system choose (PORT)")
    serve.add_argument(
        "--no-worker", action="store_true", help="no scheduler in this process; run `daka worker` as well"
    )

    worker = commands.add_parser("worker", help="the scheduler alone; you can run several")
    worker.add_argument("--tick-file", type=Path, help="file touched after each heartbeat, for health checks")

    commands.add_parser("migrate", help="upgrade the database schema")

    backup = commands.add_parser("backup", help="back up the whole database to one file while the server runs")
    backup.add_argument(
        "file", nargs="?", type=Path, help="target file; default: a new file in BACKUP_DIR, which then removes old ones"
    )
    backup.add_argument("--claimed", type=int, help=argparse.SUPPRESS)

    restoring = commands.add_parser(
        "restore", help="restore a backup into an empty database; stop servers and workers first"
    )
    restoring.add_argument("file", type=Path)
    restoring.add_argument("--check", action="store_true", help="only verify the backup and show its contents")
    restoring.add_argument("--replace", action="store_true", help="replace the current contents of the database")
    restoring.add_argument(
        "--other-key", action="store_true", help="restore even if SECRET_KEY cannot decrypt its secrets"
    )
    restoring.add_argument(
        "--keep-sessions",
        action="store_true",
        help="for moving to another place: sessions, links, tokens, feeds and connections of the backup go on",
    )

    doctor = commands.add_parser(
        "doctor", help="check the installation: one line per check, with the remedy; exit status 1 if a check fails"
    )
    doctor.add_argument("--json", action="store_true")
    doctor.add_argument("--offline", action="store_true", help="contact no other server")
    doctor.add_argument(
        "--language", choices=("zh", "en"), help="of the lines; default: the terminal's (LC_ALL, LC_MESSAGES, LANG)"
    )

    demo = commands.add_parser("demo", help="a demo team whose reminders fire within a minute")
    demo.add_argument("--host", default="127.0.0.1")
    demo.add_argument("--port", type=int, default=8000)

    user = commands.add_parser("user", help="list, create and repair accounts")
    actions = user.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="list all accounts")
    listing.set_defaults(command="user list")
    create = actions.add_parser(
        "create", help="add an account; prompts for the password or reads it from standard input"
    )
    create.add_argument("username")
    create.add_argument("--role", choices=ROLES, default="member")
    create.add_argument("--name", help="display name")
    create.set_defaults(command="user create")
    password = actions.add_parser("password", help="set a new password and end the account's sessions")
    password.add_argument("username")
    password.set_defaults(command="user password")

    commands.add_parser(
        "rotate-key",
        help="encrypt stored secrets with the current SECRET_KEY; prompts for the former key or reads it from standard input",
    )

    commands.add_parser("openapi", help="print the OpenAPI description")
    return parser


if __name__ == "__main__":
    sys.exit(main())
