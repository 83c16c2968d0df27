"""No pattern takes more than linear time, whatever a stranger writes: one slow match stops every reminder of the process.

Every pattern in the code is found by its syntax tree, so that a new one is measured without a change here; a module's own that
is put together is read from the module. Those that are made at run time are listed by hand; one that is in neither list fails
the test.
"""

import ast
import importlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Annotated, Any

import pytest
from pydantic import StringConstraints, TypeAdapter, ValidationError

import daka

ROOT = Path(daka.__file__).parent
LENGTHS = (2_000, 8_000, 65_536)
"""Shorter texts first: a pattern of cubic time must not hang the test."""


def _of_this_machine() -> float:
    """Seconds in which this machine removes every character of the longest text: the least of some, since others use it, too."""
    text, spent = "\n" * LENGTHS[-1], []
    for _ in range(5):
        started = time.thread_time()
        re.sub(r"[\W_]", "", text)
        spent.append(time.thread_time() - started)
    return min(spent)


SECONDS = 8 * _of_this_machine()
"""Whatever takes more than linear time takes a hundred times as long."""
TRIES = 10
METHODS = {"compile", "sub", "subn", "match", "fullmatch", "search", "findall", "finditer", "split"}

BUILT_AT_RUN_TIME = {
    "delivery/channels/fields.py": (r"/robot/send", r"/[\w/]+", r"/api/webhooks/\d+/[\w-]+"),
    "delivery/channels/people.py": (
        r"[ \t　=：:,，|]",
        r"[A-Za-z0-9][A-Za-z0-9_.@-]*",
        r"ou_[A-Za-z0-9_-]+|(?=.*[0-9])[A-Za-z0-9_-]+",
    ),
    "delivery/channels/markup.py": (r"([\\`*_\[\]<>#~|])",),
    "privacy/traces.py": (r"(?i)(?<![0-9a-z_])a long name(?![0-9a-z_])|(?<![0-9a-z_])13800000001(?![0-9a-z_])|王小明",),
}
"""What the callers build: whole paths, vendors' ids, a class of characters that are escaped, a person's values."""


@dataclass(frozen=True)
class Pattern:
    where: str
    text: str | bytes
    flags: int
    method: str
    """A method of `re`; `pydantic` for a constraint."""

    def __str__(self) -> str:
        return f"{self.where} {self.method}"


def _constant(node: ast.expr) -> str | bytes | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _constant(node.left), _constant(node.right)
        if isinstance(left, str) and isinstance(right, str):
            return left + right
    return None


def _flags(call: ast.Call) -> int:
    names = {node.attr for node in ast.walk(call) if isinstance(node, ast.Attribute) and node.attr.isupper()}
    return sum(int(re.RegexFlag[name]) for name in names if name in re.RegexFlag.__members__)


def _in_call(call: ast.Call) -> Iterator[tuple[ast.expr, str]]:
    function = call.func
    is_attribute = isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)
    if is_attribute and function.value.id == "re" and function.attr in METHODS:
        yield call.args[0], function.attr
    for keyword in call.keywords:
        if keyword.arg in ("pattern", "regex"):
            yield keyword.value, "pydantic"


def patterns_in(
    source: str, where: str, made: Callable[[str], str | None] = lambda name: None
) -> tuple[list[Pattern], list[str]]:
    """The patterns of a module, and the places of those that are built at run time. `made` has the module's own by name."""
    found: list[Pattern] = []
    dynamic: list[str] = []
    if not re.search(r"\bre\.|pattern=|regex=", source):  # every worker asks this of every module
        return found, dynamic
    nodes = list(ast.walk(ast.parse(source)))
    names, methods = _names(nodes), _methods_of_names(nodes)
    for call in (node for node in nodes if isinstance(node, ast.Call)):
        for expression, method in _in_call(call):
            text, line = _constant(expression), f"{where}:{expression.lineno}"
            if text is None:
                text = made(expression.id if isinstance(expression, ast.Name) else names.get(id(call), ""))
            if text is None:
                dynamic.append(line)
                continue
            # A compiled pattern is measured with the methods that its module calls; with the worst if that is not clear.
            used = methods.get(id(call), {"finditer"}) if method == "compile" else {method}
            found.extend(Pattern(line, text, _flags(call), name) for name in sorted(used))
    return found, dynamic


