"""Rules about the tree itself: who imports whom, what is committed, what the API's description promises."""

import ast
import inspect
import json
import re
import subprocess
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from conftest import test_settings as settings_with
from daka.app import create_app
from daka.routing import with_late_routes

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "backend" / "daka"

# --- imports ----------------------------------------------------------------------------------------------------------

ORDER = [
    "outbound",
    "vendors",
    "identity",
    "audit",
    "backup",
    "scheduler",
    "shifts",
    "roster",
    "proposing",
    "reminders",
    "delivery",
    "notices",
    "syncing",
    "one_tap",
    "chat",
    "today",
    "live",
    "explain",
    "privacy",
    "doctor",
]
"""Each may import those before it, and itself."""
FEATURES = [*ORDER, "demo"]
WIRING = {"app", "api", "worker", "cli", "commands", "tables", "__main__", "migrations", "reference", "wiring"}
"""Files that know everything: they wire the features together."""


def imports(file: Path) -> set[str]:
    """The parts of `daka` that a file imports: `daka.roster.models` is `roster`, `from daka import clock` is `clock`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("daka.")}
        elif isinstance(node, ast.ImportFrom) and node.module == "daka":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("daka."):
            part = str(node.module).removeprefix("daka.")
            found.add(part.split(".")[0])
    return found


def test_every_folder_has_its_place() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == {*FEATURES, "migrations", "spreadsheets"}


def test_no_files_import_each_other() -> None:
    """Not in a circle either, nor for types alone, nor inside a function."""
    files = {
        ".".join(("daka", *file.relative_to(PACKAGE).with_suffix("").parts)): file for file in PACKAGE.rglob("*.py")
    }
    arrows: dict[str, set[str]] = {}
    for name, file in files.items():
        nodes = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)]
        named = {f"{node.module}.{alias.name}" for node in nodes for alias in node.names}
        arrows[name] = (named | {str(node.module) for node in nodes}) & files.keys()
    TopologicalSorter(arrows).prepare()  # raises CycleError, which names them


@pytest.mark.parametrize("feature", FEATURES)
def test_features_import_only_what_comes_before_them(feature: str) -> None:
    allowed = set(ORDER[: ORDER.index(feature) + 1]) if feature in ORDER else set(FEATURES)
    for file in (PACKAGE / feature).rglob("*.py"):
        wrong = imports(file) & set(FEATURES) - allowed
        assert not wrong, f"{file.relative_to(ROOT)} imports {wrong}"
        above = imports(file) & {"app", "api", "cli", "commands", "wiring", "worker"}
        assert not above or feature == "demo", f"{file.relative_to(ROOT)} imports {above}"


def test_kernel_files_know_no_feature() -> None:
    for file in [*PACKAGE.glob("*.py"), *(PACKAGE / "spreadsheets").glob("*.py")]:
        if file.stem not in WIRING:
            wrong = imports(file) & set(FEATURES)
            assert not wrong, f"{file.name} imports {wrong}"


def test_only_what_is_meant_to_publish_writes_published_cells() -> None:
    """A planner's edit goes through `edit_cells`, which keeps it a draft where the team uses drafts."""
    calls = re.compile(r"\bwrite_cells\(")
    found = {str(file.relative_to(PACKAGE)) for file in PACKAGE.rglob("*.py") if calls.search(file.read_text())}
    assert found == {
        "roster/cells.py",  # somebody moves to another team
        "roster/drafts/service.py",  # publishing
        "roster/requests/agreements.py",  # swaps and open shifts that are approved
        "roster/service.py",  # a shift is deleted
        "syncing/pulls.py",  # what the attendance system has published
    }


def test_routes_files_have_no_queries() -> None:
    query = re.compile(r"\bselect\(|\bsa\.|session\.exec")
    assert [file for file in PACKAGE.rglob("*routes.py") if query.search(file.read_text())] == []


def test_nothing_is_imported_for_a_side_effect() -> None:
    assert [file.name for file in PACKAGE.rglob("*.py") if "F401" in file.read_text()] == ["tables.py"]


