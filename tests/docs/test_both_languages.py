"""Each page says the same in both languages, as far as can be counted: what stands in one alone, a reader of the other misses."""

import re
from itertools import zip_longest
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHINESE = sorted(path.relative_to(ROOT) for path in (*ROOT.glob("*.zh-CN.md"), *ROOT.glob("docs/*.zh-CN.md")))
PAGES = [str(path).replace(".zh-CN", "") for path in CHINESE]

BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#+) +(.+)$", re.MULTILINE)
KINDS = {"#": "heading", "|": "row", "-": "item", "!": "picture"}


def texts(page: str) -> tuple[str, str]:
    return (ROOT / page).read_text(), (ROOT / page.replace(".md", ".zh-CN.md")).read_text()


def outline(text: str) -> list[str]:
    """What the page is made of, in order: headings with their level, rows, items and paragraphs."""
    found = []
    for part in re.split(r"\n\s*\n", BLOCK.sub("\n\ncode\n\n", text).strip()):
        begins = [re.match(r" *(#+|\||-(?= )|\d+\.(?= )|!\[|code$)?", line) for line in part.strip().splitlines()]
        marks = [re.sub(r"\d+\.", "-", begin[1] or "") for begin in begins if begin]
        found += [mark if mark.startswith("#") else KINDS.get(mark[:1], mark) for mark in marks if mark]
        found += [] if marks and marks[0] else ["paragraph"]
    return found


def code(text: str) -> list[str]:
    """Lines of code without their comments."""
    lines = [line for language, block in BLOCK.findall(text) if language for line in block.splitlines()]
    return [line for line in (re.sub(r"(^|\s+)#\s.*", "", line) for line in lines) if line.strip()]


def names(text: str) -> set[str]:
    """Settings, commands, paths, values: whatever is printed as code within a sentence."""
    return {" ".join(span.split()).replace(".zh-CN.md", ".md") for span in SPAN.findall(BLOCK.sub("", text))}


def targets(text: str) -> set[str]:
    """Where links and pictures lead."""
    found = {target.split("#")[0] or "#" for target in LINK.findall(text)}
    return {target.replace(".zh-CN.md", ".md").replace(".zh.png", ".en.png") for target in found}


def is_said_by(english: str, chinese: str) -> bool:
    """Whether they are the same; Chinese words may stand for those of which the reader writes their own, `http://地址:8080`."""
    pattern = re.sub(r"[\u4e00-\u9fff]+", "\0", re.sub(r"<.+?>", "\0", chinese))
    stands_for = re.search(r"[^\0\s]", pattern) and re.fullmatch(re.escape(pattern).replace("\0", ".+"), english)
    return english == chinese or bool(stands_for)


def in_one_alone(english: set[str], chinese: set[str]) -> tuple[set[str], set[str]]:
    rest = chinese - english
    said = {name: {other for other in rest if is_said_by(name, other)} for name in english - chinese}
    return {name for name, others in said.items() if not others}, rest.difference(*said.values())


@pytest.mark.parametrize("page", PAGES)
def test_both_are_made_of_the_same_parts(page: str) -> None:
    english, chinese = map(outline, texts(page))
    differing = [at for at, pair in enumerate(zip_longest(english, chinese)) if pair[0] != pair[1]]
    at = differing[0] if differing else 0
    headings = english[:at].count("##")
    assert not differing, f"after heading {headings} of level 2: {english[at : at + 4]}, Chinese {chinese[at : at + 4]}"


@pytest.mark.parametrize("page", PAGES)
def test_both_have_the_same_code(page: str) -> None:
    pairs = zip_longest(*map(code, texts(page)), fillvalue="")
    assert [(english, chinese) for english, chinese in pairs if not is_said_by(english, chinese)] == []


@pytest.mark.parametrize("page", PAGES)
def test_both_name_the_same_settings_commands_and_values(page: str) -> None:
    assert in_one_alone(*map(names, texts(page))) == (set(), set())


@pytest.mark.parametrize("page", PAGES)
def test_both_lead_to_the_same_places(page: str) -> None:
    english, chinese = map(targets, texts(page))
    assert english ^ chinese == set()


def anchors(path: Path) -> set[str]:
    headings = [heading for _, heading in HEADING.findall(BLOCK.sub("", path.read_text()))]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    "page", [str(path.relative_to(ROOT)) for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))]
)
def test_every_link_to_a_heading_leads_to_one(page: str) -> None:
    for target in LINK.findall((ROOT / page).read_text()):
        path, _, heading = target.partition("#")
        if heading and "://" not in target:
            assert heading in anchors((ROOT / page).parent / path if path else ROOT / page), target
