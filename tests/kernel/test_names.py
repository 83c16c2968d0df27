"""Names and phrases: retired identifiers do not come back, each class name has one meaning, and sentences stay plain."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

RETIRED_PYTHON = {
    # identifiers of classes, functions, arguments, variables and modules (a regular expression) → what to use
    r"elsewhere_\w+|auth_elsewhere\w*": "external_login",
    "Way|OtherWay": "IdentityProvider (sign-in), SendContext (channels)",
    "Trip": "AuthorizationRequest",
    "Departure": "RedirectToProvider",
    "Arrival": "CallbackResult",
    "Handover|hand_over": "TokenResponderDep",
    "DESKS": "DATABASE_SLOTS",
    "Note": "RenderedMessage",
    "Message": "MessageContent",
    "Told": "SendResult or Recipient",
    "ReceiptLooker": "ReceiptPoller",
    "Look": "Decision",
    "Errand": "CheckBatch",
    "PunchAsker": "PunchChecker",
    "Known": "PunchState",
    "Trouble": "SourceError",
    "PlanDebt|plan_debt": "PendingReplan",
    "PunchBudget|punch_budget": "ApiQuota",
    "ImportWord|import_word": "ImportMapping",
    "Bell": "ChangeNotifier",
    "announce|announcements?": "publish, change_events",
    "ledger": "actions",
    "detours?": "failover",
    "pace": "rate_limit",
    "held_until": "throttled_until",
    "trying": "trial_send",
    "hints": "remedies",
    "promise": "placeholder",
    "complain": "add_problem",
    "memory": "mappings",
    "take_turns": "advisory_lock",
    "only_good": "skip_invalid_rows",
    "ShiftLane": "ShiftGroup",
    "Door": "ScanLogin",
    "Worlds?|worlds?": "Workplace (tests)",
    "House|house": "LiveServer (tests)",
    "Said": "FakeResponse (tests)",
    "Post": "WiredApp (tests)",
    "Storm": "ChaosRun (tests)",
}

RETIRED_WEB = {
    "OtherWay|nameOfWay": "IdentityProviderRead, providerName",
    "ShiftLane": "ShiftGroup",
    "insist": "keepMine",
    "yieldTo": "keepTheirs",
    "Clash": "Conflict",
    "desk": "editorState",
    "pocket": "clipboardFallback",
    "catcher": "gridInput",
    "Deed": "SelectionAction",
    "Stroke": "PointerGesture",
    "deeds?": "a ref handle",
    "laying": "applyPlan",
    "useKeeper": "setTokenStore",
    "useZone": "setZone",
    r"word\(": "t",
    "speaker": "createTranslator",
    "speak": "setLanguage",
    r"say\(|said\(": "showToast, localized",
    "say[A-Z]\\w*": "formatX or xText",
    "only_good": "skip_invalid_rows",
}

RETIRED_PHRASES = {
    # a regular expression → what to say
    "help nobody": "state the limit: At most 20 …",
    "knows? nobody|nobody knows": "No user has …",
    "in vain": "failed, or was dropped",
    "stumbl": "failed",
    "is to be had": "is available",
    r"so often\b": "state the interval",
    "overwritten unsaid": "silently overwritten",
    "stroke of the median": "near the median",
    "beyond understanding": "corrupt",
    "whoever": "the person who, anyone who",
    "空着的看更笼统": "留空时使用上一级的设置",
    "就什么都不排": "则不生成排班",
    "到各服务商的路": "到各服务商的网络",
    "[\u4e00-\u9fff]“|“[\u4e00-\u9fff]": "「…」 in Chinese texts",
    "您": "你",
}

CLASSES_DEFINED_TWICE: dict[str, str] = {
    # class name → why both keep it
}


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (file for file in (ROOT / folder).rglob("*.py") if "__pycache__" not in file.parts)


def defined_names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name, node.lineno
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield name, node.lineno


def web_identifiers(text: str) -> Iterator[tuple[str, int]]:
    """Identifiers of TypeScript, without comments, strings, attributes and keys; that of a call is also given as `name(`."""
    code = re.sub(
        r"//[^\n]*|/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"|`(?:[^`\\]|\\.)*`",
        lambda found: "\n" * found[0].count("\n"),
        text,
        flags=re.DOTALL,
    )
    for found in re.finditer(r"(?<![\w$.>])[A-Za-z_$][\w$]*", code):
        line = code.count("\n", 0, found.start()) + 1
        if code[found.end() : found.end() + 1] == "(":
            yield f"{found[0]}(", line
        if not re.match(r"\s*:|=\"", code[found.end() :]):
            yield found[0], line


def retired(names: Iterator[tuple[str, int]], table: dict[str, str], file: Path) -> list[str]:
    any_of_them = re.compile("|".join(f"(?:{pattern})" for pattern in table))
    return [
        f"{file.relative_to(ROOT)}:{line}: {name} → {instead}"
        for name, line in names
        if any_of_them.fullmatch(name)
        for pattern, instead in table.items()
        if re.fullmatch(pattern, name)
    ]


def test_retired_identifiers_stay_away_from_python() -> None:
    found = []
    for file in python_files("backend/daka", "tests", "deploy"):
        names = defined_names(ast.parse(file.read_text(encoding="utf-8")))
        found += retired(iter([(file.stem, 0), *names]), RETIRED_PYTHON, file)
    assert not found, "\n".join(found)


def test_retired_identifiers_stay_away_from_the_web_app() -> None:
    found = []
    for file in (ROOT / "frontend/src").rglob("*.ts*"):
        if file.name != "schema.ts":
            names = web_identifiers(file.read_text(encoding="utf-8"))
            found += retired(iter([(file.name.split(".")[0], 0), *names]), RETIRED_WEB, file)
    assert not found, "\n".join(found)


def test_each_class_name_is_defined_once() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for file in python_files("backend/daka"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{file.relative_to(ROOT)}:{node.lineno}")
    twice = {name: found for name, found in places.items() if len(found) > 1}
    assert twice.keys() == CLASSES_DEFINED_TWICE.keys(), twice


def texts() -> Iterator[Path]:
    yield from python_files("backend/daka")
    yield from (ROOT / "docs").glob("*.md")
    yield from (ROOT / "frontend/src/i18n").glob("*.ts")
    yield from (ROOT / "frontend/src").rglob("words.ts")


@pytest.mark.parametrize("phrase", RETIRED_PHRASES)
def test_retired_phrases_stay_away(phrase: str) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for file in texts()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(phrase, line, re.IGNORECASE)
    ]
    assert not found, f"{RETIRED_PHRASES[phrase]}\n" + "\n".join(found)
