"""Imports people from a file: a dry run lists the problems of every row, an import adds all people or none."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from pydantic import Field, ValidationError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.errors import Invalid
from daka.file_reader import FileReader
from daka.identity.access import Principal
from daka.identity.models import Role, Team, User
from daka.identity.password_links import first_links
from daka.identity.people_files import PersonRow, role_of
from daka.identity.schemas import PersonFields
from daka.identity.users import create_users
from daka.identity.vendor_ids import VENDORS, Holder, TakenIds, shown_to
from daka.schema import Schema
from daka.settings import Settings
from daka.spreadsheets.sheet import BadFile


class RowProblem(Schema):
    field: str
    code: str
    msg: str


class ImportedRow(Schema):
    """The result of one row."""

    row: int = Field(description="Row number in the spreadsheet, from 1")
    username: str
    display_name: str
    team: str
    status: Literal["new", "exists", "problem"] = Field(description="`exists`: left unchanged")
    problems: list[RowProblem] = Field(default=[])
    link: str | None = Field(default=None, description="Link for setting a password, shown only once")


class PeopleImport(Schema):
    dry_run: bool
    added: int = Field(description="Number of new people; in a dry run, of those that would be added")
    existing: int
    problems: int = Field(description="Rows with a problem; if there are any, nothing is written")
    rows: list[ImportedRow]


async def read_people(files: FileReader, user_id: int, content: bytes) -> list[PersonRow]:
    """Have the file parsed in another process. Raises Invalid (see `people_in`) and TooMany."""
    rows: list[PersonRow] = []
    try:
        await files.read(
            "daka.identity.people_files:read_lines", content, lambda row: rows.append(PersonRow(*row)), user_id=user_id
        )
    except BadFile as error:
        raise Invalid(error.code, str(error), loc=("body", "file")) from error
    return rows


async def import_people(
    session: AsyncSession, settings: Settings, by: Principal, rows: Sequence[PersonRow], *, dry_run: bool
) -> PeopleImport:
    """Add the people in a file, each with a link for setting a password."""
    teams = {team.name: team for team in await session.exec(select(Team)) if by.plans(team.id)}
    taken = set(await session.exec(select(User.username).where(User.deleted_at.is_(None))))
    seen: dict[str, int] = {}
    checked = [_checked(row, by, teams, taken, seen) for row in rows]
    await _refuse_taken_ids(session, by, checked)
    found = PeopleImport(
        dry_run=dry_run,
        added=sum(shown.status == "new" for shown, _ in checked),
        existing=sum(shown.status == "exists" for shown, _ in checked),
        problems=sum(shown.status == "problem" for shown, _ in checked),
        rows=[shown for shown, _ in checked],
    )
    if dry_run:
        return found
    if found.problems:
        wrong = [shown.model_dump() for shown in found.rows if shown.status == "problem"]
        raise Invalid("import_has_problems", "Some rows have problems; nothing was written", rows=wrong)
    added = [(shown, person) for shown, person in checked if person is not None]
    users = await create_users(session, by, [person for _, person in added])
    for (shown, _), link in zip(added, await first_links(session, settings, by, users), strict=True):
        shown.link = link
    return found


async def _refuse_taken_ids(
    session: AsyncSession, by: Principal, checked: list[tuple[ImportedRow, PersonFields | None]]
) -> None:
    """Note the rows whose id at a vendor is that of another account, or of an earlier row."""
    ids = await TakenIds.read(session, [person.model_dump() for _, person in checked if person is not None])
    for place, (shown, person) in enumerate(checked):
        if person is None:
            continue
        for field in VENDORS:
            if (userid := getattr(person, field)) is None:
                continue
            if (holder := ids.holder(field, userid, person.team_id)) is not None:
                shown.problems.append(_taken(field, userid, holder, by))
            ids.take(field, userid, Holder(-shown.row, person.team_id))
        if shown.problems:
            shown.status = "problem"
            checked[place] = shown, None


def _taken(field: str, userid: str, holder: Holder, by: Principal) -> RowProblem:
    if holder.id < 0:
        return RowProblem(field=field, code="twice", msg=f"The same as in row {-holder.id}")
    whose = f": {user.display_name}" if (user := shown_to(by, holder.user)) else ""
    return RowProblem(field=field, code="userid_taken", msg=f"{userid} is another account's{whose}")


def _checked(
    row: PersonRow, by: Principal, teams: dict[str, Team], taken: set[str], seen: dict[str, int]
) -> tuple[ImportedRow, PersonFields | None]:
    cells = row.cells
    username = (cells.get("username") or cells.get("mobile") or "").lower()
    shown = ImportedRow(
        row=row.number,
        username=username,
        display_name=cells.get("display_name", username),
        team=cells.get("team", ""),
        status="problem",
    )
    problems = shown.problems
    problems.extend(_problems(cells, username, by, teams, seen))
    if username and seen.setdefault(username, row.number) == row.number and username in taken:
        shown.status = "problem" if problems else "exists"
        return shown, None
    team = teams.get(cells.get("team", ""))
    try:
        person = PersonFields(
            username=username or "missing",
            display_name=shown.display_name or None,
            role=Role(role_of(cells.get("role", "")) or Role.MEMBER),
            team_id=team.id if team else by.user.team_id,
            mobile=cells.get("mobile"),
            dingtalk_userid=cells.get("dingtalk_userid"),
            wecom_userid=cells.get("wecom_userid"),
            feishu_userid=cells.get("feishu_userid"),
        )
    except ValidationError as error:
        problems.extend(
            RowProblem(field=str(part["loc"][0]), code=part["type"], msg=part["msg"])
            for part in error.errors(include_url=False, include_input=False)
        )
        return shown, None
    if problems:
        return shown, None
    shown.status = "new"
    return shown, person


def _problems(
    cells: Mapping[str, str], username: str, by: Principal, teams: Mapping[str, Team], seen: Mapping[str, int]
) -> Iterator[RowProblem]:
    """What is wrong with a row, besides the form of its values."""
    team, role = cells.get("team"), cells.get("role")
    if team and team not in teams:
        yield RowProblem(field="team", code="unknown_team", msg=f"You plan no team named {team}")
    if role and not role_of(role):
        yield RowProblem(field="role", code="unknown_role", msg=f"{role} is not a role")
    elif role and role_of(role) != Role.MEMBER and not by.is_admin:
        yield RowProblem(field="role", code="admins_only", msg="Only administrators can appoint planners")
    if not username:
        msg = "An account or a mobile number is required"
        yield RowProblem(field="username", code="username_missing", msg=msg)
    elif username in seen:
        yield RowProblem(field="username", code="twice", msg=f"The same as in row {seen[username]}")
