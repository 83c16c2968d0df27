"""People, teams and signing in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.changes import PlanChange, plan_changed
from daka.database import Database, take_turns
from daka.errors import Conflict, Forbidden, NotFound, TooMany, Unauthenticated
from daka.identity.access import API_TOKEN_PREFIX, Principal, find_team, find_user
from daka.identity.models import ApiToken, RefreshToken, Role, SignInFailure, Team, TeamPlanner, User
from daka.identity.schemas import ApiTokenCreate, TeamCreate, TeamUpdate, UserCreate, UserUpdate
from daka.settings import Settings

ACCESS_LIFETIME = timedelta(minutes=15)
REFRESH_LIFETIME = timedelta(days=30)
THROTTLE_WINDOW = timedelta(minutes=15)
FAILURES_PER_ACCOUNT_AND_ADDRESS = 8
FAILURES_PER_ADDRESS = 60
SETUP_LOCK = 0x73657475
FIRST_TEAM = "我的班组"


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str
    refresh: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class Device:
    """Where a sign-in comes from."""

    address: str
    user_agent: str = ""


# --- setting up and signing in ---------------------------------------------------------------------------------------


async def is_setup_needed(session: AsyncSession) -> bool:
    return (await session.exec(select(User.id).limit(1))).first() is None


async def create_first_admin(
    session: AsyncSession,
    settings: Settings,
    *,
    username: str,
    password_hash: str,
    display_name: str | None,
    device: Device,
) -> Tokens:
    """The first administrator, with a first team to plan.

    Raises:
        Conflict: somebody exists already.
    """
    await take_turns(session, SETUP_LOCK)
    if not await is_setup_needed(session):
        raise Conflict("already_set_up", "An account exists already; sign in")
    now = clock.now()
    team = Team(name=FIRST_TEAM, timezone=settings.timezone, created_at=now)
    session.add(team)
    await session.flush()
    admin = User(
        username=username.lower(),
        display_name=display_name or username,
        password_hash=password_hash,
        role=Role.ADMIN,
        team_id=team.id,
        created_at=now,
    )
    session.add(admin)
    await session.flush()
    return await open_family(session, settings, admin, device)


async def sign_in(database: Database, settings: Settings, username: str, password: str, device: Device) -> Tokens:
    """Tokens for a username and password. The slow hash is checked outside of any transaction.

    Raises:
        TooMany: too many failures of late for this account from this address, or from this address.
        Unauthenticated: unknown user, wrong password or disabled account, indistinguishably.
    """
    username = username.strip().lower()[:64]
    async with database.read() as session:
        await _refuse_when_throttled(session, username, device.address)
        user = (
            await session.exec(select(User).where(User.username == username, col(User.deleted_at).is_(None)))
        ).first()
    fits = await security.is_password(password[:200], user.password_hash if user else None)
    async with database.write() as session:
        if user is None or not fits or not user.is_active:
            session.add(SignInFailure(username=username, address=device.address, at=clock.now()))
            tokens = None
        else:
            await session.exec(
                sa.delete(SignInFailure).where(
                    col(SignInFailure.username) == username, col(SignInFailure.address) == device.address
                )
            )
            tokens = await open_family(session, settings, user, device)
    if tokens is None:
        raise Unauthenticated("wrong_credentials", "The username or the password is wrong")
    return tokens


async def _refuse_when_throttled(session: AsyncSession, username: str, address: str) -> None:
    # Counted per account *and* address, so that somebody elsewhere cannot lock an owner out.
    since = clock.now() - THROTTLE_WINDOW
    recent = select(func.count(), func.min(SignInFailure.at)).where(
        SignInFailure.address == address, col(SignInFailure.at) > since
    )
    for asked, allowed in (
        (recent.where(SignInFailure.username == username), FAILURES_PER_ACCOUNT_AND_ADDRESS),
        (recent, FAILURES_PER_ADDRESS),
    ):
        failures, first = (await session.exec(asked)).one()
        if failures >= allowed:
            wait = (first + THROTTLE_WINDOW - clock.now()).total_seconds()
            raise TooMany("too_many_attempts", max(1, int(wait) + 1), "Too many failed sign-ins; wait a little")


async def open_family(session: AsyncSession, settings: Settings, user: User, device: Device) -> Tokens:
    """Tokens of a new sign-in."""
    return await _issue(session, settings, user, device, family=security.new_token()[:32])


async def _issue(session: AsyncSession, settings: Settings, user: User, device: Device, *, family: str) -> Tokens:
    now = clock.now()
    refresh = security.new_token()
    session.add(
        RefreshToken(
            user_id=cast(int, user.id),
            family=family,
            token_hash=security.token_hash(refresh),
            created_at=now,
            expires_at=now + REFRESH_LIFETIME,
            user_agent=device.user_agent[:200],
            address=device.address[:64],
        )
    )
    access = security.signed(
        settings.secret,
        "access",
        issued_at=now,
        lifetime=ACCESS_LIFETIME,
        sub=str(user.id),
        jti=security.new_token()[:22],
        ver=user.token_version,
    )
    return Tokens(access, refresh, int(ACCESS_LIFETIME.total_seconds()))


async def refresh(database: Database, settings: Settings, token: str, device: Device) -> Tokens:
    """New tokens for a refresh token, which is used up.

    Raises:
        Unauthenticated: unknown, expired or revoked; a used one also ends every token of its family.
    """
    async with database.write() as session:
        tokens = await _rotate(session, settings, token, device)
    if tokens is None:  # the family's end is committed; only then is the answer an error
        raise Unauthenticated("refresh_invalid", "The session has ended; sign in again")
    return tokens


async def _rotate(session: AsyncSession, settings: Settings, token: str, device: Device) -> Tokens | None:
    asked = select(RefreshToken).where(RefreshToken.token_hash == security.token_hash(token)).with_for_update()
    row = (await session.exec(asked)).first()
    if row is None:
        return None
    now = clock.now()
    if row.rotated_at is not None:
        await end_family(session, row.family)
        return None
    user = await session.get(User, row.user_id)
    if row.revoked_at is not None or row.expires_at <= now or user is None or not user.is_active or user.deleted_at:
        return None
    row.rotated_at = now
    session.add(row)
    return await _issue(session, settings, user, device, family=row.family)


async def end_family(session: AsyncSession, family: str) -> None:
    await session.exec(
        sa.update(RefreshToken)
        .where(col(RefreshToken.family) == family, col(RefreshToken.revoked_at).is_(None))
        .values(revoked_at=clock.now())
    )


async def sign_out(session: AsyncSession, token: str) -> None:
    """End the family of a refresh token, if it is one."""
    asked = select(RefreshToken).where(RefreshToken.token_hash == security.token_hash(token))
    if row := (await session.exec(asked)).first():
        await end_family(session, row.family)


async def end_all_sessions(session: AsyncSession, user: User) -> None:
    """Sign a person out everywhere, at once."""
    user.token_version += 1
    session.add(user)
    await session.exec(
        sa.update(RefreshToken)
        .where(col(RefreshToken.user_id) == user.id, col(RefreshToken.revoked_at).is_(None))
        .values(revoked_at=clock.now())
    )


async def change_password(session: AsyncSession, user: User, password_hash: str) -> None:
    user.password_hash = password_hash
    await end_all_sessions(session, user)


# --- users -----------------------------------------------------------------------------------------------------------


async def visible_users(session: AsyncSession, by: Principal, *, team_id: int | None = None) -> list[User]:
    """People whom the asker plans, and the asker."""
    asked = select(User).where(col(User.deleted_at).is_(None)).order_by(col(User.id))
    if not by.is_admin:
        asked = asked.where(or_(col(User.team_id).in_(by.planned_team_ids), User.id == by.id))
    if team_id is not None:
        asked = asked.where(User.team_id == team_id)
    return list(await session.exec(asked))


async def seen_user(session: AsyncSession, user_id: int, by: Principal) -> User:
    """A user whom the asker may see; to others they do not exist."""
    user = await find_user(session, user_id)
    if not by.sees_user(user):
        raise NotFound("user_not_found", f"There is no user {user_id}")
    return user


async def planned_user(session: AsyncSession, user_id: int, by: Principal) -> User:
    """A user whom the asker plans."""
    user = await seen_user(session, user_id, by)
    if not by.plans_user(user):
        raise Forbidden("not_your_team", "Only planners of this person's team may do that")
    return user


async def create_user(session: AsyncSession, by: Principal, new: UserCreate, password_hash: str) -> User:
    _refuse_higher_role(by, new.role)
    await _refuse_foreign_team(session, by, new.team_id)
    await _refuse_taken_username(session, new.username)
    user = User(
        **new.model_dump(exclude={"password", "username", "display_name"}),
        username=new.username.lower(),
        display_name=new.display_name or new.username,
        password_hash=password_hash,
        created_at=clock.now(),
    )
    session.add(user)
    await session.flush()
    return user


async def update_user(
    session: AsyncSession, by: Principal, user: User, change: UserUpdate, password_hash: str | None
) -> User:
    """Change what the request names. A new role, team or password, or disabling, ends the person's sessions at once."""
    fields = change.model_dump(exclude_unset=True, exclude={"password"})
    for required in ("username", "display_name", "role", "is_active"):
        if fields.get(required, "") is None:
            del fields[required]
    if not by.is_admin and user.role is not Role.MEMBER and user.id != by.id:
        raise Forbidden("admins_only", "Only administrators may change planners and administrators")
    if "role" in fields and fields["role"] != user.role:
        _refuse_higher_role(by, fields["role"])
    if "team_id" in fields and fields["team_id"] != user.team_id:
        await _refuse_foreign_team(session, by, fields["team_id"])
    if "username" in fields:
        fields["username"] = fields["username"].lower()
        if fields["username"] != user.username:
            await _refuse_taken_username(session, fields["username"])
    loses_admin = user.role is Role.ADMIN and (
        fields.get("role", Role.ADMIN) is not Role.ADMIN or fields.get("is_active") is False
    )
    if loses_admin:
        await _refuse_last_admin(session, user)
    must_sign_in_again = password_hash is not None or any(
        name in fields and fields[name] != getattr(user, name) for name in ("role", "is_active", "team_id")
    )
    needs_replanning = any(
        name in fields and fields[name] != getattr(user, name) for name in ("team_id", "is_active", "policy")
    )
    for name, value in fields.items():
        setattr(user, name, value)
    if password_hash is not None:
        user.password_hash = password_hash
    session.add(user)
    if must_sign_in_again:
        await end_all_sessions(session, user)
    await session.flush()
    if needs_replanning:
        await plan_changed(session, PlanChange.of_users([cast(int, user.id)]))
    return user


