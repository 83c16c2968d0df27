"""Write what the documents say about channels from the code: `make docs`. What stands around it is written by hand.

- docs/channels.md and its Chinese version: the list of kinds, the heading and the settings table of each kind. A new kind gets
  its section, to which an introduction and its limits are added by hand.
- docs/settings.md, its Chinese version and deploy/.env.example: the settings that move a vendor's address.
"""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from daka.delivery.channels.kind import ChannelKind
from daka.delivery.channels.registry import CHOOSABLE, KINDS
from daka.outbound.requests import Vendor

ROOT = Path(__file__).parents[1]
WORDS = {
    "en": {
        "heading": "### {label} (`{kind}`)",
        "list": "| kind | | address moved by |\n|---|---|---|",
        "table": "| setting | meaning |\n|---|---|",
        "required": " (required)",
        "secret": " *(secret)*",
        "colon": ": ",
        "stop": ". ",
        "choice": "`{value}` {label}",
        "between": "; ",
        "default": "Default: `{value}`",
    },
    "zh": {
        "heading": "### {label}（`{kind}`）",
        "list": "| 种类 | | 改地址的设置 |\n|---|---|---|",
        "table": "| 设置 | 含义 |\n|---|---|",
        "required": "（必填）",
        "secret": " *(密钥)*",
        "colon": "：",
        "stop": "。",
        "choice": "`{value}` {label}",
        "between": "；",
        "default": "默认 `{value}`",
    },
}


def settings_table(kind: ChannelKind[Any], language: str) -> str:
    schema, words = kind.config.model_json_schema(), WORDS[language]
    rows = []
    for name, field in schema.get("properties", {}).items():
        required = words["required"] if name in schema.get("required", ()) else ""
        secret = words["secret"] if name in kind.config.secret_fields() else ""
        said = [field["descriptions"][language]] if "descriptions" in field else []
        labels = {value: texts[language] for value, texts in field.get("choices", {}).items()}
        if labels:
            said.append(words["between"].join(words["choice"].format(value=v, label=t) for v, t in labels.items()))
        if field.get("default") not in (None, False, True):
            said.append(words["default"].format(value=field["default"]))
        meaning = f"{field['titles'][language]}{secret}" + (words["colon"] + words["stop"].join(said) if said else "")
        rows.append(f"| `{name}`{required} | {meaning.replace('|', chr(92) + '|')} |")
    return "\n".join([words["table"], *rows]) if rows else ""


def kinds_list(language: str) -> str:
    rows = []
    for name in CHOOSABLE:
        vendor = KINDS[name].vendor
        moved_by = f"`{vendor.setting.upper()}`" if vendor else ""
        rows.append(f"| `{name}` | {KINDS[name].labels[language]} | {moved_by} |")
    return "\n".join([WORDS[language]["list"], *rows])


def channels_page(text: str, language: str) -> str:
    """The page with the list, and each kind's heading and table as the code has them; sections in the registry's order."""
    intro, *sections = re.split(r"^(?=### )", text, flags=re.MULTILINE)
    by_kind = {found[1]: section for section in sections if (found := re.match(r"### .*`(\w+)`", section))}
    pages = [_with_table(intro, kinds_list(language), r"^\| (?:kind|种类) \|.*\n(?:\|.*\n)*")]
    for name in CHOOSABLE:
        heading = WORDS[language]["heading"].format(label=KINDS[name].labels[language], kind=name)
        section = re.sub(r"^### .*\n", f"{heading}\n", by_kind.get(name, "### \n\n"), count=1)
        if table := settings_table(KINDS[name], language):
            section = _with_table(section, table, r"^\| (?:setting|设置) \|.*\n(?:\|.*\n)*")
        pages.append(f"{section.rstrip()}\n")
    return "\n".join([pages[0].rstrip() + "\n", *pages[1:]])


def _with_table(text: str, table: str, pattern: str) -> str:
    changed, count = re.subn(pattern, lambda _: f"{table}\n", text, count=1, flags=re.MULTILINE)
    return changed if count else f"{text.rstrip()}\n\n{table}\n"


def vendors() -> Iterator[Vendor]:
    """Every vendor once, with all hosts of its kinds."""
    found: dict[str, tuple[str, ...]] = {}
    for kind in KINDS.values():
        if kind.vendor:
            found[kind.vendor.name] = tuple(dict.fromkeys((*found.get(kind.vendor.name, ()), *kind.vendor.hosts)))
    yield from (Vendor(name, hosts) for name, hosts in found.items())


def settings_page(text: str) -> str:
    rows = [
        f"| `{vendor.setting.upper()}` | {', '.join(f'`https://{host}`' for host in vendor.hosts)} |"
        for vendor in vendors()
    ]
    return _before("| `VIKA_BASE_URL`", r"\| `\w+_BASE_URL` \|.*\n", rows, text)


def env_example(text: str) -> str:
    return _before(
        "#VIKA_BASE_URL=", r"#\w+_BASE_URL=\n", [f"#{vendor.setting.upper()}=" for vendor in vendors()], text
    )


def _before(last: str, line: str, rows: list[str], text: str) -> str:
    """The text with these rows in place of the lines that stand directly before the last one."""
    return re.sub(
        f"(?:{line})*(?={re.escape(last)})",
        lambda _: "".join(f"{row}\n" for row in rows),
        text,
        count=1,
        flags=re.MULTILINE,
    )


PAGES: dict[str, Callable[[str], str]] = {
    "docs/channels.md": lambda text: channels_page(text, "en"),
    "docs/channels.zh-CN.md": lambda text: channels_page(text, "zh"),
    "docs/settings.md": settings_page,
    "docs/settings.zh-CN.md": settings_page,
    "deploy/.env.example": env_example,
}


def main() -> int:
    for page, generated in PAGES.items():
        path = ROOT / page
        if (text := generated(path.read_text())) != path.read_text():
            path.write_text(text)
            print(f"{page} was updated", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
