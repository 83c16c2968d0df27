"""Has each uploaded file read by a process of its own, with limits of time and memory, so that no file delays a reminder.

A few files are read at a time, some more wait, others are refused. A reader is named `module:function`; see
`file_reader_process.py` for the process.
"""

import asyncio
import json
import logging
import signal
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Annotated, Any, cast

from daka.errors import TooMany
from daka.file_reader_process import OUT_OF_MEMORY, Task
from daka.processes import process_of
from daka.routing import of_app
from daka.spreadsheets.sheet import BadFile

log = logging.getLogger(__name__)

AT_ONCE = 2
MOST_FILES = 12
"""Files that are read or wait."""
MOST_FILES_OF_ONE = 4
"""The same for one person, so that nobody uses up everybody's."""
RETRY_AFTER_SECONDS = 10
PIECE_BYTES = 262_144
LONGEST_LINE_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may take."""

    memory_bytes: int = 640_000_000
    """Of address space."""
    cpu_seconds: int = 20
    seconds: float = 45.0
    """From the start of the process; nginx waits for an answer for 60."""
    result_bytes: int = 60_000_000


class FileReader:
    """Reads files in processes of their own. One for each server process."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._free = asyncio.Semaphore(AT_ONCE)
        self._files_of: Counter[int] = Counter()

    async def read(
        self,
        reader: str,
        body: bytes,
        take: Callable[[Any], None],
        *,
        user_id: int,
        on_rows: Callable[[int], None] = lambda _count: None,
        **options: Any,
    ) -> None:
        """Have a file read: `take` gets each part of the result. Cancelling ends the process.

        Raises:
            BadFile: what the reader raised; the file takes too much time or memory, or breaks the reader.
            TooMany: too many files are being read.
        """
        with self._counted(user_id):
            async with self._free:
                await self._read(reader, body, take, on_rows, options)

    @contextmanager
    def _counted(self, user_id: int) -> Iterator[None]:
        if self._files_of.total() >= MOST_FILES or self._files_of[user_id] >= MOST_FILES_OF_ONE:
            raise TooMany("files_busy", RETRY_AFTER_SECONDS, "Too many files are being read; try again in a moment")
        self._files_of[user_id] += 1
        try:
            yield
        finally:
            self._files_of[user_id] -= 1
            if not self._files_of[user_id]:
                del self._files_of[user_id]

    async def _read(
        self,
        reader: str,
        body: bytes,
        take: Callable[[Any], None],
        on_rows: Callable[[int], None],
        options: dict[str, Any],
    ) -> None:
        limits = self._limits
        task: Task = {
            "reader": reader,
            "options": options,
            "size": len(body),
            "memory_bytes": limits.memory_bytes,
            "cpu_seconds": limits.cpu_seconds,
        }
        async with process_of("daka.file_reader_process", longest_line_bytes=LONGEST_LINE_BYTES) as process:
            try:
                async with asyncio.timeout(limits.seconds):
                    await _send(process, json.dumps(task).encode() + b"\n", body)
                    is_done = await _receive(process, take, on_rows, limits.result_bytes)
                    if not is_done:
                        raise _reason(await process.wait())
            except TimeoutError as error:
                raise _takes_too_long() from error


async def _send(process: Process, task: bytes, body: bytes) -> None:
    stdin = cast(asyncio.StreamWriter, process.stdin)
    with suppress(ConnectionError):  # it has ended; its status says why
        stdin.write(task)
        for start in range(0, len(body), PIECE_BYTES):
            stdin.write(body[start : start + PIECE_BYTES])
            await stdin.drain()


async def _receive(
    process: Process, take: Callable[[Any], None], on_rows: Callable[[int], None], most_bytes: int
) -> bool:
    """Take the results. False if the process ended before it was done."""
    received = 0
    stdout = cast(asyncio.StreamReader, process.stdout)
    while (line := await stdout.readline()).endswith(b"\n"):
        received += len(line)
        if received > most_bytes:
            raise _too_complex()
        document = json.loads(line)
        if "found" in document:
            take(document["found"])
        elif "rows" in document:
            on_rows(document["rows"])
        elif "refused" in document:
            raise BadFile(document["refused"], document["detail"])
        elif "failed" in document:
            log.error("A file broke its reader", extra={"fields": {"reason": document["failed"]}})
            raise _broken()
        else:
            return True
        await asyncio.sleep(0)  # lines that have arrived already would be taken without a pause
    return False


def _reason(status: int) -> BadFile:
    """Why the process ended before it was done."""
    if status == -signal.SIGXCPU:
        return _takes_too_long()
    if status in (OUT_OF_MEMORY, -signal.SIGKILL):
        return _too_complex()
    log.error("A file broke its reader", extra={"fields": {"status": status}})
    return _broken()


def _takes_too_long() -> BadFile:
    return BadFile("file_takes_too_long", "读取这个文件用时太长，已停止；请只保留需要的内容，或拆成几个文件")


def _too_complex() -> BadFile:
    return BadFile("file_too_complex", "读取这个文件需要太多内存，未读取；请只保留需要的工作表和单元格再导入")


def _broken() -> BadFile:
    return BadFile("file_broken", "无法读取这个文件；请用 Excel 或 WPS 打开，另存为 .xlsx 后再试")


FileReaderDep = Annotated[FileReader, of_app("file_reader")]
