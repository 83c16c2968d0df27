"""`make bench`: prints every figure of docs/performance.md."""

import argparse
import asyncio
import tempfile
from pathlib import Path

from bench import burst, grid, history, idle, peers, planning, proposals, scale, ticks, today
from chaos.stage import postgres

PARTS = ("burst", "planning", "ticks", "idle", "grid", "today", "proposals")
MORE = ("peers", "scale", "history")
"""Only if asked for: the first installs packages, the others take ten minutes and more, the last one 20 GB."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", default=PARTS, help=f"some of: {' '.join((*PARTS, *MORE))}")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and rows")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench") as place, postgres() as server:
        folder = Path(place)
        if "burst" in asked.parts:
            databases = {
                "PostgreSQL": server.new_database(),
                "PostgreSQL, two": server.new_database(),
                "SQLite": f"sqlite:///{folder}/burst.db",
            }
            rounds = 1 if asked.quick else 3
            asyncio.run(burst.measure(databases, folder, messages=2000, rounds=rounds, naive_messages=300))
        if "peers" in asked.parts:
            asyncio.run(peers.measure(server, folder, messages=2000, rounds=1 if asked.quick else 3))
        if "scale" in asked.parts:
            sizes = (2_000,) if asked.quick else (5_000, 10_000, 20_000)
            asyncio.run(scale.measure(server, folder, sizes, workers=(1, 2, 4)))
        if "history" in asked.parts:
            deliveries = 1_000_000 if asked.quick else 10_000_000
            for name, url in (("PostgreSQL", server.new_database()), ("SQLite", f"sqlite:///{folder}/history.db")):
                asyncio.run(history.measure(name, url, deliveries))
        if "planning" in asked.parts:
            people = 500 if asked.quick else 5000
            print(f"(c) planning {planning.DAYS - 1} work dates for {people} people (on SQLite for a fifth of them)")
            asyncio.run(planning.measure("PostgreSQL", server.new_database(), people))
            asyncio.run(planning.measure("SQLite", f"sqlite:///{folder}/planning.db", people // 5))
        if "ticks" in asked.parts:
            sizes = (10_000, 100_000) if asked.quick else (10_000, 100_000, 1_000_000)
            print("(d) one look at the book while nothing is due")
            asyncio.run(ticks.measure("PostgreSQL", server.new_database(), sizes))
            asyncio.run(ticks.measure("SQLite", f"sqlite:///{folder}/ticks.db", sizes))
        if "idle" in asked.parts:
            asyncio.run(idle.measure(folder))
        if "grid" in asked.parts:
            asyncio.run(grid.measure(folder, rounds=1 if asked.quick else 3))
        if "today" in asked.parts:
            asyncio.run(today.measure(folder, rounds=1 if asked.quick else 3))
        if "proposals" in asked.parts:
            proposals.measure(quick=asked.quick)


if __name__ == "__main__":
    main()
