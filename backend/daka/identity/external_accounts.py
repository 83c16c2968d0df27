"""The accounts behind external sign-in: found, connected, created."""

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.audit_trail import asked_by, audit
from daka.errors import Conflict, NotFound
from daka.identity.access import lock_account
from daka.identity.external_login import CallbackResult, ExternalPerson, SignInFailed
from daka.identity.grants import opens
from daka.identity.models import ExternalIdentity, Role, User
from daka.identity.schemas import Name, Username
from daka.settings import Settings

USERNAME: TypeAdapter[str] = TypeAdapter(Username)
NAME: TypeAdapter[str] = TypeAdapter(Name)


async def local_user(session: AsyncSession, settings: Settings, person: ExternalPerson) -> User:
    """The account of a person authenticated by the provider."""
    known = await _identity(session, person)
    user = await lock_account(session, known.user_id) if known else None
    if known is None or user is None or (user.is_active and not opens(known, user)):
        if person.username is None:
            raise SignInFailed("external_login_not_connected")
        user = await _match_by_username(session, settings, person)
    if user is None or not user.may_sign_in:
        raise SignInFailed("external_login_no_account")
    asked_by(session, user.id, user.display_name)
    return user


async def connect(session: AsyncSession, result: CallbackResult) -> None:
    """Connect the provider's person to the account of the user who asked for it.

    Raises SignInFailed: the user was signed out meanwhile or is connected already, or the person belongs to another account.
    """
    user_id, token_version = result.connects or (0, 0)
    user = await lock_account(session, user_id)
    if user is None or not user.may_sign_in or user.token_version != token_version:
        raise SignInFailed("external_login_expired")
    known = await _identity(session, result.person)
    if known is not None:
        owner = await session.get(User, known.user_id)
        if owner is None or not opens(known, owner):
            known = None
    if known is not None and known.user_id == user.id:
        return
    if known is not None or await connection(session, user, result.person.issuer) is not None:
        raise SignInFailed("external_login_taken")
    asked_by(session, user.id, user.display_name)
    await _remember(session, user, result.person, token_version=user.token_version)
    audit(session, "user.connected", user.id, user.display_name, after={"by": result.person.issuer})


async def connection(session: AsyncSession, user: User, issuer: str) -> ExternalIdentity | None:
    """The identity at this provider that opens the user's account, if there is one."""
    asked = select(ExternalIdentity).where(ExternalIdentity.user_id == user.id, ExternalIdentity.issuer == issuer)
    return next((found for found in await session.exec(asked) if opens(found, user)), None)


async def disconnect(session: AsyncSession, user: User, issuer: str) -> None:
    """
    Raises:
        NotFound: they are not connected.
        Conflict: the user has no password, so this is their only way to sign in.
    """
    found = await connection(session, user, issuer)
    if found is None:
        raise NotFound("not_connected", "This account is not connected to this provider")
    if not user.password_hash:
        raise Conflict("last_way_in", "Set a password first")
    await session.delete(found)
    audit(session, "user.disconnected", user.id, user.display_name, before={"by": issuer})


async def _identity(session: AsyncSession, person: ExternalPerson) -> ExternalIdentity | None:
    asked = select(ExternalIdentity).where(
        ExternalIdentity.issuer == person.issuer, ExternalIdentity.subject == person.subject
    )
    return (await session.exec(asked)).first()


async def _remember(
    session: AsyncSession, user: User, person: ExternalPerson, *, token_version: int | None = None
) -> None:
    """Store the connection in place of one that has ended. Of two concurrent attempts one is refused."""
    row = ExternalIdentity(
        user_id=user.id,
        issuer=person.issuer,
        subject=person.subject,
        token_version=token_version,
    )
    try:
        async with session.begin_nested():
            if ended := await _identity(session, person):
                await session.delete(ended)
                await session.flush()
            session.add(row)
            await session.flush()
    except (sa.exc.IntegrityError, sa.orm.exc.StaleDataError) as error:
        raise SignInFailed("external_login_taken") from error


async def _match_by_username(session: AsyncSession, settings: Settings, person: ExternalPerson) -> User | None:
    """Match by username at the first login, or create the account if OIDC_CREATE_MEMBERS is on.

    Administrators are never matched by name: choosing a username at the provider must not grant administrator rights.
    """
    username = _valid(USERNAME, person.username)
    if username is None:
        return None
    asked = select(User).where(User.username == username, User.deleted_at.is_(None))
    found = (await session.exec(asked)).first()
    user = await lock_account(session, found.id) if found is not None else None
    if user is None:
        if not settings.oidc_create_members:
            return None
        user = User(
            username=username,
            display_name=_valid(NAME, person.display_name) or username,
            password_hash="",
            role=Role.MEMBER,
        )
        session.add(user)
        await session.flush()
        audit(
            session, "user.created", user.id, user.display_name, after={"username": user.username, "by": person.issuer}
        )
    if user.role is Role.ADMIN or await connection(session, user, person.issuer) is not None:
        return None
    await _remember(session, user, person)
    return user


def _valid(kind: TypeAdapter[str], text: str | None) -> str | None:
    """The provider's text as if a user had entered it; None if it would be refused."""
    try:
        return kind.validate_python(text)
    except ValidationError:
        return None
