"""Authentication and authorisation: the permission is a type in a route's signature.

`by: Member` is any signed-in user, `by: Planner` plans teams, `by: Admin` may do everything. A route without one is public.
A personal token (`daka_…`) is accepted only if the route names its scope:
`by: Annotated[Principal, Depends(member_with("punch:write"))]`.

`MemberApart`, `PlannerApart` and `AdminApart` check the same in a separate transaction that ends before the route begins: for
routes that hash or send before they write. Their write transaction begins with `by = await confirmed(session, by)`.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any, Literal, cast

import sqlalchemy as sa
from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.audit_trail import asked_by
from daka.change_events import Topic, publish
from daka.database import Database, SessionDep
from daka.errors import Forbidden, NotFound, Unauthenticated
from daka.identity.grants import is_current
from daka.identity.models import ApiToken, RefreshToken, Role, Team, TeamPlanner, User
from daka.routing import of_app
from daka.settings import Settings

API_TOKEN_PREFIX = "daka_"  # noqa: S105
LAST_USE_RESOLUTION = timedelta(minutes=1)
Scope = Literal["punch:write", "roster:read", "reminders:read"]

_bearer = HTTPBearer(
    scheme_name="bearer",
    auto_error=False,
    description="A token from `POST /api/v1/auth/token`, or a personal token",
)


async def _token(given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str | None:
    return given.credentials if given else None


TokenDep = Annotated[str | None, Depends(_token)]


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in user together with the teams that they plan."""

    user: User
    planned_team_ids: frozenset[int]
    """Empty for members, and for administrators, who plan all teams (see `plans`)."""
    scopes: frozenset[str] | None = None
    """The scopes of the personal token; None for a full session."""
    family: str | None = None
    """The session's family of refresh tokens; None for personal tokens."""

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def is_admin(self) -> bool:
        return self.user.role is Role.ADMIN

    @property
    def is_planner(self) -> bool:
        return self.user.role in (Role.ADMIN, Role.PLANNER)

    def plans(self, team_id: int | None) -> bool:
        """Whether the user may change what belongs to this team (None: to people without a team)."""
        return self.is_admin or (team_id is not None and team_id in self.planned_team_ids)

    def sees_team(self, team_id: int | None) -> bool:
        """Whether the user may see this team's roster."""
        return self.plans(team_id) or (team_id is not None and team_id == self.user.team_id)

    def plans_user(self, user: User) -> bool:
        return self.plans(user.team_id)

    def may_change(self, user: User) -> bool:
        """Whether the user may change this person's account: planners only members and themselves."""
        return self.plans_user(user) and (self.is_admin or user.role is Role.MEMBER or user.id == self.id)

    def sees_user(self, user: User) -> bool:
        return user.id == self.id or self.plans(user.team_id)

    def sees_mobile_of(self, user: User) -> bool:
        """Whether the user may see this person's full mobile number: their own, and those of members whom they plan."""
        return self.is_admin or user.id == self.id or (self.plans_user(user) and user.role is Role.MEMBER)

    @property
    def visible_team_ids(self) -> frozenset[int] | None:
        """Teams whose roster the user may see; None means all."""
        if self.is_admin:
            return None
        return self.planned_team_ids | self.user.own_team_ids


SettingsDep = Annotated[Settings, of_app("settings")]
DatabaseDep = Annotated[Database, of_app("database")]
"""For routes that do slow work between two transactions; all others use `SessionDep`."""


async def principal(session: AsyncSession, settings: Settings, token: str | None) -> Principal:
    """The user of a bearer token.

    Raises Unauthenticated: the token is missing, forged, expired, revoked or of another kind.
    """
    if not token:
        raise Unauthenticated
    scopes: frozenset[str] | None = None
    family: str | None = None
    if token.startswith(API_TOKEN_PREFIX):
        found = await _api_token(session, token)
        user = await session.get(User, found.user_id)
        scopes = frozenset(found.scopes)
    else:
        claims = security.verified(settings.secret, "access", token, at=clock.now())
        if claims is None or not str(claims["sub"]).isdecimal():
            raise Unauthenticated("token_invalid", "The access token is not valid or has expired")
        user, family = await session.get(User, int(claims["sub"])), claims.get("sid")
        if user is None or claims.get("ver") != user.token_version or not await _is_open(session, family):
            raise Unauthenticated("token_revoked", "The access token was revoked; sign in again")
    if user is None or not user.may_sign_in:
        raise Unauthenticated("account_disabled", "This account is disabled")
    asked_by(session, user.id, user.display_name)
    return Principal(user, await planned_teams(session, user), scopes, family)


