"""Checks everything that can go wrong: files, database, workers, channels, backups, and the servers of the channels."""

import asyncio
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import __version__, clock
from daka.backup.service import BackupState, backup_summary
from daka.chat.models import ConnectionState
from daka.chat.supervisor import connections
from daka.database import Database, execute, is_postgres, settings_in
from daka.delivery.models import Channel, ChannelStatus
from daka.doctor.diagnoses import (
    SET_THE_CLOCK,
    Diagnosis,
    clock_offset,
    disk,
    error,
    ok,
    public_url,
    release,
    secret_key,
    unreadable_key,
    untrusted_proxy,
    warning,
)
from daka.doctor.origins import origin_of
from daka.doctor.unreachable import unreachable
from daka.errors import Conflict, DakaError
from daka.hooks import Hooks
from daka.identity.vendor_ids import VENDORS as ID_WORDS
from daka.identity.vendor_ids import doubled_ids
from daka.key_rotation import sealed_columns
from daka.languages import Language, listed, people_in
from daka.migrations import describe_missing, missing_parts, newest_revision, revision_of, revisions
from daka.outbound.http import Outbound
from daka.outbound.proxies import WORDS, ignored_proxies
from daka.outbound.quota import calls_this_month, forecast
from daka.outbound.reasons import in_both
from daka.outbound.requests import HttpRequest, NoAnswer
from daka.reminders.punches.remedies import remedy
from daka.roster.holidays.service import calendar_days
from daka.scheduler.models import Worker
from daka.scheduler.service import is_alive, is_paused
from daka.security import SecretBox
from daka.settings import Settings
from daka.syncing.models import Direction, PullStatus, PushStatus
from daka.syncing.service import is_late, pushes_in_doubt, roster_sources
from daka.today.overdue import what_is_overdue

KEEPALIVE_TIMEOUT_SECONDS = 10
MOST_ORIGINS = 20
HOLIDAY_HORIZON = timedelta(days=60)


