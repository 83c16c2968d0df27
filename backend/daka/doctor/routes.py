"""HTTP of the doctor, for administrators."""

from typing import Annotated

from fastapi import Query, Request

from daka import clock
from daka.doctor.machine import Browser
from daka.doctor.network import newest_release
from daka.doctor.schemas import DiagnosisRead, DoctorRead, PhoneCheckRead
from daka.doctor.service import examine_from_within
from daka.identity.access import AdminApart, DatabaseDep, SettingsDep
from daka.identity.schemas import Moment
from daka.identity.second_factor import qr_svg
from daka.one_tap import phones
from daka.problems import problems
from daka.routing import Router

router = Router(prefix="/api/v1/doctor", tags=["doctor"])


@router.get("", operation_id="doctor_read", responses=problems(403))
async def read_doctor(
    by: AdminApart,
    database: DatabaseDep,
    settings: SettingsDep,
    request: Request,
    origin: Annotated[str, Query(max_length=300, description="The origin under which the web app is open")],
    now: Annotated[Moment, Query(description="The browser's clock")],
) -> DoctorRead:
    """Check the installation as `daka doctor` does, from within and against the browser. No other server is contacted."""
    came_from = request.client.host if request.client else ""
    browser = Browser(origin, clock.now() - now, request.url.scheme, came_from)
    findings = await examine_from_within(settings, database, browser)
    return DoctorRead(
        findings=[DiagnosisRead.of(found) for found in findings], can_look_up_release=bool(settings.release_url)
    )


@router.get("/phone", operation_id="doctor_phone", responses=problems(403))
async def read_phone_check(by: AdminApart, database: DatabaseDep, settings: SettingsDep) -> PhoneCheckRead:
    """Whether a phone has opened the address in messages, with a QR code to try it."""
    url = phones.address_to_open(settings, by.id)
    async with database.read() as session:
        found = await phones.last_check(session, settings)
    return PhoneCheckRead(
        public_url=settings.base_url if settings.public_url else None,
        url=url,
        qr_svg=qr_svg(url) if url else None,
        opened_at=found.opened_at if found else None,
        is_from_internet=bool(found and found.is_from_internet),
    )


@router.post("/release", operation_id="doctor_release", responses=problems(403, 409))
async def look_up_release(by: AdminApart, settings: SettingsDep, request: Request) -> DiagnosisRead:
    """Look up the newest release at RELEASE_URL. Nothing does so by itself."""
    return DiagnosisRead.of(await newest_release(settings, request.app.state.outbound))
