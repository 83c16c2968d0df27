"""Notes on cells, and the order of people."""

from conftest import Workplace
from roster.people import DECEMBER, grid

SPAN = {"from": DECEMBER[0], "to": DECEMBER[1]}
DAY = "2026-12-10"


async def test_planners_write_notes_on_cells_and_nobody_else_sees_them(workplace: Workplace) -> None:
    async def noted(by) -> list[tuple[int, str, str, str]]:
        found = (await by.get("/api/v1/roster/notes", **SPAN))["items"]
        return [(one["user_id"], one["date"], one["text"], one["by_name"]) for one in found]

    async def write(by, text: str, user_id: int = workplace.bob.id) -> int:
        note = {"user_id": user_id, "date": DAY, "text": text}
        return (await by.http.put("/api/v1/roster/notes", json=note)).status_code

    assert await write(workplace.alice, "  跟王师傅学习 ") == 204
    assert await noted(workplace.alice) == [(workplace.bob.id, DAY, "跟王师傅学习", "Alice")]
    assert await write(workplace.root, "下午培训") == 204
    assert await noted(workplace.alice) == [(workplace.bob.id, DAY, "下午培训", "Root")]
    assert await write(workplace.bob, "不去") == 403
    assert (await workplace.bob.http.get("/api/v1/roster/notes", params=SPAN)).status_code == 403
    carol = await workplace.add_person("Carol", team_id=workplace.team_c, role="planner")
    assert await noted(carol) == []
    assert await write(carol, "x") == 404
    assert await write(workplace.alice, "长" * 201) == 422
    assert await write(workplace.alice, " ") == 204
    assert await noted(workplace.alice) == []


async def test_a_team_says_in_which_order_its_people_stand(workplace: Workplace) -> None:
    async def order(by) -> list[str]:
        return [row["display_name"] for row in (await grid(by))["users"] if row["team_id"] == workplace.team_a]

    path = f"/api/v1/teams/{workplace.team_a}"
    assert await order(workplace.alice) == ["Alice", "Bob"]
    kept = await workplace.alice.patch(path, {"roster_order": [workplace.bob.id, workplace.bob.id, workplace.alice.id]})
    assert kept["roster_order"] == [workplace.bob.id, workplace.alice.id]
    await workplace.add_person("Carol", team_id=workplace.team_a)
    assert await order(workplace.bob) == ["Bob", "Alice", "Carol"]
    exported = await workplace.alice.http.get(
        "/api/v1/roster/export", params={**SPAN, "format": "csv", "team_id": workplace.team_a}
    )
    assert [line.split(",")[0] for line in exported.text.splitlines()[1:]] == ["Bob", "Alice", "Carol"]
    await workplace.alice.patch(path, {"roster_order": []})
    assert await order(workplace.alice) == ["Alice", "Bob", "Carol"]