async def examine(settings: Settings, hooks: Hooks, *, offline: bool = False) -> list[Diagnosis]:
    """Run all checks, in the order in which problems are best fixed. Sends no message and changes nothing."""
    findings = [*_machine(settings)]
    origins: dict[str, bool] = {}
    try:
        if (file := settings.database_file) is not None and not file.exists():
            findings.append(_no_database(file))
            return findings
        async with Database(settings, hooks=hooks) as database:
            async with asyncio.timeout(KEEPALIVE_TIMEOUT_SECONDS), database.read() as session:
                revision = await (await session.connection()).run_sync(revision_of)
            missing: list[str] = []
            if revision == newest_revision():
                async with database.read() as session:
                    missing = await missing_parts(session)
            findings.append(_migrations(revision, missing))
            if revision == newest_revision() and not missing:
                async with database.read() as session:
                    findings += [found async for found in _stored(session, settings)]
                    origins = await _origins(session, settings)
    except (OSError, TimeoutError, sa.exc.SQLAlchemyError, sqlite3.Error, DakaError) as problem:
        findings.append(unreachable(settings, problem))
    if not offline:
        findings += await _network(settings, origins)
    return findings


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser says of itself."""

    origin: str
    offset: timedelta
    """How far this machine's clock is ahead of the browser's."""
    arrived_as: str
    """The scheme with which its request arrived here, if need be as a trusted proxy says."""
    arrived_from: str


async def examine_from_within(settings: Settings, database: Database, browser: Browser) -> list[Diagnosis]:
    """The same checks in a running server, which compares itself with the browser that asks. It contacts no other server."""
    findings = await asyncio.to_thread(lambda: list(_machine(settings, browser)))
    findings.append(_migrations(newest_revision()))
    async with database.read() as session:
        findings += [found async for found in _stored(session, settings)]
    return findings


def _machine(settings: Settings, browser: Browser | None = None) -> Iterator[Diagnosis]:
    try:
        mode = settings.secret_file.stat().st_mode if settings.secret_file.exists() else None
        yield secret_key(settings, mode, is_whole=settings.existing_secret is not None)
    except OSError as problem:
        yield unreadable_key(settings, problem)
    yield public_url(settings, browser.origin if browser else None)
    here = clock.now().astimezone(settings.zone)
    yield ok(
        "zone",
        (f"{settings.timezone}, where it is now {here:%H:%M}", f"{settings.timezone}，那里现在是 {here:%H:%M}"),
    )
    yield ok("version", (f"Daka {__version__}", f"Daka {__version__}"))
    if not clock.is_plausible():
        doubt = clock.describe_doubt()
        message = f"nothing is sent while the clock is wrong: {doubt}", f"时钟不对，校准之前什么都不发送：{doubt}"
        yield error("clock", message, SET_THE_CLOCK)
    if browser:
        yield clock_offset(browser.offset, ("this browser", "这个浏览器"))
        if browser.origin.startswith("https:") and browser.arrived_as == "http":
            yield untrusted_proxy(browser.arrived_from)
    for name in ignored_proxies(os.environ):
        remedy = (
            f"unset {name}, or set the vendors' *_BASE_URL to a gateway of your own",
            f"去掉 {name}，或把服务商的 *_BASE_URL 设为自己的网关",
        )
        yield warning("proxy", (f"{name} {WORDS}", f"{name} 已设置，但不会使用：连接总是直接发出"), remedy)
    if not settings.reminder_enabled:
        message = "REMINDER_ENABLED is false: nothing is sent", "REMINDER_ENABLED 是 false：什么都不发送"
        yield warning("reminding", message, ("set it to true", "改为 true"))
    seen: set[Path] = set()
    for folder in _folders(settings):
        place = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if os.path.exists(parent))
        if place in seen:
            continue
        seen.add(place)
        try:
            with tempfile.TemporaryFile(dir=place):
                pass
        except OSError as problem:
            message = f"{place} is not writable ({problem.strerror})", f"{place} 不能写入（{problem.strerror}）"
            remedy = (
                "make the server's user its owner, and free up space",
                "把它的所有者改为运行服务的用户，并清理空间",
            )
            yield error("disk", message, remedy)
            continue
        yield disk(str(place), shutil.disk_usage(place).free)

    if settings.database_file is not None and (kind := network_file_system(settings.database_file.absolute())):
        message = (
            f"the SQLite database is on a network file system ({kind}): with two machines on it, data is lost",
            f"SQLite 数据库放在网络文件系统（{kind}）上：两台机器同时用会丢数据",
        )
        remedy = "put it on a disk of this machine, or use PostgreSQL", "放到本机磁盘上，或改用 PostgreSQL"
        yield warning("disk", message, remedy)


NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "afs", "ceph", "glusterfs", "fuse.sshfs", "fuse.glusterfs", "ncpfs")


def network_file_system(file: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """The kind of network file system that a file is on; empty: none, or this machine does not say."""
    try:
        lines = [line.split() for line in mounts.read_text().splitlines()]
    except OSError:
        return ""
    over = [(place.replace("\\040", " "), kind) for _, place, kind, *_ in lines]
    around = [(place, kind) for place, kind in over if file.is_relative_to(place)]
    _, kind = max(around, key=lambda each: len(each[0]), default=("", ""))
    return kind if kind.startswith(NETWORK_FILE_SYSTEMS) else ""


def _folders(settings: Settings) -> Iterator[Path]:
    yield settings.data_dir
    if settings.database_file is not None:
        yield settings.database_file.parent
    if settings.backup_every_hours:
        yield settings.backup_folder


def _no_database(file: Path) -> Diagnosis:
    message = f"there is no database at {file.absolute()}", f"{file.absolute()} 处没有数据库"
    remedy = (
        "on a new installation start the server; else check DATABASE_URL, and in which folder this command runs",
        "新装的话，启动服务即可；否则检查 DATABASE_URL，以及这个命令是在哪个文件夹里运行的",
    )
    return warning("tables", message, remedy)


def _migrations(revision: str | None, missing: list[str] | None = None) -> Diagnosis:
    if missing:
        what = describe_missing(missing, most=50)
        remedy = (
            "restore a backup into an empty database; without one, start with a new database",
            "把备份恢复到空的数据库；没有备份就新建数据库",
        )
        return error("tables", (what, f"数据库缺少内容：{what}"), remedy)
    if revision == newest_revision():
        return ok("tables", (f"revision {revision}", f"版本 {revision}"))
    if revision is None:
        remedy = "start the server, or run daka migrate", "启动服务，或运行 daka migrate"
        return warning("tables", ("the database is empty", "数据库是空的"), remedy)
    if revision in revisions():
        message = f"revision {revision} of {newest_revision()}", f"版本 {revision}，应为 {newest_revision()}"
        return error("tables", message, ("run daka migrate, or restart the server", "运行 daka migrate，或重启服务"))
    message = f"revision {revision} belongs to a newer version", f"版本 {revision} 属于更新的程序"
    return error(
        "tables", message, ("use that version, or restore an earlier backup", "使用那个版本，或恢复更早的备份")
    )


async def _stored(session: AsyncSession, settings: Settings) -> AsyncIterator[Diagnosis]:
    """The checks that read the database."""
    if is_postgres(session):
        connection = await session.connection()
        theirs: datetime = (await connection.execute(sa.select(sa.func.clock_timestamp()))).scalar_one()
        yield clock_offset(clock.now() - theirs.astimezone(UTC), ("the database server", "数据库服务器"))
        yield ok("database", ("responds", "有响应"))
    else:
        yield await _database_file(session)
    if lost := await _secrets_that_do_not_open(session, settings):
        yield error(
            "secret",
            (f"SECRET_KEY cannot decrypt {lost} stored secrets", f"SECRET_KEY 解不开 {lost} 个已保存的密钥"),
            ("restore the former key, or run daka rotate-key", "换回以前的密钥，或运行 daka rotate-key"),
        )
    async for found in _clock_set_back(session):
        yield found
    yield await _worker(session, settings)
    if settings.reminder_enabled and await is_paused(session):
        remedy = "resume reminders on Today", "在「今天」里恢复提醒"
        yield warning("reminding", ("paused by an administrator", "已被管理员暂停"), remedy)
    yield await _holidays(session, settings)
    for findings in (_people(session), _channels(session), _chats(session), roster_findings(session)):
        async for found in findings:
            yield found
    yield await _backups(session)


async def _database_file(session: AsyncSession) -> Diagnosis:
    said = (await (await session.connection()).exec_driver_sql("PRAGMA quick_check(1)")).scalar()
    if said == "ok":
        return ok("database", ("the file is intact", "数据库文件完好"))
    return error(
        "database",
        (f"the file is damaged: {said}", f"数据库文件已损坏：{said}"),
        (
            "stop the server and run daka restore --replace with the newest backup",
            "停止服务，用最新的备份运行 daka restore --replace",
        ),
    )


async def _clock_set_back(session: AsyncSession) -> AsyncIterator[Diagnosis]:
    """What a worker wrote lies ahead of now: the clock was wrong then, or is wrong now."""
    now = clock.now()
    last: datetime | None = (await session.exec(select(sa.func.max(Worker.last_tick_at)))).one()
    if last is not None and last > now + clock.AHEAD:
        zone = settings_in(session).zone
        shown, here = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (last, now))
        message = (
            f"it is {here} here, but a worker has been running at {shown} already: the clock was set back",
            f"这里现在是 {here}，而后台进程在 {shown} 就已经运行过：时钟被往回调过",
        )
        yield error("clock", message, SET_THE_CLOCK)


async def _worker(session: AsyncSession, settings: Settings) -> Diagnosis:
    now = clock.now()
    alive, last = await is_alive(session, now)
    if not alive:
        at = f"{last.astimezone(settings.zone):%Y-%m-%d %H:%M:%S}" if last else ""
        message = (
            f"no worker is running: {f'last tick at {at}' if at else 'none has ever run'}",
            f"后台进程没有运行：{f'最后一次心跳是 {at}' if at else '从来没有运行过'}",
        )
        return error(
            "worker",
            message,
            ("start daka serve or daka worker, and check its log", "启动 daka serve 或 daka worker，并查看日志"),
        )
    if overdue := await what_is_overdue(session, now):
        message = f"{overdue} have been overdue for more than a minute", f"超过一分钟没有处理：{overdue}"
        return error("worker", message, ("check the worker's log", "查看后台进程的日志"))
    return ok("worker", ("running", "正在运行"))


async def _holidays(session: AsyncSession, settings: Settings) -> Diagnosis:
    today = clock.now().astimezone(settings.zone).date()
    until = today + HOLIDAY_HORIZON
    _, provisional = await calendar_days(session, today, until)
    if not provisional:
        return ok("calendar", (f"holidays are complete until {until}", f"{until} 之前的节假日齐全"))
    zh, en = (listed(map(str, provisional), language) for language in Language)
    return warning(
        "calendar",
        (f"the holidays of {en} are not published or imported yet", f"{zh} 年的节假日还没有公布或导入"),
        ("import the official notice once it is published", "公布之后导入官方的安排"),
    )


async def _secrets_that_do_not_open(session: AsyncSession, settings: Settings) -> int:
    secret = settings.existing_secret
    box = SecretBox(secret) if secret else None
    lost = 0
    for column in sealed_columns():
        sealed = (await execute(session, sa.select(column).where(column != ""))).scalars()
        lost += sum(1 for value in sealed if value and not (box and box.opens(value)))
    return lost


async def _channels(session: AsyncSession) -> AsyncIterator[Diagnosis]:
    asked = select(Channel.status, Channel.status_at).where(
        Channel.deleted_at.is_(None), Channel.is_enabled, Channel.kind != "inbox"
    )
    found = list(await session.exec(asked))
    broken = sum(status is ChannelStatus.BROKEN for status, _ in found)
    untried = sum(status is not ChannelStatus.BROKEN and tried_at is None for status, tried_at in found)
    working = len(found) - broken - untried
    if broken:
        remedy = (
            "open Channels, which shows each problem and its remedy",
            "打开「渠道」，那里有每个问题和解决办法",
        )
        yield warning("channels", (f"{broken} cannot send", f"{broken} 个渠道发不出去"), remedy)
    if untried:
        message = f"{untried} not tried yet", f"{untried} 个渠道还没有试过"
        yield warning("channels", message, ("open Channels and send a test", "打开「渠道」，发送测试"))
    if working:
        yield ok("channels", (f"{working} working", f"{working} 个渠道正常"))
    elif not untried:
        message = "messages go only to the built-in inbox", "没有能用的渠道，消息只留在收件箱"
        yield warning(
            "channels", message, ("add a channel, for example the team's robot", "添加渠道，比如班组的群机器人")
        )


async def _people(session: AsyncSession) -> AsyncIterator[Diagnosis]:
    for field, userid, users in await doubled_ids(session):
        id_zh, id_en = ID_WORDS[field]
        names = [user.display_name for user in users]
        zh, en = (people_in(names, language) for language in Language)
        message = (
            f"the {id_en} {userid} belongs to several people: {en}. A punch with it ends nobody's reminders",
            f"{id_zh} {userid} 同时属于几个人：{zh}。用它打的卡不会停止任何人的提醒",
        )
        remedy = "open People and correct all but one of them", "打开「成员」，只给其中一人保留，其余改正"
        yield warning("people", message, remedy)


VENDORS = {
    "dingtalk": ("DingTalk", "钉钉"),
    "feishu": ("Feishu", "飞书"),
    "wecom": ("WeCom", "企业微信"),
    "telegram": ("Telegram", "Telegram"),
}


async def _chats(session: AsyncSession) -> AsyncIterator[Diagnosis]:
    for each in await connections(session):
        vendor_en, vendor_zh = VENDORS.get(each.dialect, (each.dialect, each.dialect))
        en, zh = f"{vendor_en} {each.name}", f"{vendor_zh} {each.name}"
        zone, (why_zh, why_en) = settings_in(session).zone, in_both(each.reason)
        at = f"{each.last_frame_at.astimezone(zone):%H:%M:%S}" if each.last_frame_at else ""
        if each.state is ConnectionState.OPEN:
            heard = (f", heard at {at}", f"，{at} 收到过数据") if at else ("", "")
            yield ok("chat", (f"{en}: connected{heard[0]}", f"{zh}：已连接{heard[1]}"))
        elif each.state is ConnectionState.CONNECTING:
            since = f"{each.since.astimezone(zone):%H:%M:%S}"
            message = f"{en}: connecting since {since} {why_en}", f"{zh}：{since} 起正在连接 {why_zh}"
            yield warning("chat", message, ("check that this server reaches the vendor", "检查服务器能否访问服务商"))
        elif each.state is ConnectionState.TAKEN_OVER:
            message = f"{en}: another program reads it. {why_en}", f"{zh}：另有程序在读取。{why_zh}"
            remedy = "stop the other program, or use an app of Daka's own", "停掉那个程序，或给打卡单独建一个应用"
            yield warning("chat", message, remedy)
        elif each.state is ConnectionState.REFUSED:
            message = f"{en}: refused. {why_en}", f"{zh}：被拒绝。{why_zh}"
            remedy = (
                "correct the channel's settings; it is tried again every ten minutes",
                "更正渠道的设置；每十分钟重试",
            )
            yield warning("chat", message, remedy)
        else:
            remedy = "start daka serve or daka worker", "启动 daka serve 或 daka worker"
            yield warning("chat", (f"{en}: no worker holds it", f"{zh}：没有后台进程在连接"), remedy)


async def roster_findings(session: AsyncSession) -> AsyncIterator[Diagnosis]:
    """Rosters that are read from attendance systems, and the calls of the month that it takes."""
    now = clock.now()
    found = await roster_sources(session)
    calls = await calls_this_month(session, {source.account for _, source, _ in found})
    for _, _, team, push in await pushes_in_doubt(session):
        said = remedy("push_differs" if push.status is PushStatus.DIFFERS else "push_unverified")
        failed = (
            f"{team.name}: published {push.at:%Y-%m-%d %H:%M} UTC, {len(push.differences)} cells differ. {push.reason}",
            f"{team.name}：{push.at:%Y-%m-%d %H:%M} UTC 发布，{len(push.differences)} 格不同。{push.reason}",
        )
        yield warning("rosters", failed, (said["en"], said["zh"]))
    for row, _, team in found:
        if row.direction is not Direction.PULL:
            continue
        last = f"{row.pulled_at:%Y-%m-%d %H:%M} UTC" if row.pulled_at else ""
        message = (
            f"{team.name}: last read {last or 'never'}, next {row.next_at:%m-%d %H:%M} UTC",
            f"{team.name}：上次 {last or '从未'}，下次 {row.next_at:%m-%d %H:%M} UTC",
        )
        if row.status is not PullStatus.OK:
            said = remedy(row.hint, row.reason)
            failed = f"{message[0]}; not read: {row.reason}", f"{message[1]}；没有同步：{row.reason}"
            yield warning(
                "rosters", failed, (said.get("en", "open Punch sources"), said.get("zh", "打开「打卡数据源」"))
            )
        elif is_late(row, now):
            yield warning("rosters", message, ("check the worker's log", "查看后台进程的日志"))
        else:
            yield ok("rosters", message)
    for account in {source.account: source for _, source, _ in found}.values():
        used, most = calls.get(account.account, 0), int(str(account.config.get("monthly_calls") or 0))
        then = forecast(used, now)
        message = (
            f"{account.name}: {used} of {most or 'any'} calls this month, about {then} by its end",
            f"{account.name}：本月已用 {used} / {most or '不限'} 次，到月底约 {then} 次",
        )
        if most and then > most:
            remedy_text = (
                "near the limit, punches are asked for only before reminders; read fewer teams, or raise the limit",
                "接近上限时只在提醒前查询打卡；请减少班组，或调高上限",
            )
            yield warning("calls", message, remedy_text)
        else:
            yield ok("calls", message)


async def _backups(session: AsyncSession) -> Diagnosis:
    summary = await backup_summary(session, clock.now())
    when, zh = "there is no backup", "还没有备份"
    if summary.last_good:
        at = f"{summary.last_good.started_at.astimezone(settings_in(session).zone):%Y-%m-%d %H:%M}"
        when, zh = f"the last backup is from {at}", f"最后一次备份是 {at}"
    match summary.state:
        case BackupState.FAILED:
            message = f"the latest one failed: {summary.error}; {when}", f"最近一次失败：{summary.error}；{zh}"
            return error("backup", message, ("fix the cause, then run daka backup", "排除原因后运行 daka backup"))
        case BackupState.OLD:
            remedy = "check the workers' logs, then run daka backup", "查看后台进程的日志，再运行 daka backup"
            return error("backup", (when, zh), remedy)
        case BackupState.NONE:
            remedy = (
                "run daka backup; a worker makes the next one tonight",
                "运行 daka backup；后台进程今晚也会备份",
            )
            return warning("backup", (when, zh), remedy)
        case BackupState.OFF:
            return ok("backup", (f"BACKUP_EVERY_HOURS=0; {when}", f"BACKUP_EVERY_HOURS=0；{zh}"))
    if summary.last_good and not os.path.exists(summary.last_good.file):  # noqa: ASYNC240
        message = f"{when}, but its file is not on this machine", f"{zh}，但文件不在这台机器上"
        remedy = "check that BACKUP_DIR is the same as the workers'", "检查 BACKUP_DIR 是否与后台进程的一致"
        return warning("backup", message, remedy)
    return ok("backup", (when, zh))


async def newest_release(settings: Settings, outbound: Outbound) -> Diagnosis:
    """Look up the newest release at RELEASE_URL, only when somebody asks.

    Raises Conflict: there is no RELEASE_URL, or it does not answer.
    """
    if not settings.release_url:
        raise Conflict("release_url_missing", "Set RELEASE_URL to look up the newest release")
    asked = HttpRequest(url=settings.release_url, method="GET", headers={"Accept": "application/json"})
    try:
        answer = await outbound.send(asked)
    except NoAnswer as failure:
        raise Conflict("release_unreachable", f"RELEASE_URL does not answer: {failure}") from failure
    if answer.status != 200:
        raise Conflict("release_unreachable", f"RELEASE_URL answers HTTP {answer.status}")
    try:
        tag = json.loads(answer.text)["tag_name"]
    except (ValueError, KeyError, TypeError):
        tag = None
    return release(__version__, tag if isinstance(tag, str) else None)


async def _origins(session: AsyncSession, settings: Settings) -> dict[str, bool]:
    asked = select(Channel).where(Channel.deleted_at.is_(None), Channel.is_enabled, Channel.kind != "inbox")
    box = SecretBox(settings.existing_secret or "")
    found: dict[str, bool] = {}
    for channel in await session.exec(asked):
        sealed = channel.sealed_secrets
        secrets = box.open(sealed) if sealed and box.opens(sealed) else {}
        if origin := origin_of(channel.kind, {**secrets, **channel.config}, settings):
            found.setdefault(*origin)
    return found


async def _network(settings: Settings, origins: dict[str, bool]) -> list[Diagnosis]:
    """Request each server's front page, to check DNS, route, certificate and clock. No message is sent."""
    findings: list[Diagnosis] = []
    offsets: list[float] = []
    async with Outbound.of(settings) as outbound:

        async def ask(origin: str, is_trusted: bool) -> None:
            asked = HttpRequest(url=f"{origin}/", body=b"", method="HEAD", is_trusted=is_trusted)
            try:
                answer = await outbound.send(asked)
            except NoAnswer as failure:
                remedy = (
                    "check this machine's DNS, its internet access and its certificates",
                    "检查这台机器的 DNS、网络和证书",
                )
                zh, en = in_both(str(failure))
                findings.append(error("network", (f"{origin}: {en}", f"{origin}：{zh}"), remedy))
                return
            ms = f"{answer.latency * 1000:.0f}"
            findings.append(ok("network", (f"{origin} responds in {ms} ms", f"{origin} 在 {ms} 毫秒内响应")))
            if date := answer.headers.get("date"):
                try:
                    theirs = parsedate_to_datetime(date)
                except ValueError:
                    return
                offsets.append((clock.now() - theirs.astimezone(UTC)).total_seconds())

        await asyncio.gather(*(ask(*item) for item in list(origins.items())[:MOST_ORIGINS]))
        if settings.public_url:
            findings.append(await _own_address(settings, outbound))
    if offsets:
        findings.append(clock_offset(timedelta(seconds=median(offsets)), ("the providers", "服务商")))
    return sorted(findings, key=lambda found: found.message.en)