async def delete_user(session: AsyncSession, by: Principal, user: User) -> None:
    """Take a person out of everything from now on; their history keeps the name."""
    if user.id == by.id:
        raise Conflict("not_yourself", "You cannot delete your own account")
    if not by.is_admin and user.role is not Role.MEMBER:
        raise Forbidden("admins_only", "Only administrators may delete planners and administrators")
    if user.role is Role.ADMIN:
        await _refuse_last_admin(session, user)
    user.deleted_at = clock.now()
    user.is_active = False
    user.username = f"{user.username[:40]}~{user.id}"  # free for somebody else
    await end_all_sessions(session, user)
    await session.exec(sa.delete(ApiToken).where(col(ApiToken.user_id) == user.id))
    await session.flush()
    await plan_changed(session, PlanChange.of_users([cast(int, user.id)]))


def _refuse_higher_role(by: Principal, role: Role) -> None:
    if not by.is_admin and role is not Role.MEMBER:
        raise Forbidden("admins_only", "Only administrators may appoint planners and administrators")


async def _refuse_foreign_team(session: AsyncSession, by: Principal, team_id: int | None) -> None:
    if team_id is not None:
        await find_team(session, team_id, by)
    if not by.plans(team_id):
        raise Forbidden("not_your_team", "You do not plan this team")


