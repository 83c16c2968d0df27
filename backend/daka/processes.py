"""Python processes of our own that answer in lines, for work that must not delay a reminder."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import cast

ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "LANG", "SYSTEMROOT")
"""What such a process inherits: nothing that is secret."""


@asynccontextmanager
async def process_of(module: str, *, longest_line_bytes: int) -> AsyncIterator[Process]:
    """`python -m module`, until the block ends."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ} | {"MALLOC_ARENA_MAX": "1"},
        stdin=PIPE,
        stdout=PIPE,
        limit=longest_line_bytes,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)  # `process.kill` may take the exit status before `wait` does
        cast(asyncio.StreamWriter, process.stdin).close()
        await cast(asyncio.StreamReader, process.stdout).read()  # what is left in the pipe would keep `wait` waiting
        await process.wait()
