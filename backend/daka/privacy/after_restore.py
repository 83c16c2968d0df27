"""What a restored backup must not bring back: erased people, disabled accounts, and whatever opened an account and has ended.

The database that the backup replaces still knows; where there is none, nobody does.
"""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import audit
from daka.backup.copying import plain_table
from daka.hooks import Hooks, PlanChange, plan_changed
from daka.identity.models import RefreshToken, User
from daka.identity.users import delete_credentials
from daka.privacy.service import erased_username, forget, traces_of


@dataclass(slots=True)
class Account:
    """An account of the replaced database."""

    created_at: datetime
    is_erased: bool
    is_open: bool
    token_version: int


@dataclass(slots=True)
class AfterRestore:
    """Reads the replaced database, then changes the restored one in the transaction that fills it."""

    hooks: Hooks
    keeps_sessions: bool = False
    accounts: dict[int, Account] = field(default_factory=dict)
    """By user id; empty if there was no database, or none that can be read."""
    erased: int = 0
    disabled: list[str] = field(default_factory=list)
    """Usernames of those who are disabled now, since they were disabled or deleted when the backup was restored."""

    async def remember(self, present: AsyncConnection) -> None:
        """Read the accounts of the database that will be replaced, whatever its version."""
        columns = {"id": "int", "username": "text", "created_at": "moment", "deleted_at": "moment"}
        user = plain_table("user", columns | {"is_active": "bool", "token_version": "int"})
        for row in await present.execute(sa.select(user)):
            is_open = row.is_active and row.deleted_at is None
            is_erased = row.username == erased_username(row.id)
            self.accounts[row.id] = Account(row.created_at, is_erased, is_open, row.token_version)

    async def settle(self, session: AsyncSession) -> None:
        """Erase, disable and end again, in the restored database."""
        changed = []
        for user in await session.exec(select(User).order_by(User.id)):
            known = self.accounts.get(user.id)
            if known is not None and known.created_at != user.created_at:  # another person's number in the meantime
                known = None
            if not self.keeps_sessions:
                user.token_version = max(user.token_version, known.token_version if known else 0) + 1
            if known is not None and not known.is_open and user.is_active:
                changed.append(user.id)
                await self._close(session, user, known)
        if not self.keeps_sessions:
            ended = sa.update(RefreshToken).where(RefreshToken.revoked_at.is_(None))
            await session.exec(ended.values(revoked_at=clock.now()))
        await plan_changed(session, PlanChange.of_users(changed))

    async def _close(self, session: AsyncSession, user: User, known: Account) -> None:
        """Disable the account, or erase the person."""
        user.is_active = False
        if not known.is_erased:
            self.disabled.append(user.username)
            audit(
                session,
                "user.updated",
                user.id,
                user.display_name,
                before={"is_active": True},
                after={"is_active": False},
            )
            return
        traces = await traces_of(session, user)
        user.deleted_at = clock.now()
        await delete_credentials(session, user)
        await forget(session, user, traces)
        audit(session, "user.erased", user.id, user.display_name)
        self.erased += 1

    def words(self, made_at: str) -> list[str]:
        """What was changed, and what could not be, in sentences."""
        said = ["Passwords, second factors, roles and teams are those of the backup"]
        if not self.keeps_sessions:
            said.append("All sessions, links, tokens, calendar feeds and connections ended: everybody signs in again")
        if not self.accounts:
            said.append(
                f"No earlier database could be read: people erased and accounts disabled since {made_at} are back"
            )
        if self.erased:
            said.append(f"Erased again: {self.erased} people")
        if self.disabled:
            said.append(f"Still disabled: {', '.join(self.disabled)}; enable those who should come back")
        return said