async def lock_account(session: AsyncSession, user_id: int) -> User | None:
    """The account as it is now, locked until the transaction ends, so that nobody changes it while access to it is issued.

    Code that also locks the account's refresh tokens locks the account first.
    """
    await session.flush()
    # FOR NO KEY UPDATE: rows that refer to the account can still be written.
    return await session.get(User, user_id, with_for_update={"key_share": True}, populate_existing=True)


async def unchanged(session: AsyncSession, people: Sequence[Principal]) -> list[bool]:
    """For each principal, whether it is still valid: signed in, with the same role and teams."""
    ids = {by.id for by in people}
    users = {user.id: user for user in await session.exec(select(User).where(User.id.in_(ids)))}
    families = {by.family for by in people if by.family is not None}
    asked = select(RefreshToken.family).where(RefreshToken.family.in_(families), RefreshToken.revoked_at.is_(None))
    still_open = {None, *await session.exec(asked)}
    further: dict[int, set[int]] = defaultdict(set)
    for planner in await session.exec(select(TeamPlanner).where(TeamPlanner.user_id.in_(ids))):
        further[planner.user_id].add(planner.team_id)

    def is_same(by: Principal) -> bool:
        user = users.get(by.id)
        return (
            user is not None
            and user.may_sign_in
            and user.token_version == by.user.token_version
            and by.family in still_open
            and _planned(user, further[by.id]) == by.planned_team_ids
        )

    return [is_same(by) for by in people]


async def _is_open(session: AsyncSession, family: str | None) -> bool:
    """Whether the session has not been ended."""
    if family is None:
        return True
    asked = select(RefreshToken.id).where(RefreshToken.family == family, RefreshToken.revoked_at.is_(None))
    return (await session.exec(asked.limit(1))).first() is not None


async def planned_teams(session: AsyncSession, user: User) -> frozenset[int]:
    """The teams of a planner: the one they belong to and those assigned to them."""
    if user.role is not Role.PLANNER:
        return frozenset()
    further = await session.exec(select(TeamPlanner.team_id).where(TeamPlanner.user_id == user.id))
    return _planned(user, further)


def _planned(user: User, further: Iterable[int]) -> frozenset[int]:
    if user.role is not Role.PLANNER:
        return frozenset()
    return frozenset(further) | user.own_team_ids


async def _api_token(session: AsyncSession, token: str) -> ApiToken:
    asked = select(ApiToken).where(
        ApiToken.token_hash == security.token_hash(token), is_current(ApiToken.user_id, ApiToken.token_version)
    )
    found = (await session.exec(asked)).first()
    if found is None or (found.expires_at is not None and found.expires_at <= clock.now()):
        raise Unauthenticated("token_invalid", "The token is not valid or has expired")
    return found


async def _note_use(session: AsyncSession, database: Database, token: str) -> None:
    """Record when a personal token was last used, to the minute; for read requests in a separate transaction."""
    this_one = ApiToken.token_hash == security.token_hash(token)
    used = (await session.exec(select(ApiToken.last_used_at).where(this_one))).one()
    now = clock.now()
    if used is not None and now - used < LAST_USE_RESOLUTION:
        return
    noted = sa.update(ApiToken).where(this_one).values(last_used_at=now)
    if session.info.get("writes"):
        await session.exec(noted)
        return
    async with database.write() as apart:
        await apart.exec(noted)


