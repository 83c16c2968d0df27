"""`daka` as browser tests start it: the program itself, with hashes of passwords that cost nothing.

It is imported once, which takes most of a start, and forks for each line of standard input: a JSON object with `arguments`,
`folder`, `environment` and `output`, a file. It answers with the process's number, and ends with its input. Nothing but these
tests starts it this way, and no setting does the same. `process/` and `security/` start the program as it is.
"""

import gc
import json
import os
import signal
import sys
from typing import Any

import alembic.command  # noqa: F401 - by the first migration
import uvloop  # noqa: F401 - by the first loop
from passlib.context import CryptContext

from daka import cli, commands, demo, security  # noqa: F401 - by the first command

cheap = CryptContext(schemes=["argon2"], argon2__time_cost=1, argon2__memory_cost=64, argon2__parallelism=1)
security._passwords = lambda: cheap  # type: ignore[assignment]


def become(asked: dict[str, Any]) -> int:
    """Run the command in this process, as if it had been started there and so."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    output = os.open(asked["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for number, to in enumerate((os.open(os.devnull, os.O_RDONLY), output, output)):
        os.dup2(to, number)
    return cli.main(asked["arguments"])


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who presses Ctrl+C ends the tests, and they the servers
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever has ended is gone at once
    gc.freeze()
    while line := sys.stdin.buffer.raw.readline():  # nothing is read ahead that a child would get
        if (child := os.fork()) == 0:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            sys.exit(become(json.loads(line)))
        print(child, flush=True)
