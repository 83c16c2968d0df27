"""Users: search, creation, changes, deletion."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import audit, masked_number
from daka.database import advisory_lock
from daka.errors import Conflict, Forbidden, NotFound
from daka.hooks import PersonalNotice, PlanChange, TeamChange, notify_people, plan_changed, team_changed
from daka.identity.access import Principal, find_user, only_seen, refuse_foreign_team
from daka.identity.models import (
    MAY_SIGN_IN,
    ApiToken,
    ExternalIdentity,
    PasswordLink,
    Role,
    SecondFactor,
    Team,
    TeamPlanner,
    User,
)
from daka.identity.schemas import MeUpdate, PeopleSearch, PersonFields, UserUpdate
from daka.identity.sessions import end_all_sessions
from daka.identity.teams import today_of
from daka.identity.vendor_ids import VENDORS, refuse_taken_ids
from daka.languages import Language, Words, date_in, said
from daka.paging import given, page_of
from daka.statements import add_unique

ADMIN_LOCK = 0x61646D69
"""Advisory lock that serialises the removal of administrators, so that one always remains."""


async def list_users(session: AsyncSession, by: Principal, search: PeopleSearch) -> tuple[list[User], str | None]:
    """One page of the people whom the user plans, and the user."""
    asked = only_seen(select(User).where(User.deleted_at.is_(None)), by).where(
        *given({User.team_id: search.team_id, User.role: search.role, User.is_active: search.is_active})
    )
    if search.q and search.q.strip():
        asked = asked.where(_matches(search.q.strip(), by))
    return await page_of(session, asked, User.id, limit=search.limit, cursor=search.cursor, newest_first=False)


def _matches(words: str, by: Principal) -> sa.ColumnElement[bool]:
    """By number, name or username. A number that is masked for the user cannot be found by its digits either."""
    number = User.mobile.icontains(words, autoescape=True)
    if not by.is_admin:
        number = sa.and_(number, or_(User.role == Role.MEMBER, User.id == by.id))
    return or_(
        User.display_name.icontains(words, autoescape=True),
        User.username.icontains(words, autoescape=True),
        number,
    )


async def visible_user(session: AsyncSession, user_id: int, by: Principal) -> User:
    """A person whom the user may see; for others they do not exist."""
    user = await find_user(session, user_id)
    if not by.sees_user(user):
        raise NotFound("user_not_found", f"There is no user {user_id}")
    return user


async def planned_user(session: AsyncSession, user_id: int, by: Principal) -> User:
    """A person whom the user plans."""
    user = await visible_user(session, user_id, by)
    if not by.plans_user(user):
        raise Forbidden("not_your_team", "Only planners of this person's team may do that")
    return user


async def create_user(session: AsyncSession, by: Principal, new: PersonFields, password_hash: str) -> User:
    """Add a person. Without a password (an empty hash) they cannot sign in until they set one through a link."""
    _refuse_higher_role(by, new.role)
    await refuse_foreign_team(session, by, new.team_id)
    if new.is_active:
        await refuse_taken_ids(session, by, new.model_dump(), new.team_id)
    return await add_user(session, new, password_hash)


async def add_user(session: AsyncSession, new: PersonFields, password_hash: str) -> User:
    """Add a person without asking who may. Raises Conflict: the username is taken."""
    user = _new_user(new, password_hash)
    await add_unique(session, user, _username_taken(new.username))
    audit(session, "user.created", user.id, user.display_name, after=_audited(user))
    return user


async def create_users(session: AsyncSession, by: Principal, people: Sequence[PersonFields]) -> list[User]:
    """Add many people without passwords in one statement; one by one would block other writers for too long."""
    for role in {new.role for new in people}:
        _refuse_higher_role(by, role)
    for team_id in {new.team_id for new in people}:
        await refuse_foreign_team(session, by, team_id)
    users = [_new_user(new, "") for new in people]
    try:
        async with session.begin_nested():
            session.add_all(users)
            await session.flush()
    except sa.exc.IntegrityError as error:
        raise Conflict("username_taken", "One of the usernames was taken in the meantime") from error
    for user in users:
        audit(session, "user.created", user.id, user.display_name, after=_audited(user))
    return users


def _new_user(new: PersonFields, password_hash: str) -> User:
    return User(
        **new.model_dump(exclude={"password", "username", "display_name"}),
        username=new.username.lower(),
        display_name=new.display_name or new.username,
        password_hash=password_hash,
    )


async def update_user(
    session: AsyncSession, by: Principal, user: User, change: UserUpdate, password_hash: str | None
) -> User:
    """Change the given fields. A new role, team or password, or disabling the account, ends the person's sessions at once."""
    fields = change.model_dump(exclude_unset=True, exclude={"password"})
    for required in ("username", "display_name", "role", "is_active"):
        if fields.get(required, "") is None:
            del fields[required]
    if "username" in fields:
        fields["username"] = fields["username"].lower()
    fields = {name: value for name, value in fields.items() if value != getattr(user, name)}
    await _refuse_change(session, by, user, fields)
    await _refuse_taken_ids(session, by, user, fields)
    before = _audited(user)
    for name, value in fields.items():
        setattr(user, name, value)
    if password_hash is not None:
        user.password_hash = password_hash
        audit(session, "user.password_set", user.id, user.display_name)
    await add_unique(session, user, _username_taken(user.username))
    if password_hash is not None or fields.keys() & {"role", "is_active", "team_id"}:
        await end_all_sessions(session, user)
    audit(session, "user.updated", user.id, user.display_name, before=before, after=_audited(user))
    if "team_id" in fields:
        tomorrow = await today_of(session, before["team_id"]) + timedelta(days=1)
        await team_changed(session, TeamChange(user.id, before["team_id"], user.team_id, tomorrow, by.id))
        today = tomorrow - timedelta(days=1)
        await notify_people(session, await move_notice(session, user, user.team_id, today, by))
    if fields.keys() & {"team_id", "is_active", "policy"}:
        await plan_changed(session, PlanChange.of_users([user.id]))
    return user