def member_with(*scopes: Scope) -> Callable[..., Awaitable[Principal]]:
    """Dependency: any signed-in user, or a personal token with one of the scopes."""

    async def signed_in(
        session: SessionDep,
        database: DatabaseDep,
        settings: SettingsDep,
        token: TokenDep,
    ) -> Principal:
        by = await principal(session, settings, token)
        if by.scopes is not None:
            if not by.scopes & frozenset(scopes):
                raise Forbidden("scope_missing", "This personal token lacks the required scope")
            await _note_use(session, database, cast(str, token))
        return by

    return signed_in


async def _apart(database: DatabaseDep, settings: SettingsDep, token: TokenDep) -> Principal:
    async with database.read() as session:
        by = await principal(session, settings, token)
    if by.scopes is not None:
        raise Forbidden("scope_missing", "This personal token lacks the required scope")
    return by


async def confirmed(session: AsyncSession, by: Principal, *, lock: bool = False) -> Principal:
    """The same user in this transaction, with their current rights. `lock` is for changes of how the user signs in."""
    version = by.user.token_version
    user = await (lock_account(session, by.id) if lock else session.get(User, by.id))
    if user is None or user.token_version != version or not user.is_active:
        raise Unauthenticated("token_revoked", "The access token was revoked; sign in again")
    asked_by(session, user.id, user.display_name)
    return replace(by, user=user, planned_team_ids=await planned_teams(session, user))


def _planners_only(signed_in: Callable[..., Awaitable[Principal]]) -> Callable[..., Awaitable[Principal]]:
    async def planner(by: Annotated[Principal, Depends(signed_in)]) -> Principal:
        if not by.is_planner:
            raise Forbidden("planners_only", "Only planners may do that")
        return by

    return planner


def _admins_only(signed_in: Callable[..., Awaitable[Principal]]) -> Callable[..., Awaitable[Principal]]:
    async def admin(by: Annotated[Principal, Depends(signed_in)]) -> Principal:
        if not by.is_admin:
            raise Forbidden("admins_only", "Only administrators may do that")
        return by

    return admin


_member = member_with()
Member = Annotated[Principal, Depends(_member)]
MemberApart = Annotated[Principal, Depends(_apart)]
Planner = Annotated[Principal, Depends(_planners_only(_member))]
PlannerApart = Annotated[Principal, Depends(_planners_only(_apart))]
Admin = Annotated[Principal, Depends(_admins_only(_member))]
AdminApart = Annotated[Principal, Depends(_admins_only(_apart))]


async def find_user(session: AsyncSession, user_id: int) -> User:
    """A user who is not deleted. Raises NotFound: there is no such user."""
    user = await session.get(User, user_id)
    if user is None or user.deleted_at is not None:
        raise NotFound("user_not_found", f"There is no user {user_id}")
    return user


async def names_of(session: AsyncSession, user_ids: Collection[int]) -> dict[int, str]:
    """What these people are called, by id."""
    asked = select(User.id, User.display_name).where(User.id.in_(user_ids))
    return dict(cast(Any, list(await session.exec(asked))))


def publish_about(session: AsyncSession, topic: Topic, user: User) -> None:
    """Publish a change that is a person's: to their team, or without one to them alone."""
    publish(session, topic, team_id=user.team_id, user_id=user.id if user.team_id is None else None)


def only_seen(asked: Any, by: Principal) -> Any:
    """Narrow a query over users to the asker and the people whom they plan."""
    return asked if by.is_admin else asked.where(sa.or_(User.team_id.in_(by.planned_team_ids), User.id == by.id))


async def find_team(session: AsyncSession, team_id: int, by: Principal) -> Team:
    """A team that the user may see; for others it does not exist."""
    team = await session.get(Team, team_id)
    if team is None or not by.sees_team(team_id):
        raise NotFound("team_not_found", f"There is no team {team_id}")
    return team


async def refuse_foreign_team(session: AsyncSession, by: Principal, team_id: int | None) -> None:
    """Refuse to change what belongs to a team that the user does not plan (None: to people without a team).

    Raises:
        NotFound: as `find_team`.
        Forbidden: the user sees the team, but does not plan it.
    """
    if team_id is not None:
        await find_team(session, team_id, by)
    if not by.plans(team_id):
        raise Forbidden("not_your_team", "You do not plan this team")
