"""`daka serve` by a clock that showed MOMENT (ISO) when the wall clock showed AT (seconds): served.py MOMENT AT."""

import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from daka import clock


def going_on(moment: datetime, at: float) -> Callable[[], datetime]:
    return lambda: moment + timedelta(seconds=time.time() - at)


if __name__ == "__main__":
    from daka.cli import main

    began, *arguments = datetime.fromisoformat(sys.argv[1]), *sys.argv[2:]
    clock.EARLIEST = began
    with clock.set_to(going_on(began, float(arguments.pop(0)))):
        sys.exit(main(arguments))
