"""Runs `daka …` on a machine whose clock is set by others and whose router restarts.

CLOCK_FILE holds the seconds by which the wall clock is ahead. Every name is this machine, but NAME_FAULTS of the look-ups fail.
"""

import mmap
import os
import random
import socket
import struct
import sys
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import apscheduler.schedulers.base

from daka import clock
from daka.cli import main
from daka.outbound.guard import Guard


class SetClock:
    """A clock that other processes set."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(struct.pack("d", 0.0))
        with file.open("r+b") as opened:
            self._view = mmap.mmap(opened.fileno(), 8)

    def set(self, seconds: float) -> None:
        self._view[:8] = struct.pack("d", seconds)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=struct.unpack("d", self._view[:8])[0])


def live_by(wall: SetClock) -> None:
    class SetDatetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return wall.now().astimezone(tz)

    clock._read = wall.now
    apscheduler.schedulers.base.datetime = SetDatetime


def forget_names(share: float) -> None:
    async def look_up(host: str, port: int) -> list[str]:
        if random.random() < share:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return ["127.0.0.1"]

    Guard.__init__.__kwdefaults__["look_up"] = look_up


if __name__ == "__main__":
    live_by(SetClock(Path(os.environ["CLOCK_FILE"])))
    forget_names(float(os.environ.get("NAME_FAULTS", "0")))
    sys.exit(main())
