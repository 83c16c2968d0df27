"""Importing and exporting over HTTP."""

import asyncio
import io
import json
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from sqlmodel import col, func, select

from conftest import ONE_DATABASE, Person, Workplace, eventually
from daka.identity.models import Role, User
from daka.roster.cells import lock_roster
from daka.roster.models import Assignment, RosterChange
from daka.roster.transfer import jobs, routes
from daka.roster.transfer.models import RosterImport
from roster.people import DECEMBER, EARLY, NIGHT, REST, cell, grid, new_shift, plan, row_of
from roster.test_reading import OLDER, bomb, workbook

WIDE = workbook(["姓名", "2026-12-01", "2026-12-02"], ["Bob", "早", "夜"], ["Alice", None, "早班"])


NEW_MIDDLE = {"name": "中班", "code": "中", "color": "hue-4", "periods": [{"start": "14:00", "end": "22:00"}]}


async def import_file(by: Person, body: bytes, mapping: Any = None, name: str = "roster.xlsx", **params: Any) -> Any:
    answer = await by.http.post(
        "/api/v1/roster/import",
        params=params,
        files={"file": (name, body)},
        data={"mapping": json.dumps(mapping)} if mapping else None,
    )
    assert answer.is_success, answer.text
    return answer.json()


async def shifts(workplace: Workplace) -> tuple[int, int]:
    return await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)


async def test_a_dry_run_tells_everything_and_the_import_does_it(workplace: Workplace) -> None:
    early, night = await shifts(workplace)
    await plan(workplace.alice, cell(workplace.bob, "2026-12-01", night), cell(workplace.alice, "2026-12-02", early))
    told = await import_file(workplace.alice, WIDE, dry_run=True)
    outcome = told["outcome"]
    assert (told["status"], told["percent"], outcome["layout"], outcome["problem_count"]) == ("checked", 100, "wide", 0)
    assert {name: outcome[name] for name in ("people", "cells", "added", "moved", "cleared", "same")} == {
        "people": 2,
        "cells": 3,
        "added": 1,
        "moved": 1,
        "cleared": 0,
        "same": 1,
    }
    assert (outcome["first_date"], outcome["last_date"]) == ("2026-12-01", "2026-12-02")
    assert row_of(await grid(workplace.alice), workplace.bob)[:2] == [night, None]

    done = await import_file(workplace.alice, WIDE)
    assert (done["status"], done["outcome"]["revision"]) == ("done", (await grid(workplace.alice))["revision"])
    roster = await grid(workplace.alice)
    assert (row_of(roster, workplace.bob)[:2], row_of(roster, workplace.alice)[:2]) == ([early, night], [None, early])


async def test_every_row_that_cannot_be_taken_is_named_and_nothing_is_written(workplace: Workplace) -> None:
    await shifts(workplace)
    await workplace.add_person("Bob2", team_id=workplace.team_a)
    async with workplace.database.write() as session:
        twin = (await session.exec(select(User).where(User.username == "bob2"))).one()
        twin.display_name = "Alice"
    body = workbook(
        ["姓名", "日期", "班次"],
        ["Bob", "2026-12-01", "早"],
        ["Nobody", "2026-12-01", "早"],
        ["Charlie", "2026-12-01", "早"],
        ["Alice", "2026-12-01", "早"],
        ["Bob", "someday", "早"],
        ["Bob", "2026-12-02", "X"],
        ["Bob", "2026-12-01", "夜"],
    )
    told = await import_file(workplace.alice, body)
    assert told["status"] == "refused"
    found = sorted((problem["row"], problem["code"], problem["value"]) for problem in told["outcome"]["problems"])
    assert found == [
        (3, "unknown_person", "Nobody"),
        (4, "unknown_person", "Charlie"),
        (5, "ambiguous_person", "Alice"),
        (6, "bad_date", "someday"),
        (7, "unknown_shift", "X"),
        (8, "twice", "Bob 2026-12-01: 早 / 夜"),
    ]
    assert told["outcome"]["unknown_people"] == [
        {"word": "Nobody", "rows": 1, "first_row": 3},
        {"word": "Charlie", "rows": 1, "first_row": 4},
    ]
    assert told["outcome"]["unknown_shifts"] == [{"word": "X", "rows": 1, "first_row": 7, "shift": None}]
    assert row_of(await grid(workplace.alice), workplace.bob) == [None] * 31

    done = await import_file(workplace.alice, body, skip_invalid_rows=True)
    assert (done["status"], done["outcome"]["added"], done["outcome"]["problem_count"]) == ("done", 1, 6)


async def test_a_dry_run_draws_the_roster_as_it_would_be_with_each_problem_at_its_cell(workplace: Workplace) -> None:
    early, night = await shifts(workplace)
    await plan(workplace.alice, cell(workplace.bob, "2026-12-01", night), cell(workplace.bob, "2026-12-03", night))
    body = workbook(
        ["姓名", "2026-12-01", "2026-12-02", "2026-12-03"],
        ["Bob", "早", "大", None],
        ["新来的", "T", "早", None],
        ["Alice", None, "早", "大"],
        ["大=大夜班 0:00-8:00"],
    )
    mapping = {"people": {"新来的": "new"}, "shifts": {"T": NEW_MIDDLE}}
    outcome = (await import_file(workplace.alice, body, mapping, dry_run=True, blanks="clear"))["outcome"]
    assert outcome["drawn"] == {
        "dates": ["2026-12-01", "2026-12-02", "2026-12-03"],
        "rows": [
            {"name": "Bob", "user_id": workplace.bob.id, "before": [night, None, night], "after": [early, "大", None]},
            {"name": "新来的", "user_id": None, "before": [None] * 3, "after": ["中", early, None]},
            {"name": "Alice", "user_id": workplace.alice.id, "before": [None] * 3, "after": [None, early, "大"]},
        ],
        "more_people": 0,
        "more_days": 0,
    }
    assert [(each["code"], each["line"], each["date"]) for each in outcome["problems"]] == [
        ("unknown_shift", 0, "2026-12-02"),
        ("unknown_shift", 2, "2026-12-03"),
    ]
    night_of_the_legend = {"name": "大夜班", "code": "大", "start": "00:00", "end": "08:00"}
    assert [each["shift"] for each in outcome["unknown_shifts"]] == [night_of_the_legend]
    kept = (await import_file(workplace.alice, body, mapping, dry_run=True))["outcome"]["drawn"]["rows"][0]
    assert kept["after"] == [early, "大", night], "blank cells of the file leave the roster's"
    (listed, *_) = (await workplace.alice.http.get("/api/v1/roster/imports")).json()["items"]
    assert listed["outcome"]["drawn"] is None, "a list has no drawings"


