"""HTTP of backups, for administrators: list, start and download."""

import asyncio
from typing import Annotated

from fastapi.responses import FileResponse

from daka import clock
from daka.audit_trail import audit
from daka.backup.kept import backups_read, kept_files
from daka.backup.schemas import BackupsRead, FileName
from daka.backup.service import BackupJob, begin_by_hand
from daka.database import SessionDep
from daka.errors import NotFound
from daka.identity.access import Admin, DatabaseDep, SettingsDep, confirmed
from daka.identity.reauthentication import AdminReauthenticated
from daka.identity.schemas import CurrentPassword
from daka.openapi import file_answer
from daka.problems import problems
from daka.routing import Router, of_app

router = Router(prefix="/api/v1/backups", tags=["backups"])


JobDep = Annotated[BackupJob, of_app("backups")]


@router.get("", operation_id="backups_list", responses=problems(403))
async def list_backups(by: Admin, session: SessionDep) -> BackupsRead:
    """List kept, failed and running backups, newest first, with the state of backups."""
    return await backups_read(session)


@router.post("", operation_id="backups_create", status_code=202, responses=problems(403, 409, 429))
async def create_backup(
    by: AdminReauthenticated, database: DatabaseDep, job: JobDep, check: CurrentPassword | None = None
) -> BackupsRead:
    """Start a backup now, in addition to the scheduled ones. It runs in a separate process; the list shows when it is done."""
    async with database.write() as session:
        await confirmed(session, by)
        run = await begin_by_hand(session, clock.now())
    job.start(run.id)
    async with database.read() as session:
        return await backups_read(session)


@router.post(
    "/{name}/file",
    operation_id="backups_file",
    response_class=FileResponse,
    responses={**file_answer("application/octet-stream"), **problems(403, 404, 429)},
)
async def download_backup(
    name: FileName,
    check: CurrentPassword,
    by: AdminReauthenticated,
    database: DatabaseDep,
    settings: SettingsDep,
) -> FileResponse:
    """Download a backup. It contains everyone's data, so the password is required again."""
    if name not in await asyncio.to_thread(kept_files, settings.backup_folder):
        raise NotFound("backup_not_found", f"There is no backup {name}")
    async with database.write() as session:
        await confirmed(session, by)
        audit(session, "backup.downloaded", name=name)
    return FileResponse(
        settings.backup_folder / name,
        filename=name,
        media_type="application/octet-stream",
        headers={"Cache-Control": "no-store"},
    )
