"""The calendar over HTTP: who may read and set it, and what an import does."""

import json

import pytest

from conftest import Workplace
from roster.facts import MAKEUP_2026, OFF_2026
from roster.people import grid
from roster.test_calendar import HOLIDAY_CN, TIMOR

OFF = {"kind": "holiday", "name": "厂休"}


async def test_2026_has_33_days_off_and_6_make_up_workdays(workplace: Workplace) -> None:
    year = await workplace.bob.get("/api/v1/calendar/2026")
    days = year["days"]
    assert (len(days), year["provisional"]) == (365, False)
    assert [day for day, found in days.items() if found["kind"] == "holiday"] == OFF_2026
    assert [day for day, found in days.items() if found["kind"] == "makeup_workday"] == MAKEUP_2026
    assert days["2026-01-01"] == {"kind": "holiday", "name": "元旦", "source": "built_in"}


@pytest.mark.parametrize("year", [2000, 2028, 2100])
async def test_a_year_that_nobody_knows_is_provisional_and_never_an_error(workplace: Workplace, year) -> None:
    found = await workplace.bob.get(f"/api/v1/calendar/{year}")
    assert found["provisional"]
    assert {day["source"] for day in found["days"].values()} == {"weekday"}
    roster = await grid(workplace.bob, f"{year}-01-01", f"{year}-01-31")
    assert roster["provisional_years"] == [year]


async def test_an_administrator_sets_a_day_and_takes_it_back(workplace: Workplace) -> None:
    await workplace.root.put("/api/v1/calendar/2026", {"days": {"2026-12-25": OFF}})
    year = await workplace.bob.get("/api/v1/calendar/2026")
    assert year["days"]["2026-12-25"] == {**OFF, "source": "override"}
    assert (await grid(workplace.bob))["days"]["2026-12-25"] == OFF

    year = await workplace.root.put("/api/v1/calendar/2026", {"days": {"2026-12-25": None}})
    assert year["days"]["2026-12-25"] == {"kind": "workday", "name": "", "source": "built_in"}


async def test_putting_a_whole_year_back_overrides_only_what_differs(workplace: Workplace) -> None:
    year = await workplace.root.get("/api/v1/calendar/2026")
    year["days"]["2026-12-25"]["kind"] = "holiday"
    after = await workplace.root.put("/api/v1/calendar/2026", year)
    assert [day for day, found in after["days"].items() if found["source"] == "override"] == ["2026-12-25"]


async def test_only_administrators_change_the_calendar_and_only_in_the_year_they_name(workplace: Workplace) -> None:
    body = {"days": {"2026-12-25": OFF}}
    for person in (workplace.alice, workplace.bob, workplace.charlie):
        assert (await person.http.put("/api/v1/calendar/2026", json=body)).status_code == 403
        assert (await person.http.post("/api/v1/calendar/import", json=HOLIDAY_CN)).status_code == 403
    assert (await workplace.anonymous.get("/api/v1/calendar/2026")).status_code == 401
    answer = await workplace.root.http.put("/api/v1/calendar/2027", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "other_year")
    assert (await workplace.root.http.get("/api/v1/calendar/1026")).status_code == 422


@pytest.mark.parametrize("document", [HOLIDAY_CN, TIMOR], ids=["holiday-cn", "timor.tech"])
async def test_an_import_makes_a_year_known_after_a_dry_run_showed_what_it_changes(
    workplace: Workplace, document
) -> None:
    told = await workplace.root.post("/api/v1/calendar/import", document, dry_run=True)
    assert (told["is_dry_run"], told["years"], told["days"]) == (True, [2027], 2)
    assert [(found["date"], found["before"]["kind"], found["after"]["kind"]) for found in told["changed"]] == [
        ("2027-01-01", "workday", "holiday"),
        ("2027-01-03", "weekend", "makeup_workday"),
    ]
    assert (await workplace.root.get("/api/v1/calendar/2027"))["provisional"]

    done = await workplace.root.post("/api/v1/calendar/import", document)
    assert done["changed"] == told["changed"]
    year = await workplace.bob.get("/api/v1/calendar/2027")
    assert (year["provisional"], year["days"]["2027-01-01"]["source"]) == (False, "import")
    assert (await workplace.root.post("/api/v1/calendar/import", document))["changed"] == []


async def test_an_import_merges_by_date_and_leaves_alone_what_was_set_by_hand(workplace: Workplace) -> None:
    await workplace.root.put("/api/v1/calendar/2027", {"days": {"2027-01-01": {"kind": "workday", "name": "盘点"}}})
    await workplace.root.post("/api/v1/calendar/import", HOLIDAY_CN)
    later = {"year": 2027, "days": [{"name": "春节", "date": "2027-02-08", "isOffDay": True}]}
    told = await workplace.root.post(
        "/api/v1/calendar/import", {**later, "days": [*later["days"], *HOLIDAY_CN["days"]]}
    )
    assert told["kept"] == ["2027-01-01"]
    days = (await workplace.bob.get("/api/v1/calendar/2027"))["days"]
    assert {day: days[day]["kind"] for day in ("2027-01-01", "2027-01-03", "2027-02-08")} == {
        "2027-01-01": "workday",
        "2027-01-03": "makeup_workday",
        "2027-02-08": "holiday",
    }


async def test_an_empty_import_overwrites_nothing(workplace: Workplace) -> None:
    await workplace.root.post("/api/v1/calendar/import", HOLIDAY_CN)
    for empty in ({"year": 2027, "days": []}, {"code": 0, "holiday": {}}):
        answer = await workplace.root.http.post("/api/v1/calendar/import", json=empty)
        assert (answer.status_code, answer.json()["code"]) == (422, "calendar_empty")
    assert not (await workplace.bob.get("/api/v1/calendar/2027"))["provisional"]


async def test_a_file_is_taken_like_a_pasted_text(workplace: Workplace) -> None:
    file = ("2027.json", json.dumps(HOLIDAY_CN).encode(), "application/json")
    answer = await workplace.root.http.post("/api/v1/calendar/import", files={"file": file})
    assert (answer.status_code, answer.json()["years"]) == (200, [2027])
    for wrong in ({"files": {"other": file}}, {"content": "元旦".encode("gbk")}):
        assert (await workplace.root.http.post("/api/v1/calendar/import", **wrong)).status_code == 422
