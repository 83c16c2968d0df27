"""The calendar of day kinds: reading it, setting days by hand, importing files."""

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.change_events import Topic, publish
from daka.errors import Invalid
from daka.file_reader import FileReader
from daka.roster.calendar import Day, built_in_day, dates_between, day_kinds, is_built_in, provisional_years
from daka.roster.holidays.models import CalendarDay, DayKind, DaySource
from daka.roster.holidays.schemas import (
    CalendarDayRead,
    CalendarDifference,
    CalendarImported,
    CalendarYear,
    CalendarYearBody,
    DayOrigin,
)
from daka.spreadsheets.sheet import BadFile

Layers = dict[DaySource, dict[date, Day]]


async def _layers(session: AsyncSession, first: date, last: date) -> Layers:
    layers: Layers = {DaySource.OVERRIDE: {}, DaySource.IMPORT: {}}
    for row in await session.exec(select(CalendarDay).where(CalendarDay.date.between(first, last))):
        layers[row.source][row.date] = Day(row.kind, row.name)
    return layers


def _stored(layers: Layers) -> dict[date, Day]:
    return {**layers[DaySource.IMPORT], **layers[DaySource.OVERRIDE]}


async def calendar_days(session: AsyncSession, first: date, last: date) -> tuple[dict[date, Day], list[int]]:
    """Day kinds from `first` to `last`, and the years among them whose holidays are not known. One query."""
    layers = await _layers(session, date(first.year, 1, 1), date(last.year, 12, 31))
    imported_years = frozenset(day.year for day in layers[DaySource.IMPORT])
    unknown = provisional_years(range(first.year, last.year + 1), imported_years)
    return day_kinds(first, last, _stored(layers)), unknown


async def read_year(session: AsyncSession, year: int) -> CalendarYear:
    """Every day of a year with its kind and source."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    layers = await _layers(session, first, last)
    kinds = day_kinds(first, last, _stored(layers))

    def origin(day: date) -> DayOrigin:
        if day in layers[DaySource.OVERRIDE]:
            return DayOrigin.OVERRIDE
        if day in layers[DaySource.IMPORT]:
            return DayOrigin.IMPORT
        return DayOrigin.BUILT_IN if is_built_in(year) else DayOrigin.WEEKDAY

    return CalendarYear(
        year=year,
        provisional=not is_built_in(year) and not layers[DaySource.IMPORT],
        days={
            day: CalendarDayRead(kind=found.kind, name=found.name, source=origin(day)) for day, found in kinds.items()
        },
    )


async def set_days(session: AsyncSession, year: int, body: CalendarYearBody) -> None:
    """Set days by hand. No override is stored for a day that would be of this kind anyway."""
    for day in body.days:
        if day.year != year:
            raise Invalid("other_year", f"{day} is not in {year}", loc=("body", "days", day.isoformat()))
    if not body.days:
        return
    layers = await _layers(session, date(year, 1, 1), date(year, 12, 31))
    wanted = {day: Day(found.kind, found.name) for day, found in body.days.items() if found is not None}
    overrides = {
        day: found for day, found in wanted.items() if found != (layers[DaySource.IMPORT].get(day) or built_in_day(day))
    }
    await _replace(session, DaySource.OVERRIDE, list(body.days), overrides)


async def read_calendar(files: FileReader, user_id: int, body: bytes) -> dict[date, Day]:
    """Have a calendar file parsed in another process. Raises Invalid (see `days_in_file`) and TooMany."""
    days: dict[date, Day] = {}

    def take(line: tuple[str, bool, str]) -> None:
        day, is_off, name = date.fromisoformat(line[0]), line[1], line[2]
        worked = DayKind.MAKEUP_WORKDAY if day.weekday() >= 5 else DayKind.WORKDAY
        days[day] = Day(DayKind.HOLIDAY if is_off else worked, name)

    try:
        await files.read("daka.roster.holidays.files:read_lines", body, take, user_id=user_id)
    except BadFile as error:
        raise Invalid(error.code, str(error)) from error
    return days


async def import_calendar(session: AsyncSession, imported: Mapping[date, Day], *, is_dry_run: bool) -> CalendarImported:
    """Import the days of a file. Dates that it does not contain and days set by hand stay unchanged."""
    first, last = min(imported), max(imported)
    layers = await _layers(session, first, last)
    by_hand = layers[DaySource.OVERRIDE]
    known = {day: layers[DaySource.IMPORT].get(day) or built_in_day(day) for day in dates_between(first, last)}
    if not is_dry_run:
        await _replace(session, DaySource.IMPORT, list(imported), imported)
    return CalendarImported(
        is_dry_run=is_dry_run,
        years=sorted({day.year for day in imported}),
        days=len(imported),
        changed=[
            CalendarDifference(date=day, before=known[day], after=after)
            for day, after in sorted(imported.items())
            if after != known[day] and day not in by_hand
        ],
        kept=sorted(day for day in imported if day in by_hand),
    )


async def _replace(session: AsyncSession, source: DaySource, dates: list[date], days: Mapping[date, Day]) -> None:
    await session.exec(sa.delete(CalendarDay).where(CalendarDay.source == source, CalendarDay.date.in_(dates)))
    session.add_all(
        CalendarDay(date=day, source=source, kind=found.kind, name=found.name) for day, found in days.items()
    )
    publish(session, Topic.ROSTER)
    await session.flush()
