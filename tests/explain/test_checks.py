"""What the punch sources said is part of the story: when they were asked, what they answered, or that they are broken."""

from datetime import timedelta
from typing import Any

from conftest import TODAY, Clock, Person, Workplace, WorkplaceMaker
from fakes.server import Asked, FakeResponse, FakeServer
from scenes import EARLY, clock_times, give_shift, shanghai

LOOPBACK = ("127.0.0.0/8",)


async def checks_of(workplace: Workplace, by: Person) -> list[dict[str, Any]]:
    found = await by.get("/api/v1/reminders/explain", user_id=workplace.bob.id, date=str(TODAY))
    checks: list[dict[str, Any]] = found["points"][0]["checks"]
    return checks


async def add_door(workplace: Workplace, server: FakeServer) -> None:
    """A JSON address that is asked about each person of Bob's team."""
    config = {"url": f"{server.base_url}/{{username}}/{{kind}}", "value_path": "punched"}
    body = {"name": "门禁", "kind": "json_url", "team_id": workplace.team_a, "config": config}
    await workplace.alice.post("/api/v1/punch-sources", body)


async def ask_before(workplace: Workplace, frozen: Clock, moment: str) -> None:
    frozen.set(shanghai(moment) - timedelta(seconds=6))
    await workplace.app.state.punch_checker.check_ahead()


async def test_a_source_is_named_before_it_was_asked_and_with_its_answer_after(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    said = {"punched": False}

    def answer(_: Asked) -> FakeResponse:
        return FakeResponse(said)

    async with FakeServer(answer).running() as server, make_workplace(allow_private_targets=LOOPBACK) as workplace:
        await add_door(workplace, server)
        await give_shift(workplace, EARLY, workplace.bob)
        (check,) = await checks_of(workplace, workplace.bob)
        assert (check["source_name"], check["asked_at"], check["said"]["code"]) == ("门禁", None, "not_asked")

        await ask_before(workplace, frozen, "08:45")
        (check,) = await checks_of(workplace, workplace.bob)
        assert (check["state"], clock_times([check["asked_at"]])) == ("not_punched", ["11-23 08:44"])

        said["punched"] = True
        await ask_before(workplace, frozen, "08:50")
        (check,) = await checks_of(workplace, workplace.bob)
        assert (check["state"], check["said"]["zh"]) == ("punched", "已打卡。")


async def test_a_broken_source_is_told_to_planners_with_its_words_and_a_remedy(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with (
        FakeServer(lambda _: FakeResponse({"message": "no such token"}, status=401)).running() as server,
        make_workplace(allow_private_targets=LOOPBACK) as workplace,
    ):
        await add_door(workplace, server)
        await give_shift(workplace, EARLY, workplace.bob)
        await ask_before(workplace, frozen, "08:45")
        (seen_by_alice,) = await checks_of(workplace, workplace.alice)
        assert (seen_by_alice["state"], seen_by_alice["said"]["code"]) == ("unknown", "source_broken")
        assert "401" in seen_by_alice["trouble"]
        assert seen_by_alice["remedy"]["zh"]
        (seen_by_bob,) = await checks_of(workplace, workplace.bob)
        assert (seen_by_bob["said"]["code"], seen_by_bob["trouble"], seen_by_bob["remedy"]) == ("source_broken", "", {})


async def test_without_a_source_there_is_nothing_to_tell(workplace: Workplace) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    assert await checks_of(workplace, workplace.alice) == []
