"""The optional second factor: an authenticator app (TOTP, RFC 6238) and recovery codes. No code works twice."""

import secrets
from io import BytesIO

from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.audit_trail import audit
from daka.errors import Conflict, Invalid
from daka.identity.models import SecondFactor, User
from daka.identity.schemas import SecondFactorBegun
from daka.security import SecretBox
from daka.settings import Settings
from daka.widths import key

STEP_SECONDS = 30
STEPS_OFF = 1
"""Tolerated deviation of the phone's clock, in steps."""
RECOVERY_CODES = 10
APP_DIGITS = 6
ISSUER = "Daka"


def plain_code(code: str) -> str:
    """A code as it is compared, however it was typed: capital letters, blanks, other dashes and wide digits do not matter."""
    return "".join(each for each in key(code) if each.isalnum())


def is_of_the_app(code: str) -> bool:
    """Whether it can be the app's six digits; recovery codes are longer."""
    return len(plain_code(code)) <= APP_DIGITS


async def recovery_codes_left(session: AsyncSession, user: User) -> int | None:
    """How many recovery codes are unused; None if the second factor is off."""
    found = await session.get(SecondFactor, user.id)
    return len(found.recovery_hashes) if found is not None and found.confirmed_at is not None else None


async def is_on(session: AsyncSession, user: User) -> bool:
    return await recovery_codes_left(session, user) is not None


async def begin(session: AsyncSession, settings: Settings, user: User) -> SecondFactorBegun:
    """Create a secret for the app. It takes effect after `confirm`. Raises Conflict: a second factor is already on."""
    found = await session.get(SecondFactor, user.id)
    if found is not None and found.confirmed_at is not None:
        raise Conflict("second_factor_on", "Turn off the current second factor first")
    import pyotp

    secret = pyotp.random_base32()
    sealed = SecretBox(settings.secret).seal({"totp": secret})
    row = found or SecondFactor(user_id=user.id, sealed_secret="", recovery_hashes=[])
    row.sealed_secret, row.last_step, row.created_at = sealed, 0, clock.now()
    session.add(row)
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=ISSUER)
    return SecondFactorBegun(secret=secret, uri=uri, qr_svg=qr_svg(uri))


async def confirm(session: AsyncSession, settings: Settings, user: User, code: str) -> list[str]:
    """Turn the second factor on with a first code of the app. Returns the recovery codes, which are shown only once."""
    found = await session.get(SecondFactor, user.id, with_for_update=True)
    if found is None or found.confirmed_at is not None:
        raise Conflict("second_factor_not_begun", "There is no second factor to confirm")
    if not _takes(settings, found, plain_code(code)):
        raise Invalid("wrong_code", "The code is wrong; check the phone's clock", loc=("body", "code"))
    codes = [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(RECOVERY_CODES)]
    found.recovery_hashes = [security.token_hash(code) for code in codes]
    found.confirmed_at = clock.now()
    audit(session, "user.second_factor_on", user.id, user.display_name)
    return codes


async def turn_off(session: AsyncSession, user: User) -> None:
    """Remove the second factor and its recovery codes."""
    if found := await session.get(SecondFactor, user.id):
        await session.delete(found)
        if found.confirmed_at is not None:
            audit(session, "user.second_factor_off", user.id, user.display_name)


async def take_code(session: AsyncSession, settings: Settings, user: User, code: str) -> bool:
    """Verify a code of the app or a recovery code. A valid code is used up."""
    found = await session.get(SecondFactor, user.id, with_for_update=True, populate_existing=True)
    if found is None or found.confirmed_at is None:
        return False
    code = plain_code(code)
    hashed = security.token_hash(f"{code[:6]}-{code[6:]}")
    if hashed in found.recovery_hashes:
        found.recovery_hashes = [kept for kept in found.recovery_hashes if kept != hashed]
        audit(session, "user.recovery_code_used", user.id, user.display_name)
        return True
    return _takes(settings, found, code)


def qr_svg(text: str) -> str:
    """A QR code as an SVG image, dark on light regardless of the page's theme, as scanners require."""
    import segno  # imported only here, because it loads an XML library

    drawn = BytesIO()
    segno.make(text, micro=False, error="m").save(
        drawn, kind="svg", xmldecl=False, nl=False, omitsize=True, border=4, dark="#000", light="#fff", svgclass=None,
        lineclass=None,
    )  # fmt: skip
    return drawn.getvalue().decode()


def _takes(settings: Settings, found: SecondFactor, code: str) -> bool:
    """Compare with the unused codes of the time steps around now."""
    import pyotp

    totp = pyotp.TOTP(SecretBox(settings.secret).open(found.sealed_secret)["totp"])
    current = int(clock.now().timestamp()) // STEP_SECONDS
    # A step that lies ahead was used while the clock was, too.
    last_step = found.last_step if found.last_step <= current + STEPS_OFF else 0
    for step in range(current - STEPS_OFF, current + STEPS_OFF + 1):
        if step > last_step and security.same(totp.at(step * STEP_SECONDS), code):
            found.last_step = step
            return True
    return False
