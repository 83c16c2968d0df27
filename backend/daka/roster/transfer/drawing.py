"""Draws the roster as it would be after an import. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from daka.identity.models import User
from daka.roster.calendar import dates_between
from daka.roster.cells import Key
from daka.roster.transfer.found import CellInFile, PersonInFile
from daka.roster.transfer.schemas import DrawnMonth, DrawnRow

MOST_ROWS = 200
MOST_DAYS = 62
Shown = int | str | None
SKIP = "skip"


@dataclass(slots=True)
class Drawing:
    """The rows of a file's people, in the file's order."""

    meant: Mapping[PersonInFile, User | str]
    """The user whom each person of the file is, or why not."""
    clears_blanks: bool
    shown: Callable[[str, int | None], Shown]
    """What a code is in a team: a shift id, a word, None for no shift, `skip` for what is there."""
    dates: list[date] = field(default_factory=list)
    _lines: dict[int | PersonInFile, int] = field(default_factory=dict)
    _names: list[str] = field(default_factory=list)
    _after: list[dict[date, Shown]] = field(default_factory=list)
    _undrawn: set[int | PersonInFile] = field(default_factory=set)
    _more_days: int = 0

    def take(self, cells: Iterable[CellInFile], team_id: int | None) -> bool:
        """The cells of a file; those of unknown people as if in this team. False if nothing can be drawn."""
        cells = list(cells)
        days = {cell.day for cell in cells}
        if not days:
            return False
        span = dates_between(min(days), max(days))
        self.dates, self._more_days = span[:MOST_DAYS], len(span[MOST_DAYS:])
        last = self.dates[-1]
        for cell in cells:
            who = self.meant.get(cell.person, SKIP)
            if who == SKIP or (
                isinstance(who, str) and who != "new" and not cell.code and cell.person not in self._lines
            ):
                continue
            line = self._line(who.id if isinstance(who, User) else cell.person, who, cell.person)
            if line is None or cell.day > last or cell.day in self._after[line]:
                continue
            if cell.code:
                after = self.shown(cell.code, who.team_id if isinstance(who, User) else team_id)
                if after != SKIP:
                    self._after[line][cell.day] = after
            elif self.clears_blanks:
                self._after[line][cell.day] = None
        return bool(self._names)

    def _line(self, at: int | PersonInFile, who: User | str, person: PersonInFile) -> int | None:
        if at not in self._lines:
            if len(self._names) >= MOST_ROWS:
                self._undrawn.add(at)
                return None
            self._lines[at] = len(self._names)
            self._names.append(who.display_name if isinstance(who, User) else person.name or person.account)
            self._after.append({})
        return self._lines[at]

    @property
    def users(self) -> list[int]:
        return [at for at in self._lines if isinstance(at, int)]

    def line_of(self, person: PersonInFile | None) -> int | None:
        """The row of a person of the file."""
        who = self.meant.get(person) if person else None
        return self._lines.get(who.id) if isinstance(who, User) else self._lines.get(person) if person else None

    def month(self, now: Mapping[Key, int]) -> DrawnMonth:
        """The rows, with the roster as it is now."""
        rows = []
        for at, line in self._lines.items():
            user_id = at if isinstance(at, int) and at > 0 else None
            before = [now.get((user_id, day)) if user_id else None for day in self.dates]
            after = [self._after[line].get(day, there) for day, there in zip(self.dates, before, strict=True)]
            rows.append(DrawnRow(name=self._names[line], user_id=user_id, before=before, after=after))
        return DrawnMonth(dates=self.dates, rows=rows, more_people=len(self._undrawn), more_days=self._more_days)
