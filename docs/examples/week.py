"""Prints the shifts of the coming week, with a client that is generated from the server's own description.

    curl -s $DAKA/api/openapi.json > openapi.json
    openapi-python-client generate --path openapi.json --meta none
    DAKA=http://localhost:8000 DAKA_TOKEN=daka_… PYTHONPATH=. python week.py

The token is a personal one with the scope `roster:read`.
"""

import os
from datetime import date, timedelta

from daka_client import AuthenticatedClient
from daka_client.api.roster import roster_read
from daka_client.api.shifts import shifts_list
from daka_client.models import PageShiftRead, ProblemDocument, Roster

daka = AuthenticatedClient(base_url=os.environ["DAKA"], token=os.environ["DAKA_TOKEN"], raise_on_unexpected_status=True)


def main() -> None:
    today = date.today()
    roster = roster_read.sync(client=daka, from_=today, to=today + timedelta(days=6))
    shifts = shifts_list.sync(client=daka)
    if isinstance(roster, ProblemDocument):
        raise SystemExit(f"{roster.code}: {roster.title}")
    assert isinstance(roster, Roster)
    assert isinstance(shifts, PageShiftRead)
    names = {shift.id: shift.name for shift in shifts.items}
    for person in roster.users:
        days = [
            f"{day:%m-%d} {names.get(shift, '–')}" for day, shift in zip(roster.dates, person.shift_ids, strict=True)
        ]
        print(person.display_name, *days, sep="  ")


if __name__ == "__main__":
    main()
