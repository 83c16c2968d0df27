"""What the punch sources said is part of the story: when they were asked, what they answered, or that they are broken."""

from datetime import timedelta
from typing import Any

from conftest import TODAY, Clock, Person, World, WorldMaker
from fakes.server import Asked, FakeServer, Said
from scenes import EARLY, clock_times, give_shift, shanghai

LOOPBACK = ("127.0.0.0/8",)


async def checks_of(world: World, by: Person) -> list[dict[str, Any]]:
    found = await by.get("/api/v1/reminders/explain", user_id=world.bob.id, date=str(TODAY))
    checks: list[dict[str, Any]] = found["points"][0]["checks"]
    return checks


async def add_door(world: World, server: FakeServer) -> None:
    """A JSON address that is asked about each person of Bob's team."""
    config = {"url": f"{server.base_url}/{{username}}/{{kind}}", "value_path": "punched"}
    body = {"name": "门禁", "kind": "json_url", "team_id": world.team_a, "config": config}
    await world.alice.post("/api/v1/punch-sources", body)


async def ask_before(world: World, frozen: Clock, moment: str) -> None:
    frozen.set(shanghai(moment) - timedelta(seconds=6))
    await world.app.state.punch_checker.check_ahead()


async def test_a_source_is_named_before_it_was_asked_and_with_its_answer_after(
    make_world: WorldMaker, frozen: Clock
) -> None:
    said = {"punched": False}

    def answer(_: Asked) -> Said:
        return Said(said)

    async with FakeServer(answer).running() as server, make_world(allow_private_targets=LOOPBACK) as world:
        await add_door(world, server)
        await give_shift(world, EARLY, world.bob)
        (check,) = await checks_of(world, world.bob)
        assert (check["source_name"], check["asked_at"], check["said"]["code"]) == ("门禁", None, "not_asked")

        await ask_before(world, frozen, "08:45")
        (check,) = await checks_of(world, world.bob)
        assert (check["state"], clock_times([check["asked_at"]])) == ("not_punched", ["11-23 08:44"])

        said["punched"] = True
        await ask_before(world, frozen, "08:50")
        (check,) = await checks_of(world, world.bob)
        assert (check["state"], check["said"]["zh"]) == ("punched", "已打卡。")


async def test_a_broken_source_is_told_to_planners_with_its_words_and_a_remedy(
    make_world: WorldMaker, frozen: Clock
) -> None:
    async with (
        FakeServer(lambda _: Said({"message": "no such token"}, status=401)).running() as server,
        make_world(allow_private_targets=LOOPBACK) as world,
    ):
        await add_door(world, server)
        await give_shift(world, EARLY, world.bob)
        await ask_before(world, frozen, "08:45")
        (seen_by_alice,) = await checks_of(world, world.alice)
        assert (seen_by_alice["state"], seen_by_alice["said"]["code"]) == ("unknown", "source_broken")
        assert "401" in seen_by_alice["trouble"]
        assert seen_by_alice["remedy"]["zh"]
        (seen_by_bob,) = await checks_of(world, world.bob)
        assert (seen_by_bob["said"]["code"], seen_by_bob["trouble"], seen_by_bob["remedy"]) == ("source_broken", "", {})


async def test_without_a_source_there_is_nothing_to_tell(world: World) -> None:
    await give_shift(world, EARLY, world.bob)
    assert await checks_of(world, world.alice) == []