def test_only_outbound_makes_http_clients() -> None:
    """Everything else asks through the guarded client, which also trusts the operator's own addresses."""
    makes = re.compile(r"httpx\.(AsyncClient|Client|get|post)\(|aiohttp\.ClientSession\(|urlopen\(")
    found = {file.relative_to(PACKAGE).parts[0] for file in PACKAGE.rglob("*.py") if makes.search(file.read_text())}
    assert found - {"demo"} == {"outbound"}


PURE = [
    "shifts/times.py",
    "reminders/steps.py",
    "reminders/states.py",
    "reminders/plan_rules.py",
    "reminders/transitions.py",
    "delivery/grouping.py",
    "delivery/messages.py",
    "delivery/routing.py",
    "chat/words.py",
    "chat/choosing.py",
    "chat/connection.py",
    "chat/dingtalk_frames.py",
    "chat/feishu_events.py",
    "chat/replies.py",
    "notices/month_report.py",
    "delivery/card_states.py",
    "delivery/codes.py",
    "chat/feishu_frames.py",
    "policy.py",
    "syncing/reading.py",
    "syncing/dingtalk_rows.py",
    "syncing/directory.py",
    "syncing/feishu_rows.py",
    "roster/calendar.py",
    "roster/holidays/files.py",
    *(f"proposing/{name}.py" for name in ("model", "rows", "search", "scores", "building")),
    *(
        f"roster/transfer/{name}.py"
        for name in (
            "reading",
            "headers",
            "sheet_in_file",
            "page",
            "tables",
            "wide_tables",
            "long_tables",
            "tall_tables",
            "months",
            "dating",
            "days",
            "settling",
            "words",
            "older_json",
        )
    ),
    "roster/transfer/file_lines.py",
    "identity/people_files.py",
    *(
        f"spreadsheets/{name}.py"
        for name in ("reading", "sheet", "xlsx", "xls", "ods", "xml_2003", "web_page", "csv_text")
    ),
    "backup/retention.py",
]


@pytest.mark.parametrize("path", PURE)
def test_pure_files_have_no_session_no_clock_and_no_await(path: str) -> None:
    file = PACKAGE / path
    assert not imports(file) & {"clock", "database", "change_events", "settings"}
    nodes = list(ast.walk(ast.parse(file.read_text())))
    assert not [node for node in nodes if isinstance(node, ast.AsyncFunctionDef | ast.Await)]
    assert not re.search(r"AsyncSession|\.now\(|\.today\(|time\.time\(", file.read_text())


def test_only_the_clock_reads_the_clock() -> None:
    reads = re.compile(r"datetime\.(now|utcnow)\(|date\.today\(|time\.time\(")
    ours = [
        file for file in PACKAGE.rglob("*.py") if "demo" not in file.parts
    ]  # the demo's vendor has a clock of its own
    assert [str(file.relative_to(PACKAGE)) for file in ours if reads.search(file.read_text())] == ["clock.py"]


# --- what is committed ------------------------------------------------------------------------------------------------


def committed() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts() -> list[tuple[str, str]]:
    found = []
    for path in committed():
        try:
            found.append((str(path.relative_to(ROOT)), path.read_text()))
        except UnicodeDecodeError:
            continue
    return found


def test_only_pictures_are_committed_without_being_text() -> None:
    binary = {path.suffix for path in committed() if b"\0" in path.read_bytes()[:8000]}
    assert binary == {".png"}


PACKAGE_HOSTS = re.compile(
    "|".join(
        re.escape(".".join(parts))
        for parts in (
            ("pypi", "org"),
            ("files", "pythonhosted", "org"),
            ("registry", "npmjs", "org"),
            ("registry", "yarnpkg", "com"),
            ("registry", "npmmirror", "com"),
            ("pypi", "tuna", "tsinghua"),
            ("mirrors", "aliyun", "com"),
        )
    )
)


def test_no_committed_file_names_a_package_host() -> None:
    assert [name for name, text in texts() if PACKAGE_HOSTS.search(text)] == []


@pytest.mark.parametrize("name", ["requirements.lock", "tests/requirements.lock"])
def test_python_locks_have_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "--index-url" not in text
    pinned = re.findall(r"^[A-Za-z0-9_.\[\]-]+==[^\s]+.*(?:\n    .*)*", text, re.MULTILINE)
    assert len(pinned) > 20
    assert [entry.split()[0] for entry in pinned if "--hash=sha256:" not in entry] == []


