"""What opens an account, or part of it, without a session: password links, personal tokens, calendar feeds, connections.

One rule for all of them: each keeps the account's `token_version` from when it was made and is valid only while that is still
the account's. `sessions.end_all_sessions` increments it: at a new role, team or password, when the account is disabled, enabled
or deleted, and at signing out everywhere. A grant written by a transaction that was under way then is not valid either.
"""

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from daka.identity.models import ExternalIdentity, Role, User


def is_current(user_id: sa.SQLColumnExpression[int], token_version: sa.SQLColumnExpression[int]) -> sa.Exists:
    """SQL: the account is active and has not changed since the grant with these columns was made."""
    owner = aliased(User)
    return sa.exists().where(
        owner.id == user_id,
        owner.token_version == token_version,
        owner.is_active == sa.true(),
        owner.deleted_at.is_(None),
    )


def opens(identity: ExternalIdentity, user: User) -> bool:
    """Whether an external identity still opens the account.

    One that was matched by username has no version: it is valid as long as it could be matched again, so never for an
    administrator.
    """
    if identity.token_version is None:
        return user.role is not Role.ADMIN
    return identity.token_version == user.token_version
