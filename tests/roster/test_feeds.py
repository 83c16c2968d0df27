"""Calendar feeds: what a phone reads at a secret address."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.rrule import rrulestr

from conftest import OWN, TODAY, Clock, Workplace
from daka.roster.feeds.ical import WorkEvent, calendar_text
from roster.people import EARLY, NIGHT, REST, cell, new_shift, plan

DAY = str(TODAY)


def path_of(feed: dict) -> str:
    return feed["url"].removeprefix("http://localhost:8000")


async def events_at(workplace: Workplace, feed: dict) -> list[icalendar.Event]:
    answer = await workplace.anonymous.get(path_of(feed))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return icalendar.Calendar.from_ical(answer.content).events


async def test_ones_shifts_are_read_at_a_secret_address_without_signing_in(workplace: Workplace) -> None:
    early, night, rest = [await new_shift(workplace, shift) for shift in (EARLY, NIGHT, REST)]
    days = ("2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26")
    await plan(
        workplace.alice,
        *[cell(workplace.bob, day, shift) for day, shift in zip(days, (early, night, rest, early), strict=True)],
    )
    await workplace.bob.post("/api/v1/leaves", {"from": days[3]})
    feed = await workplace.bob.post("/api/v1/me/ical", {"alarm_minutes": 15} | OWN)
    assert feed["webcal_url"].startswith("webcal://localhost:8000/ical/")
    events = await events_at(workplace, feed)
    assert [(str(event["SUMMARY"]), event.decoded("DTSTART")) for event in events] == [
        ("请假", date(2026, 11, 26)),
        ("早班", datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))),
        ("夜班", datetime(2026, 11, 24, 22, 0, tzinfo=ZoneInfo("Asia/Shanghai"))),
    ]
    assert events[2].decoded("DTEND") == datetime(2026, 11, 25, 6, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    alarms = events[1].walk("VALARM")
    assert [(alarm.decoded("TRIGGER"), alarm["TRIGGER"].params["RELATED"]) for alarm in alarms] == [
        (timedelta(minutes=-15), "START"),
        (timedelta(0), "END"),
    ]


async def test_an_unchanged_calendar_is_not_sent_again(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    feed = await workplace.bob.post("/api/v1/me/ical", OWN)
    first = await workplace.anonymous.get(path_of(feed))
    same = await workplace.anonymous.get(
        path_of(feed), headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'}
    )
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
    await plan(workplace.alice, cell(workplace.bob, DAY, early))
    changed = await workplace.anonymous.get(path_of(feed), headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


async def test_a_team_feed_says_who_works_together(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    await plan(workplace.alice, cell(workplace.bob, DAY, early), cell(workplace.alice, DAY, early))
    feed = await workplace.bob.post("/api/v1/me/ical", {"team_id": workplace.team_a} | OWN)
    (event,) = await events_at(workplace, feed)
    assert (event["SUMMARY"], event["DESCRIPTION"]) == ("早班 · 2 人", "Alice、Bob")
    assert event.walk("VALARM") == []

    await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"team_id": workplace.team_c})
    assert (await workplace.anonymous.get(path_of(feed))).status_code == 404


async def test_a_revoked_address_and_that_of_a_disabled_person_show_nothing(workplace: Workplace) -> None:
    feed = await workplace.bob.post("/api/v1/me/ical", {"name": "手机"} | OWN)
    await events_at(workplace, feed)
    (listed,) = (await workplace.bob.get("/api/v1/me/ical"))["items"]
    assert (listed["name"], "url" in listed, listed["last_read_at"] is not None) == ("手机", False, True)
    assert (await workplace.charlie.http.delete(f"/api/v1/me/ical/{feed['id']}")).status_code == 404
    await workplace.bob.delete(f"/api/v1/me/ical/{feed['id']}")
    assert (await workplace.anonymous.get(path_of(feed))).status_code == 404

    feed = await workplace.charlie.post("/api/v1/me/ical", OWN)
    await workplace.root.patch(f"/api/v1/users/{workplace.charlie.id}", {"is_active": False})
    assert (await workplace.anonymous.get(path_of(feed))).status_code == 404


async def test_charlie_gets_no_feed_of_another_team(workplace: Workplace) -> None:
    answer = await workplace.charlie.http.post("/api/v1/me/ical", json={"team_id": workplace.team_a} | OWN)
    assert (answer.status_code, answer.json()["code"]) == (404, "team_not_found")
    assert (await workplace.anonymous.get(f"/ical/{'x' * 43}.ics")).status_code == 404


async def test_whoever_drops_the_suffix_is_sent_to_the_calendar(workplace: Workplace) -> None:
    feed = await workplace.bob.post("/api/v1/me/ical", OWN)
    answer = await workplace.anonymous.get(path_of(feed).removesuffix(".ics"))
    assert (answer.status_code, answer.headers["location"]) == (308, path_of(feed))


async def test_an_event_says_that_it_changed_with_its_shift_and_with_its_people(
    workplace: Workplace, frozen: Clock
) -> None:
    early = await new_shift(workplace, EARLY)
    await plan(workplace.alice, cell(workplace.bob, DAY, early), cell(workplace.alice, DAY, early))
    mine = await workplace.bob.post("/api/v1/me/ical", OWN)
    ours = await workplace.bob.post("/api/v1/me/ical", {"team_id": workplace.team_a} | OWN)

    async def stamps(feed: dict) -> tuple[datetime, datetime, int]:
        (event,) = await events_at(workplace, feed)
        return event.decoded("DTSTAMP"), event.decoded("LAST-MODIFIED"), event["SEQUENCE"]

    async def changed() -> tuple[bool, bool]:
        nonlocal seen
        before, seen = seen, [await stamps(mine), await stamps(ours)]
        grown = [
            all(new > old for new, old in zip(now, then, strict=True)) for now, then in zip(seen, before, strict=True)
        ]
        assert all(is_more or now == then for is_more, now, then in zip(grown, seen, before, strict=True))
        return grown[0], grown[1]

    seen = [await stamps(mine), await stamps(ours)]
    frozen.forward(minutes=5)
    assert await changed() == (False, False)
    await workplace.alice.patch(f"/api/v1/shifts/{early}", {"periods": [{"start": "08:00", "end": "16:00"}]})
    assert await changed() == (True, True)
    frozen.forward(minutes=5)
    await plan(workplace.alice, cell(workplace.alice, DAY, None))  # nobody is left who carries the change
    assert await changed() == (False, True)


Onsets = list[tuple[datetime, timedelta]]


def onsets_in(read: icalendar.Calendar) -> Onsets:
    """A strict reader of its own: knows only DTSTART and one yearly RRULE of each part of the VTIMEZONE."""
    (zone,) = read.walk("VTIMEZONE")
    found: Onsets = []
    for part in zone.subcomponents:
        assert "RDATE" not in part
        start, offset = part.decoded("DTSTART").replace(tzinfo=None), part.decoded("TZOFFSETTO")
        onsets = [start]
        if "RRULE" in part:
            rule = rrulestr(part["RRULE"].to_ical().decode(), dtstart=start)
            onsets = rule.between(start, datetime(2032, 1, 1, tzinfo=UTC).replace(tzinfo=None), inc=True)
        found += [(onset - part.decoded("TZOFFSETFROM"), offset) for onset in onsets]
    return sorted(found, key=lambda one: one[0])


def moment(found: Onsets, event: icalendar.Event, name: str) -> datetime:
    local = datetime.fromisoformat(event[name].to_ical().decode())
    # Of a repeated local time the first is meant, so the offsets are tried from the oldest on.
    for index, (begins, offset) in enumerate(found):
        at = local - offset
        if begins <= at and (index + 1 == len(found) or at < found[index + 1][0]):
            return at.replace(tzinfo=UTC)
    raise AssertionError(f"{local} does not exist")


@pytest.mark.parametrize(
    ("zone", "rules"),
    [
        ("Asia/Shanghai", []),
        ("America/New_York", ["FREQ=YEARLY;BYDAY=2SU;BYMONTH=3", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"]),
        ("Europe/Berlin", ["FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"]),
        ("Australia/Lord_Howe", ["FREQ=YEARLY;BYDAY=1SU;BYMONTH=4", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=10"]),
        ("Africa/Casablanca", []),  # by the moon: no rule, each change by itself
    ],
)
def test_every_reader_finds_the_same_moments(zone: str, rules: list[str]) -> None:
    """Events on each day of a year, at hours beside every change of clocks."""
    start = datetime(2026, 11, 1, tzinfo=UTC)
    events = [
        WorkEvent(
            f"{hour}@daka", "班", start, TODAY, (start + timedelta(hours=hour), start + timedelta(hours=hour + 8))
        )
        for hour in range(0, 400 * 24, 7)
    ]
    events = [
        event for event in events if event.span and all(not at.astimezone(ZoneInfo(zone)).fold for at in event.span)
    ]
    body = calendar_text("排班", ZoneInfo(zone), events, alarm_minutes=None)
    read = icalendar.Calendar.from_ical(body)
    onsets = onsets_in(read)
    assert [(moment(onsets, one, "DTSTART"), moment(onsets, one, "DTEND")) for one in read.events] == [
        event.span for event in events
    ]
    assert b"RDATE" not in body
    found = {part["RRULE"].to_ical().decode() for part in read.walk("VTIMEZONE")[0].subcomponents if "RRULE" in part}
    assert {frozenset(rule.split(";")) for rule in found} == {frozenset(rule.split(";")) for rule in rules}


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Europe/Berlin"])
def test_lines_are_folded_zones_come_along_and_the_same_shifts_are_the_same_bytes(zone) -> None:
    start = datetime(2026, 3, 1, 14, tzinfo=UTC)
    events = [
        WorkEvent(
            f"{day}@daka",
            "很长的班次名称，" * 12,
            start,
            TODAY,
            (start + timedelta(days=day), start + timedelta(days=day, hours=8)),
        )
        for day in range(40)
    ]
    body = calendar_text("我的排班", ZoneInfo(zone), events, alarm_minutes=10)
    assert body == calendar_text("我的排班", ZoneInfo(zone), events, alarm_minutes=10)
    assert body.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    read = icalendar.Calendar.from_ical(body)
    assert [str(found["TZID"]) for found in read.timezones] == [zone]
    assert [event.decoded("DTSTART").astimezone(UTC) for event in read.events] == [event.span[0] for event in events]
    assert str(read.events[0]["SUMMARY"]) == events[0].title
