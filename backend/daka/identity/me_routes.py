"""HTTP of the signed-in user: profile, personal tokens, password, devices and second factor."""

from daka import clock, security
from daka.database import SessionDep
from daka.errors import Invalid
from daka.identity import api_tokens, passwords, second_factor, sessions, teams, users
from daka.identity.access import DatabaseDep, Member, SettingsDep, confirmed
from daka.identity.models import ApiToken
from daka.identity.reauthentication import MemberReauthenticated
from daka.identity.schemas import (
    ApiTokenCreate,
    ApiTokenCreated,
    ApiTokenRead,
    CurrentPassword,
    DeviceRead,
    MeRead,
    MeUpdate,
    PasswordChange,
    RecoveryCodes,
    RowId,
    SecondFactorBegun,
    SecondFactorCode,
    SecondFactorState,
    TokenResponse,
)
from daka.identity.sign_in_routes import DeviceDep, TokenResponderDep
from daka.identity.teams_routes import team_read
from daka.identity.users import change_password
from daka.paging import Page
from daka.problems import problems
from daka.routing import Router

router = Router(prefix="/api/v1/me", tags=["me"])


@router.get("", operation_id="me_read")
async def read_me(by: Member, session: SessionDep) -> MeRead:
    """Get the signed-in user."""
    team, zone = await teams.team_of(session, by.user.team_id)
    return MeRead(
        **users.user_values(by.user, by),
        team=team_read(team) if team else None,
        timezone=zone.key,
        planned_team_ids=sorted(by.planned_team_ids),
    )


@router.patch("", operation_id="me_update")
async def update_me(change: MeUpdate, by: Member, session: SessionDep) -> MeRead:
    """Change your own name and numbers."""
    await users.update_me(session, by.user, change)
    return await read_me(by, session)


@router.get("/tokens", operation_id="me_tokens_list")
async def list_my_tokens(by: Member, session: SessionDep) -> Page[ApiTokenRead]:
    """List your personal tokens, without the tokens themselves."""
    return Page(items=[_token_read(token) for token in await api_tokens.api_tokens(session, by.user)])


@router.post("/tokens", operation_id="me_tokens_create", status_code=201, responses=problems(403, 409, 429))
async def create_my_token(new: ApiTokenCreate, by: MemberReauthenticated, database: DatabaseDep) -> ApiTokenCreated:
    """Create a personal token for a shortcut or a script. It is shown only once."""
    if new.expires_at is not None and new.expires_at.tzinfo is None:
        raise Invalid("timezone_missing", "expires_at needs an offset", loc=("body", "expires_at"))
    if new.expires_at is not None and new.expires_at <= clock.now():
        raise Invalid("expired_already", "expires_at is in the past", loc=("body", "expires_at"))
    async with database.write() as session:
        by = await confirmed(session, by, lock=True)
        row, token = await api_tokens.create_api_token(session, by.user, new)
    return ApiTokenCreated(**_token_read(row).model_dump(), token=token)


@router.delete("/tokens/{token_id}", operation_id="me_tokens_delete", status_code=204, responses=problems(404))
async def delete_my_token(token_id: RowId, by: Member, session: SessionDep) -> None:
    """Revoke one of your personal tokens at once."""
    await api_tokens.delete_api_token(session, by.user, token_id)


def _token_read(token: ApiToken) -> ApiTokenRead:
    return ApiTokenRead.model_validate(token.model_dump())


@router.post("/password", operation_id="me_password", responses=problems(403, 429))
async def change_my_password(
    change: PasswordChange,
    by: MemberReauthenticated,
    database: DatabaseDep,
    settings: SettingsDep,
    device: DeviceDep,
    respond: TokenResponderDep,
) -> TokenResponse:
    """Set a new password. All sessions end; the response starts a new one."""
    passwords.refuse_weak(change.new_password, by.user.username, by.user.display_name, field="new_password")
    hashed = await security.hash_password(change.new_password)
    async with database.write() as session:
        by = await confirmed(session, by, lock=True)
        await change_password(session, by.user, hashed)
        tokens = await sessions.open_family(session, settings, by.user, device)
    return respond(tokens)


@router.get("/devices", operation_id="me_devices_list")
async def list_my_devices(by: Member, session: SessionDep) -> Page[DeviceRead]:
    """List the devices on which you are signed in, last used first."""
    return Page(
        items=[
            DeviceRead(
                id=device_id,
                **token.model_dump(include={"user_agent", "address", "signed_in_at"}),
                last_used_at=token.created_at,
                is_current=token.family == by.family,
            )
            for device_id, token in await sessions.devices(session, by.user)
        ]
    )


@router.delete("/devices/{device_id}", operation_id="me_devices_delete", status_code=204, responses=problems(404))
async def delete_my_device(device_id: RowId, by: Member, session: SessionDep) -> None:
    """Sign out one of your devices at once."""
    await sessions.sign_device_out(session, by, device_id)


@router.delete("/devices", operation_id="me_devices_delete_all", status_code=204)
async def delete_my_devices(by: Member, session: SessionDep) -> None:
    """Sign out everywhere, including this session."""
    await sessions.end_all_sessions(session, by.user)


@router.get("/second-factor", operation_id="me_second_factor_read")
async def read_my_second_factor(by: Member, session: SessionDep) -> SecondFactorState:
    """Check whether your sign-in requires a code of an authenticator app."""
    codes_left = await second_factor.recovery_codes_left(session, by.user)
    return SecondFactorState(is_on=codes_left is not None, recovery_codes_left=codes_left or 0)


@router.post("/second-factor", operation_id="me_second_factor_begin", responses=problems(403, 409, 429))
async def begin_my_second_factor(
    check: CurrentPassword, by: MemberReauthenticated, database: DatabaseDep, settings: SettingsDep
) -> SecondFactorBegun:
    """Create a secret for the authenticator app. It takes effect when a first code confirms it."""
    async with database.write() as session:
        by = await confirmed(session, by, lock=True)
        return await second_factor.begin(session, settings, by.user)


@router.post("/second-factor/confirm", operation_id="me_second_factor_confirm", responses=problems(409))
async def confirm_my_second_factor(
    first: SecondFactorCode, by: Member, session: SessionDep, settings: SettingsDep
) -> RecoveryCodes:
    """Turn on the second factor with a first code of the app."""
    return RecoveryCodes(recovery_codes=await second_factor.confirm(session, settings, by.user, first.code))


@router.post("/second-factor/off", operation_id="me_second_factor_off", status_code=204, responses=problems(403, 429))
async def turn_my_second_factor_off(check: CurrentPassword, by: MemberReauthenticated, database: DatabaseDep) -> None:
    """Turn off the second factor."""
    async with database.write() as session:
        by = await confirmed(session, by, lock=True)
        await second_factor.turn_off(session, by.user)