def _methods_of_names(nodes: list[ast.AST]) -> dict[int, set[str]]:
    """For each `NAME = re.compile(…)`: the methods that are called on the name."""
    used: dict[str, set[str]] = {}
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in METHODS:
            used.setdefault(node.value.id, set()).add(node.attr)
    return {call: used[name] for call, name in _names(nodes).items() if name in used}


def _names(nodes: list[ast.AST]) -> dict[int, str]:
    """The name to which each call is assigned."""
    return {
        id(node.value): node.targets[0].id
        for node in nodes
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Call)
    }


def _made_in(name: str) -> Callable[[str], str | None]:
    """The patterns that a module has put together, by their names in it."""

    def made(pattern: str) -> str | None:
        module = importlib.import_module(".".join(("daka", *Path(name).with_suffix("").parts))) if pattern else None
        found = getattr(module, pattern, None)
        return found.pattern if isinstance(found, re.Pattern) else found if isinstance(found, str) else None

    return made


def _all() -> tuple[list[Pattern], set[str]]:
    found: list[Pattern] = []
    dynamic: set[str] = set()
    for file in sorted(ROOT.rglob("*.py")):
        name = str(file.relative_to(ROOT))
        constant, built = patterns_in(file.read_text(), name, _made_in(name))
        found += constant
        dynamic |= {place.partition(":")[0] for place in built}
    found += [
        Pattern(name, text, 0, "fullmatch" if text.startswith(("/", "[A-Z", "ou_")) else "sub")
        for name, texts in BUILT_AT_RUN_TIME.items()
        for text in texts
    ]
    return found, dynamic


PATTERNS, DYNAMIC = _all()


# --- texts -----------------------------------------------------------------------------------------------------------

SEEDS = r'''a 0 _ - . / : @ = ( [ { < " ' \ " ) ] } , ， ? & % # * ` ~ | + 1, a, a. 0. 1e 0x a@ a-
    a= \\" ://a: ://a:b@ eyJa. -eyJa token=
    bearer token=eyJ ([ ({ {" {""" a": \\a <a <x:mergeCell mergeCell&ref=" ref=" 2026-
    2026年 1月 星期 周一 一 日 20 sctp1 上班 +86 00 UID_'''
FILLERS = ("a", "0", " ", "-", "(", '"', "\\", "\n", "一")


def sample(parsed: Any, *, pick: int, often: int) -> str:
    """A text that the parsed pattern matches, roughly: `pick` chooses branches and characters, `often` how many repetitions."""
    made = []
    for kind, value in parsed:
        if kind is sre.LITERAL:
            made.append(chr(value))
        elif kind is sre.NOT_LITERAL:
            made.append("a" if value != ord("a") else "b")
        elif kind is sre.ANY:
            made.append('a"-'[pick % 3])
        elif kind is sre.IN:
            made.append(_character(value, pick))
        elif kind is sre.BRANCH:
            branches = value[1]
            made.append(sample(branches[pick % len(branches)], pick=pick, often=often))
        elif kind is sre.SUBPATTERN:
            made.append(sample(value[-1], pick=pick, often=often))
        elif kind is sre.ATOMIC_GROUP:
            made.append(sample(value, pick=pick, often=often))
        elif kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            least, most, part = value
            made.append(sample(part, pick=pick, often=often) * min(max(least, often), int(most)))
    return "".join(made)


def _character(choices: Any, pick: int) -> str:
    known = [
        chr(value) if kind is sre.LITERAL else chr(value[0])
        for kind, value in choices
        if kind in (sre.LITERAL, sre.RANGE)
    ]
    categories = {str(value) for kind, value in choices if kind is sre.CATEGORY}
    if choices[0][0] is sre.NEGATE:
        alphabet = [c for c in 'a0-"(. ' if c not in known and not (c == " " and "CATEGORY_SPACE" in categories)]
    else:
        alphabet = known + [{"CATEGORY_SPACE": " ", "CATEGORY_DIGIT": "0"}.get(name, "a") for name in categories]
    return alphabet[pick % len(alphabet)] if alphabet else "a"