def test_the_web_lock_names_no_place_to_download_from() -> None:
    packages: dict[str, dict[str, Any]] = json.loads((ROOT / "frontend/package-lock.json").read_text())["packages"]
    assert [name for name, found in packages.items() if "resolved" in found] == []
    assert [
        name for name, found in packages.items() if name and not found.get("link") and "integrity" not in found
    ] == []


def test_no_committed_file_carries_a_secret() -> None:
    from no_secrets import findings

    assert {name: found for name, text in texts() if (found := findings(text))} == {}


# --- the API's description --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    found: dict[str, Any] = create_app(settings_with(), with_worker=False).openapi()
    return found


def operations(description: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", found)
        for path, methods in description["paths"].items()
        for method, found in methods.items()
        if method in {"get", "put", "post", "patch", "delete", "head", "options"}
    ]


def test_operation_ids_are_unique_and_stable_in_style(description: dict[str, Any]) -> None:
    ids = [found["operationId"] for _, found in operations(description)]
    assert len(ids) == len(set(ids))
    assert [found for found in ids if not re.fullmatch(r"[a-z]+(_[a-z]+)+", found)] == []


def test_whatever_needs_a_login_documents_what_happens_without_one(description: dict[str, Any]) -> None:
    private = [(name, found) for name, found in operations(description) if found.get("security")]
    assert len(private) > 30
    assert [name for name, found in private if "401" not in found["responses"]] == []


def test_what_needs_no_login_is_a_short_list(description: dict[str, Any]) -> None:
    public = {found["operationId"] for _, found in operations(description) if not found.get("security")}
    assert public <= {
        "health_read", "metrics_read", "setup_read", "setup_create", "ical_read", "link_show", "link_act",
        "auth_token", "auth_refresh", "auth_logout", "auth_methods", "auth_second_factor",
        "auth_external_login_start", "auth_external_login_callback", "auth_password_link_check", "auth_password_link_use",
    }  # fmt: skip


def test_failures_are_problem_documents(description: dict[str, Any]) -> None:
    wrong = [
        f"{name} {status}"
        for name, found in operations(description)
        for status, answer in found["responses"].items()
        if status >= "400"
        and status not in ("410", "503")  # an expired link is a page, failing health is a report
        and set(answer.get("content", {})) != {"application/problem+json"}
    ]
    assert wrong == []


def test_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    text = json.dumps(description)
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert named <= set(description["components"]["schemas"])
    assert "HTTPValidationError" not in text


def test_every_operation_says_what_it_does(description: dict[str, Any]) -> None:
    assert [name for name, found in operations(description) if not found.get("description")] == []
    assert [name for name, found in operations(description) if not found.get("tags")] == []


async def test_whatever_the_description_calls_private_is_private(workplace: Any, description: dict[str, Any]) -> None:
    """Asked without a token, every private operation answers 401 before it looks at anything else."""
    for name, found in operations(description):
        if not found.get("security"):
            continue
        method, path = name.split()
        answer = await workplace.anonymous.request(method, re.sub(r"\{[^}]+\}", "1", path), json={})
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), name


def test_no_route_and_no_dependency_waits_for_a_thread() -> None:
    """FastAPI calls what is not `async` in one of forty threads: a flood of sign-ins took them from everybody else."""

    def waiting(dependant: Any) -> Iterator[str]:
        for each in dependant.dependencies:
            call = each.call
            if not (
                inspect.iscoroutinefunction(call)
                or inspect.isasyncgenfunction(call)
                or inspect.iscoroutinefunction(getattr(call, "__call__", None))  # noqa: B004
            ):
                yield call.__qualname__
            yield from waiting(each)

    routes = [
        found.original_route
        for found in iter_route_contexts(with_late_routes(create_app(settings_with(), with_worker=False).routes))
        if isinstance(found.original_route, APIRoute)
    ]
    assert len(routes) > 100
    assert [route.path for route in routes if not inspect.iscoroutinefunction(route.endpoint)] == []
    assert {name for route in routes for name in waiting(route.dependant)} == set()


def test_all_schemas_are_built_late() -> None:
    """A model of pydantic's own would be built at every start."""
    assert [file.name for file in PACKAGE.rglob("*.py") if "BaseModel" in file.read_text()] == ["schema.py"]