_MOVE_TITLES: dict[bool, Words] = {
    False: ("换班组", "A move to another team"),
    True: ("换班组的安排已取消", "A move to another team was cancelled"),
}
_MOVE_TEXTS: dict[bool, Words] = {
    False: ("{who}从{day}起在{team}。", "From {day} on {who} works in {team}."),
    True: ("{who}从{day}起不换到{team}了。", "From {day} on {who} does not move to {team} any more."),
}


async def move_notice(
    session: AsyncSession, user: User, team_id: int | None, day: date, by: Principal, *, is_cancelled: bool = False
) -> PersonalNotice:
    """To a person whom somebody moves to another team, and to the planners there."""
    team = await session.get(Team, team_id) if team_id is not None else None

    def words(language: Language) -> tuple[str, str]:
        name = team.name if team else said(("「无班组」", "no team"), language)
        text = said(_MOVE_TEXTS[is_cancelled], language)
        return (
            said(_MOVE_TITLES[is_cancelled], language),
            text.format(who=user.display_name, day=date_in(day, language), team=name),
        )

    return PersonalNotice(frozenset({user.id}), {each: words(each) for each in Language}, team_id, by.id)


async def _refuse_change(session: AsyncSession, by: Principal, user: User, fields: dict[str, Any]) -> None:
    refuse_higher_person(by, user)
    if "role" in fields:
        _refuse_higher_role(by, fields["role"])
    if "team_id" in fields:
        await refuse_foreign_team(session, by, fields["team_id"])
    if user.role is Role.ADMIN and ("role" in fields or fields.get("is_active") is False):
        await _refuse_last_admin(session, user)


async def _refuse_taken_ids(session: AsyncSession, by: Principal, user: User, fields: dict[str, Any]) -> None:
    """Refuse new ids that are somebody else's; all of them where the person gets into another team, or back to work."""
    if not fields.get("is_active", user.is_active):
        return
    is_elsewhere = "team_id" in fields or "is_active" in fields
    ids = {name: fields.get(name, getattr(user, name)) for name in VENDORS if name in fields or is_elsewhere}
    await refuse_taken_ids(session, by, ids, fields.get("team_id", user.team_id), but=user.id)