async def _refuse_taken_username(session: AsyncSession, username: str) -> None:
    if (await session.exec(select(User.id).where(User.username == username.lower()))).first() is not None:
        raise Conflict("username_taken", f"The username {username} is taken")


async def _refuse_last_admin(session: AsyncSession, user: User) -> None:
    others = select(User.id).where(
        User.role == Role.ADMIN, User.id != user.id, User.is_active == sa.true(), col(User.deleted_at).is_(None)
    )
    if (await session.exec(others.limit(1))).first() is None:
        raise Conflict("last_admin", "The last administrator must stay")


# --- teams -----------------------------------------------------------------------------------------------------------


async def visible_teams(session: AsyncSession, by: Principal) -> list[Team]:
    asked = select(Team).order_by(col(Team.id))
    if by.visible_team_ids is not None:
        asked = asked.where(col(Team.id).in_(by.visible_team_ids))
    return list(await session.exec(asked))


async def create_team(session: AsyncSession, settings: Settings, new: TeamCreate) -> Team:
    await _refuse_taken_team_name(session, new.name)
    team = Team(
        name=new.name,
        timezone=new.timezone or settings.timezone,
        policy=new.policy.model_dump() if new.policy else None,
        created_at=clock.now(),
    )
    session.add(team)
    await session.flush()
    return team


