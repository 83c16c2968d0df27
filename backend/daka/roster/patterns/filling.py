"""Fills cells by a pattern, and copies days."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from daka.identity.access import Principal
from daka.identity.models import User
from daka.roster.actions import action_id
from daka.roster.calendar import dates_between
from daka.roster.cells import Key, lock_roster, read_cells
from daka.roster.holidays.service import calendar_days
from daka.roster.models import ActionKind
from daka.roster.patterns.schemas import CopyBody, FillBody, Filled, PreviewCell
from daka.roster.revisions import current_revision
from daka.roster.service import Loc, planned_people, refuse_unfitting, save_cells
from daka.roster.shift_cycles import Cycle, Slot, copied_dates, filled, offset_after, rhythm_of
from daka.shifts.service import visible_shifts


async def fill(session: AsyncSession, by: Principal, body: FillBody, *, over_imported: bool) -> Filled:
    """Fill people and dates with a cycle; a dry run returns the changes without writing them.

    Raises:
        Invalid: an unknown person or shift, or one that does not fit a person's team.
        Forbidden: a person whom `by` does not plan.
        Conflict: `roster_stale`; `cells_imported`.
    """
    await lock_roster(session)
    people = await planned_people(session, by, _places(body))
    shifts = {shift.id: shift for shift in await visible_shifts(session, by)}
    team_ids = {user.team_id for user in people.values()}
    for index, slot in enumerate(body.cycle):
        if slot is not None:
            refuse_unfitting(shifts.get(slot), slot, team_ids, ("body", "cycle", index))
    days, _ = await calendar_days(session, body.first, body.last)
    cycle = Cycle(tuple(body.cycle), body.anchor or body.first)
    offsets = {user_id: body.offset + body.offsets.get(user_id, 0) for user_id in people}
    if body.continues:
        offsets |= await _where_they_go_on(session, by, body, cycle, people)
    wanted = filled(
        cycle,
        offsets,
        {day: found.kind for day, found in days.items()},
        follows_calendar=body.calendar == "follow",
        is_rest=lambda shift_id: shifts[shift_id].is_rest,
    )
    return await _apply(session, by, wanted, people, body, over_imported=over_imported)


async def _where_they_go_on(
    session: AsyncSession, by: Principal, body: FillBody, cycle: Cycle, people: Mapping[int, User]
) -> dict[int, int]:
    """How far ahead in the cycle those are who worked it before: where they stopped, or where most of their crew did."""
    in_crews = [
        (user_id, ("body", "crews", index, name, place))
        for index, crew in enumerate(body.crews)
        for name in ("user_ids", "new_user_ids")
        for place, user_id in enumerate(getattr(crew, name))
    ]
    everybody = {**people, **await planned_people(session, by, in_crews)}
    before = await _days_before(session, everybody, body.first, 2 * len(body.cycle))
    offsets = {
        user_id: offset
        for user_id, days in before.items()
        if (offset := offset_after(cycle, days, body.first)) is not None
    }
    of_crews: dict[int, int] = {}
    for crew in body.crews:
        everyone = [*crew.user_ids, *crew.new_user_ids]
        known = [user_id for user_id in crew.user_ids if user_id in offsets]
        # A crew that has just been made says nothing of those who have a place already.
        led = everyone if known else [user_id for user_id in everyone if user_id not in offsets]
        if stops := Counter(offsets[user_id] for user_id in known or everyone if user_id in offsets):
            of_crews |= dict.fromkeys(led, stops.most_common(1)[0][0])
    return {user_id: offset for user_id, offset in (offsets | of_crews).items() if user_id in people}


async def copy(session: AsyncSession, by: Principal, body: CopyBody, *, over_imported: bool) -> Filled:
    """Copy a block of days. Its blank cells clear planned ones only with `overwrite`.

    Raises Invalid, Forbidden, Conflict: as `fill`; a deleted shift cannot be copied.
    """
    await lock_roster(session)
    people = await planned_people(session, by, _places(body))
    shifts = {shift.id: shift for shift in await visible_shifts(session, by)}
    source = await read_cells(session, people, body.first, body.last, drafts=True)
    wanted: dict[Key, Slot] = {}
    rhythms = _rhythms(source, people, body) if body.keep_cycle else {}
    for target, day in copied_dates(
        body.first, body.last, body.onto, body.target_end, by_weekday=body.by_weekday
    ).items():
        for user_id in people:
            rhythm = rhythms.get(user_id)
            shift_id = rhythm.slot_on(target) if rhythm else source.get((user_id, day))
            if shift_id is not None:
                refuse_unfitting(shifts.get(shift_id), shift_id, [people[user_id].team_id], ("body", "from"))
            wanted[user_id, target] = shift_id
    return await _apply(session, by, wanted, people, body, over_imported=over_imported)


async def _days_before(
    session: AsyncSession, people: Mapping[int, User], first: date, days: int
) -> dict[int, dict[date, Slot]]:
    """What these people were planned on before a date, by person."""
    found: dict[int, dict[date, Slot]] = defaultdict(dict)
    reach = timedelta(days=max(28, days))
    before = await read_cells(session, people, first - reach, first - timedelta(days=1), drafts=True)
    for (user_id, day), slot in before.items():
        found[user_id][day] = slot
    return found


def _rhythms(source: Mapping[Key, Slot], people: Mapping[int, User], body: CopyBody) -> dict[int, Cycle]:
    """The cycle of everybody whose days in the block repeat one."""
    days = dates_between(body.first, body.last)
    rhythms = {user_id: rhythm_of([source.get((user_id, day)) for day in days]) for user_id in people}
    return {user_id: Cycle(tuple(rhythm), body.first) for user_id, rhythm in rhythms.items() if rhythm}


def _places(body: FillBody | CopyBody) -> list[tuple[int, Loc]]:
    return [(user_id, ("body", "user_ids", index)) for index, user_id in enumerate(body.user_ids)]


async def _apply(
    session: AsyncSession,
    by: Principal,
    wanted: dict[Key, Slot],
    people: dict[int, User],
    onto: FillBody | CopyBody,
    *,
    over_imported: bool,
) -> Filled:
    dates = [day for _, day in wanted]
    existing = await read_cells(session, people, min(dates), max(dates), drafts=True)
    kept = 0
    if not onto.overwrite:
        kept = sum(key in existing for key in wanted)
        wanted = {key: slot for key, slot in wanted.items() if key not in existing}
    cells = [
        PreviewCell(user_id=key[0], date=key[1], before_shift_id=before, shift_id=after)
        for key, after in wanted.items()
        if (before := existing.get(key)) != after
    ]
    if onto.dry_run:
        return Filled(
            is_dry_run=True,
            changed=len(cells),
            revision=await current_revision(session, by, None),
            warnings=[],
            coverage=[],
            missed=[],
            cells=cells,
            kept=kept,
        )
    kind = ActionKind.FILLED if isinstance(onto, FillBody) else ActionKind.COPIED
    action = await action_id(session, by, kind)
    saved = await save_cells(session, by, wanted, people, onto.revision, action=action, over_imported=over_imported)
    return Filled(**saved.model_dump(), is_dry_run=False, action_id=action, cells=cells, kept=kept)