async def _own_address(settings: Settings, outbound: Outbound) -> Diagnosis:
    """Open the address in messages as a phone would: name, route, certificate, and whether Daka answers."""
    ours = settings.base_url
    asked = HttpRequest(url=f"{ours}/api/health", method="GET", is_trusted=True)
    try:
        answer = await outbound.send(asked)
    except NoAnswer as failure:
        zh, en = in_both(str(failure))
        message = f"{ours} does not open from this machine: {en}", f"从这台机器打不开 {ours}：{zh}"
        if failure.code == "certificate":
            remedy = (
                "renew the certificate; phones refuse the links in messages",
                "更换证书；手机会拒绝打开消息里的链接",
            )
            return error("address", message, remedy)
        remedy = (
            "open it on a phone; if it does not open there either, check PUBLIC_URL, DNS and the proxy",
            "用手机打开试试；手机也打不开，就检查 PUBLIC_URL、域名解析和反向代理",
        )
        return warning("address", message, remedy)
    if not answers_as_daka(answer.text):
        message = (
            f"{ours} answers, but not as Daka (HTTP {answer.status})",
            f"{ours} 有回应，但不是打卡（HTTP {answer.status}）",
        )
        remedy = "check PUBLIC_URL, and where the proxy sends /api/", "检查 PUBLIC_URL，以及反向代理把 /api/ 转到了哪里"
        return warning("address", message, remedy)
    return ok("address", (f"{ours} opens", f"{ours} 能打开"))


def answers_as_daka(text: str) -> bool:
    """Whether this is what `/api/health` says."""
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, dict) and isinstance(found.get("checks"), dict) and "scheduler" in found["checks"]


def own_port(settings: Settings) -> Diagnosis | None:
    """Who listens where this server should; None: nobody, or it cannot be seen."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 # nosec B104
    connection = HTTPConnection(host, settings.port, timeout=3)
    try:
        connection.request("GET", "/api/health")
        text = connection.getresponse().read(10_000).decode(errors="replace")
    except ConnectionRefusedError:
        return None
    except (OSError, HTTPException):
        text = ""
    finally:
        connection.close()
    if answers_as_daka(text):
        return ok("server", (f"answers on port {settings.port}", f"在端口 {settings.port} 上有响应"))
    message = (
        f"port {settings.port} is taken by another program, or the server hangs",
        f"端口 {settings.port} 被别的程序占用，或者服务卡住了",
    )
    remedy = (
        "ss -ltnp shows which program; stop it, or set another PORT",
        "用 ss -ltnp 查看是哪个程序；停掉它，或换一个 PORT",
    )
    return error("server", message, remedy)
