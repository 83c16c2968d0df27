"""The scan for secrets finds what it says, and lets what only looks like one pass."""

import subprocess
import sys
from pathlib import Path

import pytest

import no_secrets
from no_secrets import PATTERNS, findings

HEX = "0123456789abcdef"
UUID = "1b4e28ba-2fa1-4d2f-a0e1-95f7c2d3e4f5"
# Put together here: this file is scanned, too.
EXAMPLES = {
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "a DingTalk robot's token": "https://oapi.dingtalk.com/robot/send?access_token=" + HEX * 4,
    "a DingTalk signing secret": "SEC" + HEX * 4,
    "a WeCom robot's key": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + UUID,
    "a Feishu robot's address": "https://open.feishu.cn/open-apis/bot/v2/hook/" + UUID,
    "a Server酱 key": "SCT12345T" + "abcDEF123" * 3,
    "a GitHub token": "ghp_" + "aB3" * 12,
    "a cloud access key": "LTAI" + "5tAbCdEfGh12" + "34Xy",
    "a Telegram bot token": "123456789:" + "AA" + "x" * 33,
    "a Slack webhook": "https://hooks.slack.com/services/" + "T12345678/B12345678/" + "a1B2" * 6,
    "a Discord webhook": "https://discord.com/api/webhooks/" + "1" * 18 + "/" + "aB-" * 22,
    "a personal token of Daka": "daka_" + "aB3_-xyz9Q" * 4 + "aB3",
    "a signed token": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxIiwiZXhwIjoxfQ." + "s" * 43,
    "a SECRET_KEY": "SECRET_KEY=" + HEX * 4,
    "a password in an address": "postgresql://daka:" + "Tr0ub4dor&3xyz" + "@db.example.org/daka",
}


def test_each_kind_has_an_example() -> None:
    assert EXAMPLES.keys() == PATTERNS.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_is_found_by_its_name(name: str) -> None:
    assert findings(f"before {EXAMPLES[name]} after") == [name]


@pytest.mark.parametrize(
    "text",
    [
        "https://oapi.dingtalk.com/robot/send?access_token=secret-of-the-team",
        "SEC" + "0" * 64,
        "daka_" + "a" * 43,
        "SECRET_KEY=${SECRET_KEY:?set it}",
        "postgresql://daka:${POSTGRES_PASSWORD}@db/daka",
        "-----BEGIN PUBLIC KEY-----",
    ],
)
def test_placeholders_pass(text: str) -> None:
    assert findings(text) == []


def test_the_hook_names_the_file_and_the_kind_but_not_the_secret(tmp_path: Path) -> None:
    leak, clean = tmp_path / "leak.md", tmp_path / "clean.md"
    leak.write_text(EXAMPLES["a GitHub token"])
    clean.write_text("nothing")
    command = [sys.executable, no_secrets.__file__]
    done = subprocess.run([*command, str(leak), str(clean)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, f"{leak}: looks like a GitHub token\n")
    assert subprocess.run([*command, str(clean)], capture_output=True, check=False).returncode == 0