async def test_unknown_words_are_mapped_to_existing_and_new_people_and_shifts(workplace: Workplace) -> None:
    early, night = await shifts(workplace)
    body = workbook(
        ["姓名", "2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04"],
        ["小波", "A", "Ｎ", "T", "?"],
        ["新来的", "A", None, None, None],
        ["老板", "A", None, None, None],
    )
    mapping = {
        "people": {"小波": workplace.bob.id, "新来的": "new", "老板": "skip"},
        "shifts": {
            "A": early,
            "n": night,
            "T": {"name": "临时班", "code": "T", "periods": [{"start": "10:00", "end": "16:00"}]},
            "?": "clear",
        },
    }
    told = await import_file(workplace.alice, body, mapping, dry_run=True)
    assert (told["outcome"]["problem_count"], told["outcome"]["new_people"], told["outcome"]["new_shifts"]) == (
        0,
        ["新来的"],
        ["T"],
    )
    assert told["outcome"]["added"] == 4, "with the shift and the person that are to be made"
    assert len((await workplace.alice.get("/api/v1/users"))["items"]) == 2

    done = await import_file(workplace.alice, body, mapping)
    assert done["status"] == "done"
    roster = await grid(workplace.alice)
    new = next(row for row in roster["users"] if row["display_name"] == "新来的")
    temporary = next(one for one in (await workplace.alice.get("/api/v1/shifts"))["items"] if one["code"] == "T")
    assert row_of(roster, workplace.bob)[:4] == [early, night, temporary["id"], None]
    assert (new["team_id"], new["shift_ids"][0]) == (workplace.team_a, early)


async def test_a_refused_import_adds_no_people_and_no_shifts(workplace: Workplace) -> None:
    await shifts(workplace)
    body = workbook(["姓名", "2026-12-01"], ["新来的", "T"], ["Bob", "X"])
    mapping = {"people": {"新来的": "new"}, "shifts": {"T": {"name": "临时班", "code": "T", "is_rest": True}}}
    assert (await import_file(workplace.alice, body, mapping))["status"] == "refused"
    assert len((await workplace.alice.get("/api/v1/users"))["items"]) == 2
    assert len((await workplace.alice.get("/api/v1/shifts"))["items"]) == 2


async def test_blank_cells_clear_only_when_asked(workplace: Workplace) -> None:
    early, _ = await shifts(workplace)
    await plan(workplace.alice, cell(workplace.alice, "2026-12-01", early))
    await import_file(workplace.alice, WIDE)
    assert row_of(await grid(workplace.alice), workplace.alice)[0] == early
    assert (await import_file(workplace.alice, WIDE, blanks="clear"))["outcome"]["cleared"] == 1
    assert row_of(await grid(workplace.alice), workplace.alice)[0] is None


async def test_rest_words_mean_the_teams_rest_shift(workplace: Workplace) -> None:
    rest = await new_shift(workplace, {**REST, "name": "轮休日", "code": "R"})
    body = workbook(["姓名", "2026-12-01", "2026-12-02"], ["Bob", "休", "OFF"])
    await import_file(workplace.alice, body)
    assert row_of(await grid(workplace.alice), workplace.bob)[:2] == [rest, rest]


async def test_the_older_json_is_the_roster_of_one_person(workplace: Workplace) -> None:
    early = await new_shift(workplace, {**EARLY, "code": "A"})
    rest = await new_shift(workplace, REST)
    body = OLDER.replace(',"13":{"1":"A"}', "").encode()
    done = await import_file(workplace.alice, body, name="roster.json", user_id=workplace.bob.id)
    assert (done["status"], done["outcome"]["layout"]) == ("done", "older_json")
    assert row_of(await grid(workplace.alice), workplace.bob)[:2] == [early, rest]
    asked = await import_file(workplace.alice, body, name="roster.json")
    assert asked["status"] == "refused", "nobody's roster is guessed"
    assert [(each["row"], each["code"]) for each in asked["outcome"]["problems"]] == [(1, "owner_missing")]
    assert row_of(await grid(workplace.alice), workplace.alice)[:2] == [None, None]


