"""Files are read by processes with limits: whatever a file does to its reader ends in a sentence, and in time."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import eventually
from daka.errors import TooMany
from daka.file_reader import MOST_FILES, MOST_FILES_OF_ONE, FileReader, Limits
from daka.spreadsheets.sheet import BadFile
from security.hostile_files import FILES, READERS, TOO_COMPLEX, TOO_LONG, ends

TIGHT = Limits(memory_bytes=300_000_000, cpu_seconds=1, seconds=60, result_bytes=3_000_000)
HEAVY = {"importlib.metadata", "fastapi", "pydantic", "sqlalchemy", "sqlmodel", "openpyxl", "chinese_calendar"}
has_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc here")
limits_memory = pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process's memory")


@pytest.fixture(autouse=True)
def _odd_readers_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    )


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def read(reader: str, body: bytes = b"x", *, files: FileReader | None = None, **options: Any) -> list[Any]:
    found: list[Any] = []
    name = reader if ":" in reader else f"kernel.odd_readers:{reader}"
    await (files or FileReader(TIGHT)).read(name, body, found.append, user_id=1, **options)
    return found


async def test_what_is_read_arrives_whole() -> None:
    long = "张三\n" * 100_000
    assert await read("echoes", long.encode()) == [long]


@pytest.mark.parametrize(
    ("reader", "code"),
    [
        ("spins", TOO_LONG),
        pytest.param("hoards", TOO_COMPLEX, marks=limits_memory),
        ("goes_on", TOO_COMPLEX),
        ("dies", "file_broken"),
        ("stops", "file_broken"),
        ("breaks", "file_broken"),
        ("opens", "file_broken"),
    ],
)
async def test_a_reader_that_misbehaves_ends_in_a_sentence(
    reader: str, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(BadFile) as refused:
        await read(reader, b"the number of somebody")
    assert refused.value.code == code
    assert str(refused.value)
    assert "somebody" not in caplog.text


async def test_a_reader_that_only_waits_ends_with_its_time() -> None:
    with pytest.raises(BadFile) as refused:
        await read("sleeps", files=FileReader(Limits(seconds=1)))
    assert refused.value.code == TOO_LONG


@has_proc
async def test_the_process_is_niced_imports_little_and_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "nobody else may know")
    environment, niceness, modules = await read("tells")
    assert "SECRET_KEY" not in environment
    assert niceness == os.nice(0) + 10
    assert not HEAVY & set(modules)


def test_readers_import_little() -> None:
    """Each file pays for what its reader imports."""
    modules = ",".join(reader.partition(":")[0] for reader, _ in READERS.values())
    code = f"import sys,{modules}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert HEAVY & set(loaded) == set()


@has_proc
async def test_a_cancelled_reading_ends_its_process() -> None:
    pids: list[int] = []
    files = FileReader()
    reading = asyncio.create_task(files.read("kernel.odd_readers:sleeps", b"x", pids.append, user_id=1))

    async def has_begun() -> bool:
        return bool(pids)

    await eventually(has_begun)
    reading.cancel()
    assert isinstance((await asyncio.gather(reading, return_exceptions=True))[0], asyncio.CancelledError)
    assert not is_running(pids[0])
    assert await read("echoes", files=files) == ["x"]


PARENT = """
import asyncio
from daka.file_reader import FileReader
asyncio.run(FileReader().read("kernel.odd_readers:sleeps", b"x", lambda found: print(found, flush=True), user_id=1))
"""


@has_proc
async def test_a_process_ends_with_its_parent() -> None:
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(await asyncio.wait_for(parent.stdout.readline(), 30))
    parent.send_signal(signal.SIGKILL)
    await parent.wait()

    async def is_gone() -> bool:
        return not is_running(pid)

    await eventually(is_gone)


async def test_one_person_cannot_take_the_places_of_all_and_places_come_back() -> None:
    files = FileReader()
    pids: list[int] = []

    def begin(user_id: int) -> asyncio.Task[None]:
        return asyncio.create_task(files.read("kernel.odd_readers:sleeps", b"x", pids.append, user_id=user_id))

    started = [begin(user_id) for user_id in (1, 2, 3) for _ in range(MOST_FILES_OF_ONE + 1)]
    await asyncio.sleep(0)
    refused = [task for task in started if task.done()]
    assert len(refused) == 3
    assert all(isinstance(task.exception(), TooMany) for task in refused)
    assert len(started) - len(refused) == MOST_FILES
    with pytest.raises(TooMany) as full:
        await files.read("kernel.odd_readers:echoes", b"x", pids.append, user_id=4)
    assert (full.value.code, full.value.headers["Retry-After"]) == ("files_busy", "10")
    for task in started:
        task.cancel()
    await asyncio.gather(*started, return_exceptions=True)
    assert await read("echoes", files=files) == ["x"]


@limits_memory
@pytest.mark.parametrize("name", FILES)
async def test_no_file_takes_more_than_its_share(name: str) -> None:
    reader, options = READERS["roster"]
    body = FILES[name][1]()
    started = asyncio.get_running_loop().time()
    code = ""
    try:
        await read(reader, body, **options)
    except BadFile as refusal:
        code = refusal.code
    took = asyncio.get_running_loop().time() - started
    assert code in ends(name)
    assert took < TIGHT.seconds + 2
