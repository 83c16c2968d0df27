"""Which servers an installation's channels talk to. Pure."""

from typing import Any
from urllib.parse import urlsplit

from daka.settings import Settings

# The vendor's own address, for kinds whose settings name none, and the setting that replaces it.
_VENDORS: dict[str, tuple[str, str]] = {
    "dingtalk_robot": ("https://oapi.dingtalk.com", "dingtalk_base_url"),
    "dingtalk_work_notice": ("https://oapi.dingtalk.com", "dingtalk_base_url"),
    "dingtalk_one_to_one": ("https://api.dingtalk.com", "dingtalk_base_url"),
    "feishu_robot": ("https://open.feishu.cn", "feishu_base_url"),
    "wecom_robot": ("https://qyapi.weixin.qq.com", "wecom_base_url"),
    "serverchan": ("https://sctapi.ftqq.com", "serverchan_base_url"),
    "pushplus": ("https://www.pushplus.plus", "pushplus_base_url"),
    "telegram": ("https://api.telegram.org", "telegram_base_url"),
    "slack": ("https://hooks.slack.com", "slack_base_url"),
    "discord": ("https://discord.com", "discord_base_url"),
    "pushdeer": ("https://api2.pushdeer.com", ""),
    "ntfy": ("https://ntfy.sh", ""),
    "bark": ("https://api.day.app", ""),
}


def origin_of(kind: str, config: dict[str, Any], settings: Settings) -> tuple[str, bool] | None:
    """Scheme and host that a channel talks to, without anything secret, and whether the operator chose it."""
    vendor, replacing = _VENDORS.get(kind, ("", ""))
    if replacing and (instead := getattr(settings, replacing)):
        return _origin(instead), True
    for value in config.values():
        if isinstance(value, str) and value.startswith(("https://", "http://")):
            return _origin(value), kind == "environment_webhook"
    return (vendor, False) if vendor else None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{port}"
