"""Refuses files that carry what looks like a real secret. Run by the pre-commit hook with the changed files."""

import re
import sys
from pathlib import Path

PATTERNS = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
    "a DingTalk robot's token": re.compile(r"access_token=[0-9a-f]{64}\b"),
    "a DingTalk signing secret": re.compile(r"\bSEC(?!0{20})[0-9a-f]{64}\b"),
    "a GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}\b"),
    "a cloud access key": re.compile(r"\b(?:AKIA|LTAI)[A-Za-z0-9]{16,20}\b"),
    "a Telegram bot token": re.compile(r"\b\d{9,10}:AA[A-Za-z0-9_-]{33}\b"),
    "a Slack webhook": re.compile(r"hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{24}"),
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
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