def beginnings(pattern: Pattern, picks: int) -> set[str]:
    """The beginnings of texts that the pattern would match."""
    text = pattern.text.decode("latin-1") if isinstance(pattern.text, bytes) else pattern.text
    parsed = sre_parser.parse(text, pattern.flags)
    wholes = [sample(parsed, pick=pick, often=1) for pick in range(picks)]
    lengths = [(*range(1, 13), len(whole) - 1, len(whole)) for whole in wholes]
    return {
        whole[:length]
        for whole, each in zip(wholes, lengths, strict=True)
        for length in each
        if 0 < length <= min(len(whole), 99)
    }


def battery(pattern: Pattern, length: int) -> Iterator[str]:
    own = beginnings(pattern, 6)
    separated = {f"-{beginning}" for beginning in own if 4 <= len(beginning) <= 6}
    for unit in sorted({" ", "\n", "\t", " \n", "0\n", *SEEDS.split(), *own, *separated}):
        yield (unit * (length // len(unit) + 1))[:length]
    for filler in FILLERS:
        yield filler * (length - 1) + "!"
        yield filler * (length - 1) + "\n"
    for beginning in sorted(beginnings(pattern, 2)):
        for filler in (" ", "a", "0"):
            yield beginning + filler * length


def runner(pattern: Pattern) -> Callable[[str], object]:
    if pattern.method == "pydantic":
        adapter = TypeAdapter(Annotated[str, StringConstraints(pattern=str(pattern.text))])

        def validated(text: str) -> None:
            with suppress(ValidationError):
                adapter.validate_python(text)

        return validated
    compiled: re.Pattern[Any] = re.compile(pattern.text, pattern.flags)  # type: ignore[arg-type]
    method = getattr(compiled, pattern.method)
    is_bytes = isinstance(pattern.text, bytes)

    def run(text: str) -> object:
        given: Any = text.encode() if is_bytes else text
        if pattern.method in ("sub", "subn"):
            return method(b"" if is_bytes else "", given)
        return list(method(given)) if pattern.method == "finditer" else method(given)

    return run


def worst(pattern: Pattern) -> tuple[float, str]:
    """Seconds of this thread's own time for the slowest text, and its beginning."""
    run = runner(pattern)
    slowest, text_of_it = 0.0, ""
    for length in LENGTHS:
        for text in battery(pattern, length):
            spent = _seconds(run, text)
            if spent > slowest:
                slowest, text_of_it = spent, text[:60]
            if slowest > SECONDS:
                return slowest, text_of_it
    return slowest, text_of_it


def _seconds(run: Callable[[str], object], text: str) -> float:
    spent = []
    for _ in range(TRIES):
        started = time.thread_time()
        run(text)
        spent.append(time.thread_time() - started)
        if spent[-1] <= SECONDS or spent[-1] > 20 * SECONDS:  # fast enough, or slower than any busy machine makes it
            break
    return min(spent)


# --- tests -----------------------------------------------------------------------------------------------------------


def test_the_patterns_of_the_code_are_found() -> None:
    assert len(PATTERNS) > 60
    assert {"fullmatch", "sub", "search", "finditer", "match", "pydantic"} <= {pattern.method for pattern in PATTERNS}
    assert set(BUILT_AT_RUN_TIME) == DYNAMIC, "list what they build at run time"


@pytest.mark.parametrize("pattern", PATTERNS, ids=str)
def test_a_pattern_takes_linear_time(pattern: Pattern) -> None:
    seconds, text = worst(pattern)
    assert seconds <= SECONDS, f"{pattern.text!r} took {seconds * 1000:.0f} ms on {text!r} …"


@pytest.mark.parametrize(
    ("method", "text"),
    [
        ("sub", r"(://[^/\s:@]+:)[^@\s]+(?=@)"),
        ("sub", r"\b(?:eyJ[\w-]+\.[\w-]+\.[\w-]+)"),
        ("sub", r"\(.*?\)"),
        ("search", r"(20\d\d)\s*[-/.年]?\s*(1[0-2]|0?[1-9])(?!\d)"),
        ("sub", r'"(?:\\.|[^"\\])*"|,(?=\s*[}\]])'),
        ("finditer", r'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7})'),
        ("search", r"\s+$"),
    ],
)
def test_the_battery_finds_patterns_that_are_slow(method: str, text: str) -> None:
    """Those that once stood in the code, and a classic."""
    assert worst(Pattern("example", text, 0, method))[0] > SECONDS
