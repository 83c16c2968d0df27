"""Reads one uploaded file in a process of its own with limits; `file_reader.py` starts it. Imports as little as possible.

Standard input: a line of JSON (see `Task`), then the file; it stays open as long as the parent wants the result.
Standard output, one JSON document a line: `{"rows": 100}` now and then, `{"found": …}` for each part of the result, and at the
end `{"done": true}`, `{"refused": code, "detail": …}` or `{"failed": …}`.
"""

import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, TypedDict

from daka.spreadsheets.sheet import BadFile

NICENESS = 10
MOST_OPEN_FILES = 32
REPORT_EVERY_SECONDS = 0.2
OUT_OF_MEMORY = 3
"""Exit status."""


class Task(TypedDict):
    """What is to be read, and how."""

    reader: str
    """`module:function`; the function takes the file, `on_row` and the options, and yields JSON values."""
    options: dict[str, Any]
    size: int
    memory_bytes: int
    cpu_seconds: int


def confine(memory_bytes: int, cpu_seconds: int) -> None:
    """Limit this process. Where the system does not know a limit (memory on macOS), the others hold."""
    os.nice(NICENESS)
    with suppress(OSError):  # if memory runs out, the kernel ends this process and not the server
        Path("/proc/self/oom_score_adj").write_text("1000")
    try:
        import resource
    except ImportError:  # not on this system
        return
    for limit, soft, hard in (
        (resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 2),
        (resource.RLIMIT_AS, memory_bytes, memory_bytes),
        (resource.RLIMIT_NOFILE, MOST_OPEN_FILES, MOST_OPEN_FILES),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        with suppress(OSError, ValueError):
            resource.setrlimit(limit, (soft, hard))


def end_with_the_parent() -> None:
    """End this process when the parent closes standard input, which also happens when the parent is killed."""
    os.read(0, 1)
    os._exit(1)


def emit(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def read(reader: Callable[..., Iterable[Any]], body: bytes, options: dict[str, Any]) -> None:
    reported_at = time.monotonic()

    def on_row(count: int) -> None:
        nonlocal reported_at
        if time.monotonic() - reported_at >= REPORT_EVERY_SECONDS:
            reported_at = time.monotonic()
            emit({"rows": count})

    for found in reader(body, on_row=on_row, **options):
        emit({"found": found})
    emit({"done": True})


def main() -> None:
    from daka.spreadsheets.reading import (  # the server, which reads `Task`, needs none of it
        is_old_workbook,
        is_workbook,
    )

    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    task: Task = json.loads(sys.stdin.buffer.readline())
    body = sys.stdin.buffer.read(task["size"])
    threading.stack_size(256 * 1024)
    threading.Thread(target=end_with_the_parent, daemon=True).start()
    module, _, function = task["reader"].partition(":")
    reader = getattr(import_module(module), function)
    if is_workbook(body):
        import_module("openpyxl")
    if is_old_workbook(body):
        import_module("xlrd")
    sys.unraisablehook = lambda _: None  # objects that are dropped for want of memory
    confine(task["memory_bytes"], task["cpu_seconds"])  # from here on, the file decides what is done
    try:
        read(reader, body, task["options"])
    except BadFile as refusal:
        emit({"refused": refusal.code, "detail": str(refusal)})
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except Exception as error:  # parsers raise anything; what they say may be somebody's data
        last = traceback.extract_tb(error.__traceback__)[-1]
        emit({"failed": f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"})
    os._exit(0)


if __name__ == "__main__":
    main()