async def delete_user(session: AsyncSession, by: Principal, user: User) -> None:
    """Mark a person as deleted and remove their access; the history keeps their name."""
    if user.id == by.id:
        raise Conflict("not_yourself", "You cannot delete your own account")
    refuse_higher_person(by, user)
    if user.role is Role.ADMIN:
        await _refuse_last_admin(session, user)
    audit(session, "user.deleted", user.id, user.display_name, before=_audited(user))
    user.deleted_at = clock.now()
    user.is_active = False
    user.username = f"{user.username[:40]}~{user.id}"  # makes the username available again
    await end_all_sessions(session, user)
    await delete_credentials(session, user)
    await session.exec(sa.delete(TeamPlanner).where(TeamPlanner.user_id == user.id))
    await session.flush()
    await plan_changed(session, PlanChange.of_users([user.id]))


async def delete_credentials(session: AsyncSession, user: User) -> None:
    """Delete everything besides sessions that gives access to this account."""
    for table in (ApiToken, PasswordLink, SecondFactor, ExternalIdentity):
        await session.exec(sa.delete(table).where(table.user_id == user.id))


async def update_me(session: AsyncSession, user: User, change: MeUpdate) -> None:
    """Change the user's own name and numbers."""
    before = _audited(user)
    fields = change.model_dump(exclude_unset=True)
    changed = {name: value for name, value in fields.items() if value != getattr(user, name)}
    await refuse_taken_ids(session, None, changed, user.team_id, but=user.id)
    for name, value in fields.items():
        if name != "display_name" or value is not None:
            setattr(user, name, value)
    session.add(user)
    audit(session, "user.updated", user.id, user.display_name, before=before, after=_audited(user))
    await session.flush()


async def change_password(session: AsyncSession, user: User, password_hash: str) -> None:
    """Set a user's password and end all their sessions."""
    user.password_hash = password_hash
    audit(session, "user.password_set", user.id, user.display_name)
    await end_all_sessions(session, user)


def _audited(user: User) -> dict[str, Any]:
    return user.model_dump(
        include={
            "username",
            "display_name",
            "role",
            "team_id",
            "mobile",
            "dingtalk_userid",
            "wecom_userid",
            "feishu_userid",
            "is_active",
            "policy",
        }
    )


def _username_taken(username: str) -> Conflict:
    return Conflict("username_taken", f"The username {username} is already taken")


def refuse_own_account(by: Principal, user_id: int) -> None:
    """How the user signs in is changed only in the user's own settings, which require the password."""
    if user_id == by.id:
        raise Forbidden("own_account", "Change your own password and second factor in your settings")


def refuse_higher_person(by: Principal, user: User) -> None:
    """Planners may change only members and themselves."""
    if not by.is_admin and user.role is not Role.MEMBER and user.id != by.id:
        raise Forbidden("admins_only", "Only administrators may change planners and administrators")


def _refuse_higher_role(by: Principal, role: Role) -> None:
    if not by.is_admin and role is not Role.MEMBER:
        raise Forbidden("admins_only", "Only administrators may appoint planners and administrators")


async def _refuse_last_admin(session: AsyncSession, user: User) -> None:
    await advisory_lock(session, ADMIN_LOCK)
    others = select(User.id).where(User.role == Role.ADMIN, User.id != user.id, MAY_SIGN_IN)
    if (await session.exec(others.limit(1))).first() is None:
        raise Conflict("last_admin", "The last administrator cannot be removed")


def user_values(user: User, by: Principal) -> dict[str, Any]:
    """The columns of a person that the API shows to this user."""
    shown = user.model_dump(exclude={"password_hash", "token_version", "deleted_at"})
    shown["has_password"] = bool(user.password_hash)
    return shown if by.sees_mobile_of(user) else {**shown, "mobile": masked_number(user.mobile)}
