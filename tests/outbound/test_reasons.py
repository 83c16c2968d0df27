"""What Daka says about connections that failed is said in both languages, wherever it is made."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import daka
from daka.outbound.reasons import OWN_WORDS, in_both

MAKERS = {"Lost": 0, "Refused": 0, "TakenOver": 0, "NoAnswer": 1, "AddressRefused": 0}
"""What ends a connection or refuses one, and which argument says why."""


def sentences() -> Iterator[str]:
    """Every sentence in the source that one of them is made with; `{}` for what is put in."""
    for file in Path(daka.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS):
                continue
            said = node.args[MAKERS[node.func.id]] if len(node.args) > MAKERS[node.func.id] else None
            if isinstance(said, ast.Constant):
                yield str(said.value)
            elif isinstance(said, ast.JoinedStr):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in said.values)


def test_every_sentence_of_our_own_has_its_chinese() -> None:
    found = set(sentences())
    assert len(found) > 15
    ours = {each for each in found if any(word.islower() for word in each.split())}
    assert ours - set(OWN_WORDS) == set()


@pytest.mark.parametrize(
    ("reason", "chinese"),
    [
        ("nothing came for 90 seconds", "90 秒没有收到数据"),
        ("the connection failed (ServerDisconnectedError)", "连接失败（ServerDisconnectedError）"),
        ("no answer in time", "超时没有回应"),
        ("45009 api freq out of limit", "45009 api freq out of limit"),
        ("no answer in time, said the vendor", "no answer in time, said the vendor"),
        ("", ""),
    ],
)
def test_a_reason_in_both_languages(reason: str, chinese: str) -> None:
    assert in_both(reason) == (chinese, reason)
