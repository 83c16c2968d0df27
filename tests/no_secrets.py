"""Refuses files that carry what looks like a real secret: the changed ones before a commit, all of them in `make check`."""

import re
import sys
from pathlib import Path

UUID = r"(?!0{8})[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b"
PATTERNS = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
    "a DingTalk robot's token": re.compile(r"access_token=[0-9a-f]{64}\b"),
    "a DingTalk signing secret": re.compile(r"\bSEC(?!0{20})[0-9a-f]{64}\b"),
    "a WeCom robot's key": re.compile(r"webhook/send\?key=" + UUID),
    "a Feishu robot's address": re.compile(r"bot/v2/hook/" + UUID),
    "a Server酱 key": re.compile(r"\bSCT\d{4,7}T[A-Za-z0-9]{20,}\b"),
    "a GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}\b"),
    "a cloud access key": re.compile(r"\b(?:AKIA|LTAI)[A-Za-z0-9]{16,20}\b"),
    "a Telegram bot token": re.compile(r"\b\d{9,10}:AA[A-Za-z0-9_-]{33}\b"),
    "a Slack webhook": re.compile(r"hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{24}"),
    "a Discord webhook": re.compile(r"discord(?:app)?\.com/api/webhooks/\d{17,20}/[\w-]{60,}"),
    "a personal token of Daka": re.compile(r"\bdaka_(?!(.)\1{9})[\w-]{43}\b"),
    "a signed token": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{20,}\.[\w-]{40,}"),
    "a SECRET_KEY": re.compile(r"\bSECRET_KEY[=:] ?[\"']?(?:[0-9a-f]{64}|[A-Za-z0-9+/]{43}=)"),
    "a password in an address": re.compile(
        r"\b(?:postgres(?:ql)?|https?)://\w+:[^\s:@/{}$<>…]{12,}@(?!localhost|127\.)"
    ),
}


def findings(text: str) -> list[str]:
    """What kinds of secrets a text seems to carry."""
    return [name for name, pattern in PATTERNS.items() if pattern.search(text)]


def main(paths: list[str]) -> int:
    found = [
        f"{path}: looks like {name}"
        for path in paths
        for name in findings(Path(path).read_text(encoding="utf-8", errors="ignore"))
    ]
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