async def test_planners_import_only_for_their_teams(workplace: Workplace) -> None:
    await new_shift(workplace, EARLY, by=workplace.root)
    for person in (workplace.bob, workplace.charlie):
        answer = await person.http.post("/api/v1/roster/import", files={"file": ("x.xlsx", WIDE)})
        assert answer.status_code == 403
    for mapping in ({"people": {"Bob": workplace.charlie.id}}, {"shifts": {"早": 999}}):
        told = await import_file(workplace.alice, WIDE, mapping)
        assert (told["status"], told["outcome"]["problem_count"] > 0) == ("refused", True)
    for wrong in ("no json", '{"people": {"Bob": "friend"}}', '{"persons": {}}'):
        answer = await workplace.alice.http.post(
            "/api/v1/roster/import", files={"file": ("x.xlsx", WIDE)}, data={"mapping": wrong}
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_mapping")


@pytest.mark.parametrize(
    ("body", "failure"),
    [(bomb("xl/worksheets/sheet1.xml", 150_000_000), "file_unpacks_too_large"), (b"hello", "roster_not_recognised")],
    ids=["zip bomb", "no table"],
)
async def test_a_file_that_cannot_be_read_is_refused_with_a_reason(workplace: Workplace, body, failure) -> None:
    told = await import_file(workplace.alice, body, dry_run=True)
    if told["status"] == "running":
        told = await ended(workplace.alice, told["id"])
    assert (told["status"], told["outcome"]["failure"]) == ("refused", failure)
    assert told["outcome"]["failure_detail"]


async def test_fifty_megabytes_are_refused_before_they_are_read(workplace: Workplace) -> None:
    answer = await workplace.alice.http.post("/api/v1/roster/import", files={"file": ("x.xlsx", b"x" * 50_000_000)})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


# --- words that are remembered ---------------------------------------------------------------------------------------

WORDS = "/api/v1/roster/import/words"
STRANGE = workbook(["姓名", "2026-12-01", "2026-12-02"], ["小波", "Ａ1", "巡"], ["临时工", "早", "?"])


async def words_of(workplace: Workplace, by: Person | None = None) -> dict[str, tuple[str, int | None]]:
    found = (await (by or workplace.alice).get(WORDS, team_id=workplace.team_a))["items"]
    return {each["word"]: (each["meaning"], each["user_id"] or each["shift_id"]) for each in found}


async def test_what_words_meant_is_remembered_once_it_was_written_and_not_before(workplace: Workplace) -> None:
    early, night = await shifts(workplace)
    mapping = {
        "people": {"小波": workplace.bob.id, "临时工": "skip"},
        "shifts": {"Ａ1": night, "巡": {**EARLY, "name": "巡检", "code": "巡"}, "?": "clear"},
    }
    await import_file(workplace.alice, STRANGE, mapping, team_id=workplace.team_a, dry_run=True)
    assert await words_of(workplace) == {}
    done = await import_file(workplace.alice, STRANGE, mapping, team_id=workplace.team_a)
    assert done["status"] == "done"
    patrol = next(each["id"] for each in (await workplace.alice.get("/api/v1/shifts"))["items"] if each["code"] == "巡")
    assert await words_of(workplace) == {
        "小波": ("user", workplace.bob.id),
        "临时工": ("skip", None),
        "Ａ1": ("shift", night),
        "巡": ("shift", patrol),
        "?": ("clear", None),
    }
    # The same word, written with another width: its newest meaning holds, once.
    await import_file(workplace.alice, STRANGE, {"people": mapping["people"], "shifts": {"a1": early, "?": "skip"}})
    assert (await words_of(workplace))["Ａ1"] == ("shift", early)


async def test_remembered_words_are_forgotten_one_by_one_or_all(workplace: Workplace) -> None:
    _, night = await shifts(workplace)
    mapping = {
        "people": {"小波": workplace.bob.id, "临时工": "skip"},
        "shifts": {"A1": night, "巡": "skip", "?": "clear"},
    }
    await import_file(workplace.alice, STRANGE, mapping, team_id=workplace.team_a)
    found = (await workplace.alice.get(WORDS, team_id=workplace.team_a))["items"]
    one = next(each for each in found if each["word"] == "小波")
    await workplace.alice.delete(f"{WORDS}/{one['id']}")
    assert set(await words_of(workplace)) == {"临时工", "A1", "巡", "?"}
    await workplace.alice.delete(WORDS, team_id=workplace.team_a)
    assert await words_of(workplace) == {}


async def test_a_word_that_means_nobody_any_more_is_not_offered(workplace: Workplace) -> None:
    _, night = await shifts(workplace)
    mapping = {
        "people": {"小波": workplace.bob.id, "临时工": "skip"},
        "shifts": {"A1": night, "巡": night, "?": "clear"},
    }
    await import_file(workplace.alice, STRANGE, mapping, team_id=workplace.team_a)
    async with workplace.database.write() as session:
        bob = await session.get(User, workplace.bob.id)
        bob.team_id = workplace.team_c
    await workplace.alice.delete(f"/api/v1/shifts/{night}", replace_with=(await shifts_by_code(workplace))["早"])
    assert await words_of(workplace) == {"临时工": ("skip", None), "?": ("clear", None)}


async def shifts_by_code(workplace: Workplace) -> dict[str, int]:
    return {each["code"]: each["id"] for each in (await workplace.alice.get("/api/v1/shifts"))["items"]}


async def test_words_are_the_teams_and_charlies_planner_sees_none_of_them(workplace: Workplace) -> None:
    _, night = await shifts(workplace)
    mapping = {
        "people": {"小波": workplace.bob.id, "临时工": "skip"},
        "shifts": {"A1": night, "巡": "skip", "?": "clear"},
    }
    await import_file(workplace.alice, STRANGE, mapping, team_id=workplace.team_a)
    word = (await workplace.alice.get(WORDS, team_id=workplace.team_a))["items"][0]
    other = await workplace.add_person("Olga", team_id=workplace.team_c, role=Role.PLANNER)
    assert (await other.http.get(WORDS, params={"team_id": workplace.team_a})).status_code == 404
    assert (await other.http.delete(f"{WORDS}/{word['id']}")).status_code == 404
    assert (await other.http.delete(WORDS, params={"team_id": workplace.team_a})).status_code == 404
    assert len(await words_of(workplace)) == 5


# --- large files -----------------------------------------------------------------------------------------------------


async def ended(by: Person, import_id: int) -> Any:
    async def look() -> Any:
        found = await by.get(f"/api/v1/roster/imports/{import_id}")
        return found if found["status"] != "running" else None

    return await eventually(look, within_seconds=120)


@pytest.fixture
def _small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files above one kilobyte are jobs, so that tests need no large ones."""
    monkeypatch.setattr(routes, "AT_ONCE_BYTES", 1_000)


async def crowd(workplace: Workplace, how_many: int) -> bytes:
    """So many people in team A, and a CSV that plans December for each of them."""
    async with workplace.database.write() as session:
        alice = await session.get(User, workplace.alice.id)
        session.add_all(
            User(
                username=f"worker{number:05}",
                display_name=f"工人{number:05}",
                password_hash="x",
                role=Role.MEMBER,
                team_id=workplace.team_a,
                created_at=alice.created_at,
            )
            for number in range(how_many)
        )
    header = "姓名," + ",".join(f"2026-12-{day:02}" for day in range(1, 32))
    rows = [
        f"工人{number:05}," + ",".join("早夜"[(number + day) % 2] for day in range(31)) for number in range(how_many)
    ]
    return "\n".join([header, *rows]).encode()


async def count_cells(workplace: Workplace) -> int:
    async with workplace.database.read() as session:
        return (await session.exec(select(func.count()).select_from(Assignment))).one()


@pytest.mark.usefixtures("_small_is_large")
async def test_a_large_file_is_a_job_whose_progress_can_be_asked_for(workplace: Workplace) -> None:
    await shifts(workplace)
    body = await crowd(workplace, 200)
    begun = await import_file(workplace.alice, body, name="roster.csv")
    assert (begun["status"], begun["outcome"]) == ("running", None)
    assert (await workplace.root.http.get(f"/api/v1/roster/imports/{begun['id']}")).status_code == 404
    done = await ended(workplace.alice, begun["id"])
    assert (done["status"], done["percent"], done["outcome"]["added"]) == ("done", 100, 200 * 31)
    assert await count_cells(workplace) == 200 * 31
    assert [one["id"] for one in (await workplace.alice.get("/api/v1/roster/imports"))["items"]] == [begun["id"]]


@pytest.mark.usefixtures("_small_is_large")
async def test_a_cancelled_import_writes_nothing(workplace: Workplace) -> None:
    await shifts(workplace)
    body = await crowd(workplace, 200)
    begun = await import_file(workplace.alice, body, name="roster.csv")
    answer = await workplace.alice.http.delete(f"/api/v1/roster/imports/{begun['id']}")
    assert answer.status_code == 204
    assert (await ended(workplace.alice, begun["id"]))["status"] == "cancelled"
    assert await count_cells(workplace) == 0
    again = await workplace.alice.http.delete(f"/api/v1/roster/imports/{begun['id']}")
    assert (again.status_code, again.json()["code"]) == (409, "import_ended")


@pytest.mark.usefixtures("_small_is_large")
async def test_an_import_is_cancelled_at_once_also_while_somebody_writes(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite there is one write lock, and a large import holds it for a while."""
    await shifts(workplace)
    body = await crowd(workplace, 200)
    may_read, read = asyncio.Event(), jobs.read_apart

    async def later(*given: Any) -> Any:
        await may_read.wait()
        return await read(*given)

    monkeypatch.setattr(jobs, "read_apart", later)
    begun = await import_file(workplace.alice, body, name="roster.csv")
    async with workplace.database.write() as session:
        await lock_roster(session)
        may_read.set()
        async with asyncio.timeout(5):
            answer = await workplace.alice.http.delete(f"/api/v1/roster/imports/{begun['id']}")
    assert answer.status_code == 204
    assert (await ended(workplace.alice, begun["id"]))["status"] == "cancelled"
    assert await count_cells(workplace) == 0


@pytest.fixture
def held_up(monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """An import that has compared its file sets the first event, and writes once the second is set."""
    has_compared, may_write, compare = asyncio.Event(), asyncio.Event(), jobs.compare

    async def slowly(*given: Any) -> Any:
        compared = await compare(*given)
        has_compared.set()
        await may_write.wait()
        return compared

    monkeypatch.setattr(jobs, "compare", slowly)
    return has_compared, may_write


@pytest.mark.usefixtures("_small_is_large")
async def test_others_write_while_a_large_import_is_under_way_and_the_record_says_so(
    workplace: Workplace, held_up: tuple[asyncio.Event, asyncio.Event]
) -> None:
    has_compared, may_write = held_up
    early, night = await shifts(workplace)
    body = await crowd(workplace, 200)
    begun = await import_file(workplace.alice, body, name="roster.csv")
    async with asyncio.timeout(10):
        await has_compared.wait()
        async with workplace.database.read() as session:
            first = (await session.exec(select(User.id).where(User.username == "worker00000"))).one()
        # The file says 早 here and 夜 on the next day.
        await plan(workplace.alice, cell(first, "2026-12-01", night), cell(first, "2026-12-02", night))
        may_write.set()
    done = await ended(workplace.alice, begun["id"])
    counts = {name: done["outcome"][name] for name in ("added", "moved", "cleared", "same")}
    assert (done["status"], counts) == ("done", {"added": 6198, "moved": 1, "cleared": 0, "same": 1})
    assert row_of(await grid(workplace.alice), first)[:3] == [early, night, early]
    async with workplace.database.read() as session:
        asked = select(RosterChange).where(RosterChange.user_id == first).order_by(col(RosterChange.id))
        changes = [(each.before_shift_id, each.after_shift_id) for each in await session.exec(asked)]
    assert changes[:3] == [(None, night), (None, night), (night, early)]
    assert len(changes) == 2 + 30


@pytest.mark.usefixtures("_small_is_large")
async def test_whoever_leaves_the_team_while_a_file_is_compared_is_not_written(
    workplace: Workplace, held_up: tuple[asyncio.Event, asyncio.Event]
) -> None:
    has_compared, may_write = held_up
    await shifts(workplace)
    body = await crowd(workplace, 200)
    begun = await import_file(workplace.alice, body, name="roster.csv")
    async with asyncio.timeout(10):
        await has_compared.wait()
        async with workplace.database.write() as session:
            moving = (await session.exec(select(User).where(User.username == "worker00007"))).one()
            moving.team_id = workplace.team_c
        may_write.set()
    told = await ended(workplace.alice, begun["id"])
    assert (told["status"], [each["code"] for each in told["outcome"]["problems"]]) == ("refused", ["unknown_person"])
    assert await count_cells(workplace) == 0


@pytest.mark.usefixtures("_small_is_large")
async def test_a_large_import_moves_clears_and_makes_people_and_shifts_in_one_go(workplace: Workplace) -> None:
    early, night = await shifts(workplace)
    await import_file(workplace.alice, await crowd(workplace, 100), name="roster.csv")
    await eventually(lambda: count_cells(workplace))
    days = ",".join(f"2026-12-{day:02}" for day in range(1, 32))
    rows = [f"工人{number:05}," + ",".join(["Q", "", *["夜"] * 29]) for number in range(100)]
    body = "\n".join([f"姓名,{days}", *rows, "新人," + ",".join("Q" * 31)]).encode()
    mapping = {"people": {"新人": "new"}, "shifts": {"Q": {**EARLY, "code": "Q", "name": "全天"}}}
    begun = await import_file(workplace.alice, body, mapping, name="roster.csv", blanks="clear")
    done = await ended(workplace.alice, begun["id"])
    counts = {name: done["outcome"][name] for name in ("added", "moved", "cleared", "same")}
    assert done["status"] == "done", done
    whole = next(each["id"] for each in (await workplace.alice.get("/api/v1/shifts"))["items"] if each["code"] == "Q")
    async with workplace.database.read() as session:
        ids = {user.display_name: user.id for user in await session.exec(select(User))}
    roster = await grid(workplace.alice)
    assert row_of(roster, ids["新人"]) == [whole] * 31
    for number in range(100):
        assert row_of(roster, ids[f"工人{number:05}"]) == [whole, None, *[night] * 29]
    assert counts["added"] == 31
    assert counts["cleared"] == 100
    assert counts["moved"] + counts["same"] == 100 * 30
    assert early != whole


async def test_an_import_whose_process_is_gone_shows_as_interrupted(workplace: Workplace, frozen) -> None:
    async with workplace.database.write() as session:
        row = RosterImport(
            file_name="x.xlsx",
            is_dry_run=False,
            status="running",
            created_by=workplace.alice.id,
            created_at=frozen.now,
            seen_at=frozen.now,
        )
        session.add(row)
        await session.flush()
    assert (await workplace.alice.get(f"/api/v1/roster/imports/{row.id}"))["status"] == "running"
    frozen.forward(minutes=2)
    assert (await workplace.alice.get(f"/api/v1/roster/imports/{row.id}"))["status"] == "interrupted"


# --- contradictions, times, the preview ----------------------------------------------------------------------------------


async def asked(workplace: Workplace, *rows: Any, mapping: Any = None, **params: Any) -> list[tuple[str, str]]:
    """Code and value of each question of a dry run."""
    told = await import_file(workplace.alice, workbook(*rows), mapping, dry_run=True, **params)
    return [(problem["code"], problem["value"]) for problem in told["outcome"]["problems"]]


async def test_the_name_of_one_and_the_account_of_another_ask(workplace: Workplace) -> None:
    await shifts(workplace)
    header = ["姓名", "账号", "日期", "班次"]
    assert await asked(workplace, header, ["Bob", "alice", "2026-12-01", "早"]) == [("person_contradiction", "Bob")]
    for name, account in (("Bob", "bob"), ("Bob", "n17"), ("Bob", ""), ("Bobby", "bob")):
        assert await asked(workplace, header, [name, account, "2026-12-01", "早"]) == []
    said = {"people": {"Bob": workplace.bob.id}}
    assert await asked(workplace, header, ["Bob", "alice", "2026-12-01", "早"], mapping=said) == []


async def test_another_member_in_somebodys_row_asks(workplace: Workplace) -> None:
    await shifts(workplace)
    day, title = "2026-12-01", ["2026年12月排班"]
    for heading, is_asked in (("A角", True), ("副班", True), ("班长", True), ("创建人", False)):
        for rows in (
            [title, [heading, "姓名", 1, 2, 3], ["Alice", "Bob", "早", "夜", "早"]],
            [["姓名", "日期", "班次", heading], ["Bob", day, "早", "Alice"]],
        ):
            question = [("person_beside", f"Alice = {heading}")] if is_asked else []
            assert await asked(workplace, *rows) == question, rows
            assert await asked(workplace, *rows, mapping={"not_read": [f" {heading}"]}) == [], "it does not count"
            assert await asked(workplace, *rows, mapping={"not_read": ["别的"]}) == question
    leaders = [["Alice", "Bob", "早", "夜", "早"], ["Alice", "Alice", "夜", "早", "夜"]]
    assert await asked(workplace, title, ["班长", "姓名", 1, 2, 3], *leaders) == []
    mapped = {"people": {"Alice": "skip"}}
    assert (
        await asked(workplace, title, ["A角", "姓名", 1, 2, 3], ["Alice", "Bob", "早", "夜", "早"], mapping=mapped)
        == []
    )


async def test_rows_of_a_shift_are_seen_by_the_people_in_their_cells(workplace: Workplace) -> None:
    await shifts(workplace)
    await new_shift(workplace, {**EARLY, "name": "一线", "code": "一线"})
    down = [["岗位", "2026-12-01", "2026-12-02", "2026-12-03"], ["一线", "Bob", "Alice、Bob", "Bob"]]
    across = [["日期", "一线", "夜班"], ["2026-12-01", "Bob", "Alice"], ["2026-12-02", "Alice", "Bob"]]
    assert await asked(workplace, *down) == await asked(workplace, *across) == []
    told = (await import_file(workplace.alice, workbook(*down), dry_run=True))["outcome"]
    assert (told["people"], told["cells"]) == (2, 4)
    assert await asked(workplace, down[0], ["大门岗", "Bob", "Alice", "Bob"]) == [("unknown_shift", "大门岗")] * 3
    assert await asked(workplace, down[0], ["大门岗", "Bob", "早", "Bob"]) == [("unknown_person", "大门岗")]


async def test_rows_of_nobody_without_a_shift_ask_nothing(workplace: Workplace) -> None:
    await shifts(workplace)
    header = ["姓名", "2026-12-01", "2026-12-02", "2026-12-03"]
    assert await asked(workplace, header, ["甲班"], ["Bob", "早", None, "夜"], ["合计", 1, 0, 1], blanks="clear") == []
    assert await asked(workplace, header, ["甲班", "早"], ["Bob", "早", None, "夜"]) == [("unknown_person", "甲班")]


@pytest.mark.parametrize(
    ("word", "is_known"),
    [
        ("09:00-18:00", True),
        ("9:00-18:00", True),
        ("9:00至18:00", True),
        ("早班 09:00-18:00", True),
        ("早班(9:00-18:00)", True),
        ("09:00:00-18:00:00", True),
        ("早班：9:00→18:00 9小时", True),
        ("9:00-12:00 13:00-18:00", False),
        ("早班\n9:00-18:00", True),
        ("9am-6pm", True),
        ("9:00 AM - 6:00 PM", True),
        ("早班 0900-1800", True),
        ("早班 上午9点-下午6点", True),
        ("早班 9点半-18点", False),
        ("早班\n9h", True),
        ("早班\n8小时", True),
        ("早班\n4h", False),
        ("早班\n10:00", False),
        ("早班\n10-14", False),
        ("早班\n夜班", False),
        ("早班\n请假", False),
        ("早班 08:00-18:00", False),
        ("夜班 09:00-18:00", False),
        ("8:00-16:00", False),
    ],
)
@ONE_DATABASE
async def test_times_mean_the_shift_that_has_them(workplace: Workplace, word: str, is_known: bool) -> None:
    await shifts(workplace)
    questions = await asked(workplace, ["姓名", "日期", "班次"], ["Bob", "2026-12-01", word])
    assert [code for code, _ in questions] == ([] if is_known else ["unknown_shift"])


@pytest.mark.parametrize(
    ("legend", "is_known"),
    [
        ("早=早班 9:00-18:00", True),
        ("早=早班 8:00-17:00", False),
        ("早=夜班 22:00-06:00", False),
        ("早班：8点-17点", False),
        ("早=9-18", True),
        ("早=8-17", False),
        ("早：8.30-16.30", False),
        ("早=9:00-12:00，13:00-18:00", False),
        ("休=早餐 9:00-18:00", False),
        ("早=9:00-18:00，早=8:00-17:00", False),  # contradicts itself
        ("早：9:00-18:00（周末10:00-19:00）", False),
        ("早：9:00-18:00，12月15日起8:30-17:30", False),
        ("早=早班", True),
        ("早=夜班，夜=早班", False),
        ("早（夜班） 夜（早班）", False),
        ("早-夜班", False),
        ("早→夜班", False),
        ("早9点上班", True),
        ("早8点上班", False),
        ("早：8:00上班，18:00下班", False),
        ("早班18:00下班", True),
        ("早班17:00下班", False),
        ("早班周末10:00到岗", False),
        ("早：夜班", False),
        ("早为休息", False),
        ("早=夜班 9:00-18:00", False),
        ("早班：9:00-18:00", True),
        ("早班：8:00-17:00", False),
        ("早=另一个班", True),
    ],
)
@ONE_DATABASE
async def test_a_legend_with_other_times_than_the_shift_asks(workplace: Workplace, legend: str, is_known: bool) -> None:
    early, _ = await shifts(workplace)
    await new_shift(workplace, REST)
    rows = (["姓名", "日期", "班次"], ["Bob", "2026-12-01", legend[:1]], [], [legend])
    assert {value for _, value in await asked(workplace, *rows)} == (set() if is_known else {legend[:1]})
    assert await asked(workplace, *rows, mapping={"shifts": {legend[:1]: early}}) == []


async def test_two_columns_that_call_a_row_two_shifts_ask(workplace: Workplace) -> None:
    await shifts(workplace)
    head = ["姓名", "日期", "班次编码", "班次名称"]
    assert await asked(workplace, head, ["Bob", "2026-12-01", "早", "早班"]) == []
    assert await asked(workplace, head, ["Bob", "2026-12-01", "夜", "早班"]) == [("unknown_shift", "早班")]
    times = ["姓名", "上班时间", "2026-12-01", "2026-12-02"]
    assert await asked(workplace, times, ["Bob", "9:00-18:00", "早", None]) == []
    assert await asked(workplace, times, ["Bob", "9:00-17:00", "早", None]) == [("unknown_shift", "早")]
    right = ["姓名", "2026-12-01", "2026-12-02", "姓名"]
    assert await asked(workplace, right, ["Bob", "早", None, "Bob"]) == []
    assert await asked(workplace, right, ["Bob", "早", None, "Alice"]) == [("person_beside", "Alice = 姓名")]
    below = [["代码", "名称"], ["早", "夜班"]]
    assert await asked(workplace, head[:3], ["Bob", "2026-12-01", "早"], *below)


async def test_two_numbers_of_one_name_are_two_people(workplace: Workplace) -> None:
    await shifts(workplace)
    days = ["2026-12-01", "2026-12-02", "2026-12-03"]
    rows = (["工号", "姓名", *days], ["001", "Bob", "早", None, None], ["002", "Bob", None, None, "夜"])
    assert await asked(workplace, *rows) == [("ambiguous_person", "Bob")]
    assert await asked(workplace, rows[0], rows[1], ["001", "Alice", None, None, "夜"]) == []


STRANGE_CODES = ("N", "n", "/", "=1", "-2", "1")


async def test_codes_that_look_like_something_else_come_back_from_a_workbook(workplace: Workplace) -> None:
    ids = {code: await new_shift(workplace, {**EARLY, "name": f"shift {code}", "code": code}) for code in STRANGE_CODES}
    days = [f"2026-12-{day:02}" for day in range(1, 7)]
    await plan(
        workplace.alice, *(cell(workplace.bob, day, ids[code]) for day, code in zip(days, STRANGE_CODES, strict=True))
    )
    exported = (
        await workplace.alice.http.get(
            "/api/v1/roster/export", params={"format": "xlsx", "from": days[0], "to": days[-1]}
        )
    ).content
    told = await import_file(workplace.alice, exported, dry_run=True, blanks="clear")
    assert {name: told["outcome"][name] for name in ("added", "moved", "cleared", "problem_count")} == dict.fromkeys(
        ("added", "moved", "cleared", "problem_count"), 0
    )
    book = openpyxl.load_workbook(io.BytesIO(exported))
    row = next(row for row in book.active.iter_rows() if row[0].value == "Bob")
    row[2].value, row[3].value, row[4].value = "n", "/", None
    packed = io.BytesIO()
    book.save(packed)
    await import_file(workplace.alice, packed.getvalue(), blanks="clear")
    after = [ids["n"], ids["/"], None, ids["=1"], ids["-2"], ids["1"]]
    assert row_of(await grid(workplace.alice), workplace.bob)[:6] == after


async def test_two_codes_that_differ_in_case_only_ask_for_a_third(workplace: Workplace) -> None:
    for code in ("Ab", "aB"):
        await new_shift(workplace, {**EARLY, "name": f"shift {code}", "code": code})
    header = ["姓名", "日期", "班次"]
    assert await asked(workplace, header, ["Bob", "2026-12-01", "Ａb"], ["Bob", "2026-12-02", "aB"]) == []
    assert await asked(workplace, header, ["Bob", "2026-12-01", "AB"]) == [("unknown_shift", "AB")]


async def test_two_new_shifts_with_one_code_are_said_in_the_dry_run(workplace: Workplace) -> None:
    await shifts(workplace)
    rows = ["姓名", "2026-12-01", "2026-12-02", "2026-12-03"], ["Bob", "甲", "乙", "早"]
    new = {**EARLY, "name": "新班", "code": "Q"}
    team = {"team_id": workplace.team_a}
    one = {"shifts": {"甲": new, "乙": "skip"}}
    both = {"shifts": {"甲": new, "乙": {**new, "name": "新班二", "code": "q"}}}
    assert await asked(workplace, *rows, mapping=one, **team) == []
    assert await asked(workplace, *rows, mapping=both, **team) == [("same_code", "乙 → q")]


async def test_what_is_written_is_what_the_preview_showed(workplace: Workplace) -> None:
    await shifts(workplace)
    shown = (await import_file(workplace.alice, WIDE, dry_run=True))["outcome"]["preview"]
    mapping = {"people": {"Bob": workplace.alice.id}}
    for body, name, said, changed in [
        (WIDE, "roster.xlsx", None, {"blanks": "clear"}),
        (WIDE, "roster.xlsx", None, {"month": "2026-11"}),
        (WIDE, "roster.xlsx", None, {"skip_invalid_rows": True}),
        (WIDE, "roster.xlsx", None, {"team_id": workplace.team_a}),
        (WIDE, "2026-11.xlsx", None, {}),
        (WIDE, "roster.xlsx", mapping, {}),
        (workbook(["姓名", "2026-12-01"], ["Bob", "夜"]), "roster.xlsx", None, {}),
    ]:
        answer = await workplace.alice.http.post(
            "/api/v1/roster/import",
            params={"preview": shown, **changed},
            files={"file": (name, body)},
            data={"mapping": json.dumps(said)} if said else None,
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "preview_differs"), changed
    assert row_of(await grid(workplace.alice), workplace.bob) == [None] * 31
    done = await import_file(workplace.alice, WIDE, preview=shown)
    assert (done["status"], done["outcome"]["added"]) == ("done", 3)


@pytest.mark.usefixtures("_small_is_large")
async def test_a_large_files_dry_run_has_a_preview_too(workplace: Workplace) -> None:
    await shifts(workplace)
    begun = await import_file(workplace.alice, WIDE, dry_run=True)
    shown = (await ended(workplace.alice, begun["id"]))["outcome"]["preview"]
    begun = await import_file(workplace.alice, WIDE, preview=shown)
    assert (await ended(workplace.alice, begun["id"]))["status"] == "done"


# --- export ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "params",
    [
        {"format": "xlsx"},
        {"format": "xlsx", "layout": "long"},
        {"format": "csv"},
        {"format": "csv", "layout": "long"},
        {"format": "json"},
    ],
    ids=lambda params: " ".join(params.values()),
)
async def test_what_is_exported_is_read_back_without_a_change(workplace: Workplace, params) -> None:
    early, night = await shifts(workplace)
    await plan(workplace.alice, cell(workplace.bob, "2026-12-01", early), cell(workplace.alice, "2026-12-31", night))
    span = {"from": DECEMBER[0], "to": DECEMBER[1]}
    answer = await workplace.alice.http.get("/api/v1/roster/export", params={**params, **span})
    assert answer.status_code == 200
    assert f"roster-2026-12-01-2026-12-31.{params['format']}" in answer.headers["content-disposition"]
    told = await import_file(workplace.alice, answer.content, dry_run=True)
    outcome = told["outcome"]
    assert (outcome["problem_count"], outcome["same"], outcome["added"], outcome["moved"]) == (0, 2, 0, 0)


async def test_drafts_namesakes_and_shifts_of_two_periods_come_back_unchanged(workplace: Workplace) -> None:
    early, night = await shifts(workplace)
    periods = [{"start": "09:00", "end": "12:00"}, {"start": "14:00", "end": "18:00"}]
    split = await new_shift(workplace, {**EARLY, "name": "两头班", "code": "两", "periods": periods})
    twin = await workplace.add_person("Twin", team_id=workplace.team_a)
    async with workplace.database.write() as session:
        (await session.get_one(User, twin.id)).display_name = "Bob"
    await plan(workplace.alice, cell(workplace.bob, "2026-12-01", early), cell(twin, "2026-12-01", split))
    body = {"team_id": workplace.team_a, "uses_drafts": True}
    assert (await workplace.alice.http.put("/api/v1/roster/drafts", json=body)).is_success
    await plan(workplace.alice, cell(workplace.bob, "2026-12-01", night), cell(twin, "2026-12-02", split))
    span = {"from": DECEMBER[0], "to": DECEMBER[1], "format": "xlsx", "drafts": True}
    for layout in ("wide", "long"):
        exported = await workplace.alice.http.get("/api/v1/roster/export", params={**span, "layout": layout})
        outcome = (await import_file(workplace.alice, exported.content, dry_run=True, blanks="clear"))["outcome"]
        counts = [outcome[name] for name in ("problem_count", "added", "moved", "cleared", "same")]
        assert counts[:4] == [0, 0, 0, 0], layout
        assert counts[4] >= 3


async def test_a_year_far_from_today_asks_until_the_planner_chooses_it(workplace: Workplace) -> None:
    await shifts(workplace)
    body = workbook(["姓名", "2062-12-01", "2062-12-02"], ["Bob", "早", "夜"])
    told = await import_file(workplace.alice, body)
    assert (told["status"], [each["code"] for each in told["outcome"]["problems"]]) == ("refused", ["far_day"])
    assert (told["outcome"]["problems"][0]["value"], told["outcome"]["cells"]) == ("2062-12-01", 0)
    chosen = await import_file(workplace.alice, body, dry_run=True, month="2062-12")
    assert (chosen["outcome"]["problem_count"], chosen["outcome"]["cells"]) == (0, 2)


async def test_notes_are_told_at_their_cells_and_stop_nothing(workplace: Workplace) -> None:
    await shifts(workplace)
    book = openpyxl.load_workbook(io.BytesIO(WIDE))
    book.worksheets[0]["C2"].comment = Comment("Alice:\n改为早班", "Alice")
    packed = io.BytesIO()
    book.save(packed)
    told = await import_file(workplace.alice, packed.getvalue(), dry_run=True)
    (note,) = told["outcome"]["notes"]
    assert (told["outcome"]["problem_count"], told["outcome"]["cells"]) == (0, 3)
    assert [note[name] for name in ("code", "value", "row", "column", "date")] == [
        "note",
        "改为早班",
        2,
        3,
        "2026-12-02",
    ]
    assert told["outcome"]["drawn"]["rows"][note["line"]]["name"] == "Bob"
    assert (await import_file(workplace.alice, packed.getvalue()))["status"] == "done"


async def test_an_exported_workbook_changes_exactly_the_cells_that_were_edited(workplace: Workplace) -> None:
    early, night = await shifts(workplace)
    days = [f"2026-12-{day:02}" for day in range(1, 32)]
    await plan(workplace.alice, *(cell(workplace.bob, day, early) for day in days[:20]))
    span = {"from": DECEMBER[0], "to": DECEMBER[1]}
    answer = await workplace.alice.http.get("/api/v1/roster/export", params={"format": "xlsx", **span})
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book.worksheets[0]
    row = next(line[0].row for line in sheet.iter_rows() if line[0].value == "Bob")
    sheet.cell(row, 2 + 3).value = "夜"  # the 3rd: another shift
    sheet.cell(row, 2 + 5).value = None  # the 5th, a Saturday and shaded: cleared
    sheet.cell(row, 2 + 25).value = "早"  # the 25th: new
    packed = io.BytesIO()
    book.save(packed)
    before = row_of(await grid(workplace.alice), workplace.bob)
    done = await import_file(workplace.alice, packed.getvalue(), blanks="clear")
    outcome = done["outcome"]
    counts = {name: outcome[name] for name in ("added", "moved", "cleared", "problem_count")}
    assert (done["status"], counts) == ("done", {"added": 1, "moved": 1, "cleared": 1, "problem_count": 0})
    after = row_of(await grid(workplace.alice), workplace.bob)
    changed = {day: shift for day, (was, shift) in enumerate(zip(before, after, strict=True), 1) if was != shift}
    assert changed == {3: night, 5: None, 25: early}


async def test_charlie_exports_only_what_he_sees(workplace: Workplace) -> None:
    early, _ = await shifts(workplace)
    await plan(workplace.alice, cell(workplace.bob, "2026-12-01", early))
    span = {"from": DECEMBER[0], "to": DECEMBER[1], "format": "json"}
    for more in ({}, {"team_id": workplace.team_a}, {"user_id": workplace.bob.id}):
        answer = await workplace.charlie.http.get("/api/v1/roster/export", params={**span, **more})
        assert answer.json() == {"assignments": []}


async def test_no_name_becomes_a_formula(workplace: Workplace) -> None:
    await workplace.add_person("=HYPERLINK(1)", team_id=workplace.team_a)
    answer = await workplace.alice.http.get(
        "/api/v1/roster/export", params={"from": DECEMBER[0], "to": DECEMBER[0], "format": "csv"}
    )
    assert "'=HYPERLINK(1)" in answer.content.decode("utf-8-sig")


async def test_the_template_has_the_teams_people_the_days_and_the_codes(workplace: Workplace) -> None:
    await shifts(workplace)
    answer = await workplace.alice.http.get("/api/v1/roster/import/template", params={"month": "2027-02"})
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book["排班表"]
    assert [value.value for value in sheet["A"]] == ["姓名", "Alice", "Bob"]
    assert (sheet.max_column, str(sheet["AD1"].value)[:10]) == (30, "2027-02-28")
    assert [row[0].value for row in book["班次说明"].iter_rows(min_row=2)] == ["早", "夜"]
    told = await import_file(workplace.alice, answer.content, dry_run=True)
    assert (told["outcome"]["problem_count"], told["outcome"]["cells"]) == (0, 0)
    assert (
        await workplace.alice.http.get("/api/v1/roster/import/template", params={"team_id": workplace.team_c})
    ).status_code == 404
