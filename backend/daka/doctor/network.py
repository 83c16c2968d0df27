"""The checks that ask other servers: the channels' own, the address in messages, and where this server should listen."""

import asyncio
import json
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException
from statistics import median

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import __version__, clock
from daka.delivery.models import Channel
from daka.doctor.diagnoses import Diagnosis, clock_offset, error, ok, release, warning
from daka.doctor.origins import origin_of
from daka.errors import Conflict
from daka.outbound.http import Outbound
from daka.outbound.reasons import in_both
from daka.outbound.requests import HttpRequest, NoAnswer
from daka.security import SecretBox
from daka.settings import Settings

MOST_ORIGINS = 20


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


async def origins_of_channels(session: AsyncSession, settings: Settings) -> dict[str, bool]:
    asked = select(Channel).where(Channel.deleted_at.is_(None), Channel.is_enabled, Channel.kind != "inbox")
    box = SecretBox(settings.existing_secret or "")
    found: dict[str, bool] = {}
    for channel in await session.exec(asked):
        sealed = channel.sealed_secrets
        secrets = box.open(sealed) if sealed and box.opens(sealed) else {}
        if origin := origin_of(channel.kind, {**secrets, **channel.config}, settings):
            found.setdefault(*origin)
    return found


async def network_findings(settings: Settings, origins: dict[str, bool]) -> list[Diagnosis]:
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
    connection = HTTPConnection(host, settings.port, timeout=6)
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
