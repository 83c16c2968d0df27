"""`make bench`: prints every figure of docs/performance.md."""

import argparse
import asyncio
import tempfile
from pathlib import Path

from bench import burst
from chaos.stage import postgres

PARTS = ("burst",)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", default=PARTS, help=f"some of: {' '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and rows")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench") as place, postgres() as server:
        folder = Path(place)
        if "burst" in asked.parts:
            databases = {"PostgreSQL": server.new_database(), "SQLite": f"sqlite:///{folder}/burst.db"}
            asyncio.run(
                burst.measure(databases, folder, messages=2000, rounds=1 if asked.quick else 3, naive_messages=300)
            )


if __name__ == "__main__":
    main()
