"""Calendar feeds: what a phone reads at a secret address."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest

from conftest import OWN, TODAY, Workplace
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
