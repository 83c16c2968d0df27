"""What the roster's tests share: shifts and cells in one line each."""

from datetime import date
from typing import Any

from conftest import Person, Workplace

EARLY = {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}
NIGHT = {"name": "夜班", "code": "夜", "color": "hue-9", "periods": [{"start": "22:00", "end": "06:00"}]}
REST = {"name": "休息", "code": "休", "is_rest": True}
DECEMBER = ("2026-12-01", "2026-12-31")


async def new_shift(workplace: Workplace, shift: dict[str, Any], by: Person | None = None) -> int:
    return (await (by or workplace.alice).post("/api/v1/shifts", shift))["id"]


def cell(person: Person | int, day: date | str, shift_id: int | None) -> dict[str, Any]:
    user_id = person if isinstance(person, int) else person.id
    return {"user_id": user_id, "date": str(day), "shift_id": shift_id}


async def plan(by: Person, *cells: dict[str, Any], **more: Any) -> Any:
    return await by.put("/api/v1/roster", {"assignments": list(cells), **more})


async def grid(by: Person, first: str = DECEMBER[0], last: str = DECEMBER[1], **more: Any) -> Any:
    return await by.get("/api/v1/roster", **{"from": first, "to": last}, **more)


def row_of(roster: Any, person: Person | int) -> list[int | None]:
    user_id = person if isinstance(person, int) else person.id
    return next(row["shift_ids"] for row in roster["users"] if row["id"] == user_id)
