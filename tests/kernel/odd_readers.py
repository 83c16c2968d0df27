"""Readers that misbehave, each in one way; `file_reader_process` imports them by name."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

OnRow = Callable[[int], None]


def echoes(body: bytes, *, on_row: OnRow) -> Iterator[Any]:
    on_row(1)
    yield body.decode()


def spins(body: bytes, *, on_row: OnRow) -> Iterator[Any]:
    while body:
        pass
    yield on_row


def sleeps(body: bytes, *, on_row: OnRow) -> Iterator[Any]:
    yield os.getpid()
    while body:
        time.sleep(0.01)
        on_row(1)


def hoards(body: bytes, *, on_row: OnRow) -> Iterator[Any]:
    kept = [body]
    while kept:
        kept.append(b"x" * 10_000_000)
    yield on_row


def opens(body: bytes, *, on_row: OnRow) -> Iterator[Any]:
    kept = [open("/dev/null") for _ in range(100)]  # noqa: SIM115
    yield len(kept) + len(body)


def goes_on(body: bytes, *, on_row: OnRow) -> Iterator[Any]:
    while body:
        yield "x" * 100_000


def dies(body: bytes, *, on_row: OnRow) -> Iterator[Any]:
    os.kill(os.getpid(), signal.SIGSEGV)
    yield body


def stops(body: bytes, *, on_row: OnRow) -> Iterator[Any]:
    yield 1
    sys.stdout.flush()
    os._exit(0)


def breaks(body: bytes, *, on_row: OnRow) -> Iterator[Any]:
    raise RuntimeError(body.decode())
    yield


def tells(body: bytes, *, on_row: OnRow) -> Iterator[Any]:
    yield dict(os.environ)
    yield os.nice(0)
    yield sorted(name.split(".")[0] for name in sys.modules)