async def update_team(session: AsyncSession, by: Principal, team: Team, change: TeamUpdate) -> Team:
    if not by.plans(team.id):
        raise Forbidden("not_your_team", "You do not plan this team")
    if change.name is not None and change.name != team.name:
        await _refuse_taken_team_name(session, change.name)
        team.name = change.name
    if change.timezone is not None:
        team.timezone = change.timezone
    if "policy" in change.model_fields_set:
        team.policy = change.policy.model_dump() if change.policy else None
    session.add(team)
    await session.flush()
    if change.timezone is not None or "policy" in change.model_fields_set:
        members = await session.exec(select(User.id).where(User.team_id == team.id))
        await plan_changed(session, PlanChange.of_users([cast(int, member) for member in members]))
    return team


async def delete_team(session: AsyncSession, team: Team) -> None:
    members = select(User.id).where(User.team_id == team.id, col(User.deleted_at).is_(None))
    if (await session.exec(members.limit(1))).first() is not None:
        raise Conflict("team_in_use", "Move the team's people first")
    await session.exec(sa.delete(TeamPlanner).where(col(TeamPlanner.team_id) == team.id))
    try:
        async with session.begin_nested():
            await session.delete(team)
    except sa.exc.IntegrityError as error:
        raise Conflict("team_in_use", "Shifts, channels or past rosters still belong to this team") from error


async def _refuse_taken_team_name(session: AsyncSession, name: str) -> None:
    if (await session.exec(select(Team.id).where(Team.name == name))).first() is not None:
        raise Conflict("team_name_taken", f"There is a team named {name} already")


async def zone_name(session: AsyncSession, settings: Settings, user: User) -> tuple[Team | None, str]:
    """A person's team and the zone that their shift times are meant in."""
    team = await session.get(Team, user.team_id) if user.team_id else None
    return team, team.timezone if team else settings.timezone


# --- personal tokens -------------------------------------------------------------------------------------------------


async def create_api_token(session: AsyncSession, user: User, new: ApiTokenCreate) -> tuple[ApiToken, str]:
    """A personal token; the second value is the token itself, which is not stored."""
    token = security.new_token(API_TOKEN_PREFIX)
    row = ApiToken(
        user_id=cast(int, user.id),
        name=new.name,
        token_hash=security.token_hash(token),
        scopes=sorted(set(new.scopes)),
        created_at=clock.now(),
        expires_at=new.expires_at,
    )
    session.add(row)
    await session.flush()
    return row, token


async def api_tokens(session: AsyncSession, user: User) -> list[ApiToken]:
    return list(await session.exec(select(ApiToken).where(ApiToken.user_id == user.id).order_by(col(ApiToken.id))))


async def delete_api_token(session: AsyncSession, user: User, token_id: int) -> None:
    row = await session.get(ApiToken, token_id)
    if row is None or row.user_id != user.id:
        raise NotFound("token_not_found", f"You have no token {token_id}")
    await session.delete(row)


async def forget_old_sign_ins(session: AsyncSession, before: datetime) -> None:
    """Remove failures outside the throttle's window and tokens that ended long ago."""
    await session.exec(sa.delete(SignInFailure).where(col(SignInFailure.at) < clock.now() - THROTTLE_WINDOW))
    await session.exec(sa.delete(RefreshToken).where(col(RefreshToken.expires_at) < before))


def user_values(user: User) -> dict[str, Any]:
    """The columns that the API shows."""
    return user.model_dump(exclude={"password_hash", "token_version", "deleted_at"})
