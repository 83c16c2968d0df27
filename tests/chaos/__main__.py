"""`make chaos`: 10,000 reminders over 200 addresses with three workers on PostgreSQL, then a full disk on SQLite.

After that a storm of clocks, which are set forward, back and to 1970 during the burst, and a storm of providers, which answer as
no library does and whose names do not resolve; both on PostgreSQL and on SQLite.
"""

import argparse
import asyncio
import sys
from dataclasses import replace

from chaos.stage import postgres
from chaos.storm import Plan, run_storm

POSTGRES = Plan(
    people=10_000,
    addresses=180,
    robots=20,
    workers=3,
    minutes=2,
    kills=15,
    crashes_of_the_database=2,
    banned=2,
    broken=1,
    answered=0.1,
    within_seconds=840,
)
SQLITE = Plan(
    people=1_000,
    addresses=50,
    robots=4,
    workers=1,
    kills=6,
    crashes_of_the_database=0,
    is_disk_full=True,
    answered=0.1,
    within_seconds=300,
)
CLOCKS = {
    "robots": 4,
    "kills": 0,
    "crashes_of_the_database": 0,
    "is_disk_full": False,
    "banned": 0,
    "broken": 0,
    "jumps": 15,
}
PROVIDERS = {
    **CLOCKS,
    "jumps": 0,
    "robots": 20,
    "people_per_robot": 10,
    "odd_share": 0.3,
    "name_faults": 0.1,
    "mailboxes": 60,
}
PLANS = {
    "postgres": POSTGRES,
    "sqlite": SQLITE,
    "clocks on postgres": replace(POSTGRES, people=1_000, minutes=1, **CLOCKS),
    "clocks on sqlite": replace(SQLITE, **CLOCKS),
    "providers on postgres": replace(POSTGRES, people=1_000, minutes=1, **PROVIDERS),
    "providers on sqlite": replace(SQLITE, **PROVIDERS),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PLANS)
    parser.add_argument("--people", type=int, help="so many instead of the plan's")
    parser.add_argument("--seed", type=int, default=POSTGRES.seed)
    parser.add_argument("--no-ban", action="store_true", help="leave out the robots that are blocked for ten minutes")
    asked = parser.parse_args()
    kept = True
    for name, plan in PLANS.items():
        if asked.only is None or name in asked.only:
            changed = {"seed": asked.seed, "people": asked.people or plan.people}
            if asked.no_ban:
                changed["banned"] = 0
            plan = Plan(**{**plan.__dict__, **changed})
            print(
                f"==> {name}: {plan.people} reminders, {plan.addresses + plan.robots} addresses, {plan.workers} workers"
            )
            if name.endswith("postgres"):
                with postgres() as server:
                    report = asyncio.run(run_storm(plan, server))
            else:
                report = asyncio.run(run_storm(plan, None))
            print(report, flush=True)
            kept = kept and report.holds
    print("The promise was kept." if kept else "The promise was broken.")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
