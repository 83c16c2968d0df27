"""Generates clients with five generators, checks their types, and lets each download the roster and upload it again.

The generators come from the package registries into a folder of their own, which is kept for the next time.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx

from e2e.live_server import furnished
from e2e.server import running

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TOOLS = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "daka-clients"
OPENAPI = ROOT / "backend" / "openapi.json"
BINARIES = TOOLS / "node_modules" / ".bin"
VENV = TOOLS / "venv" / "bin"


def run(*command: str | Path, cwd: Path = TOOLS, **environment: str) -> str:
    path = f"{VENV}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, "PATH": path, **environment},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"✕ {' '.join(map(str, command))}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout.strip()


def install() -> None:
    TOOLS.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "tsconfig.json", "requirements.txt"):
        (TOOLS / name).write_bytes((HERE / name).read_bytes())
    run("npm", "install", "--silent", "--no-audit", "--no-fund")
    if not VENV.exists():
        run(sys.executable, "-m", "venv", VENV.parent)
    run(VENV / "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", "requirements.txt")


def python(made: Path) -> None:
    run(VENV / "openapi-python-client", "generate", "--path", OPENAPI, "--output-path", made / "python", "--overwrite")


def orval(made: Path) -> None:
    run(BINARIES / "orval", "--input", OPENAPI, "--output", made / "orval" / "daka.ts", "--client", "fetch")


def hey_api(made: Path) -> None:
    run(BINARIES / "openapi-ts", "-i", OPENAPI, "-o", made / "heyapi", "-c", "@hey-api/client-fetch")


def openapi_fetch(made: Path) -> None:
    (made / "openapi-fetch").mkdir()
    script = TOOLS / "openapi_fetch_schema.mjs"
    script.write_bytes((HERE / script.name).read_bytes())
    run("node", script, OPENAPI, made / "openapi-fetch" / "schema.ts")


def generator(made: Path) -> None:
    run(VENV / "openapi-generator-cli", "generate", "-i", OPENAPI, "-g", "typescript-fetch", "-o", made / "generator")


GENERATORS: dict[str, Callable[[Path], None]] = {
    "openapi-python-client": python,
    "orval": orval,
    "hey-api": hey_api,
    "openapi-fetch": openapi_fetch,
    "openapi-generator": generator,
}
PROGRAMS = {"orval": "use_orval", "hey-api": "use_hey_api", "openapi-fetch": "use_openapi_fetch"}
PROGRAMS["openapi-generator"] = "use_generator"


def use(name: str, folder: Path, **given: str) -> str:
    """Check the types of the generated client with its program, and run that."""
    if name == "openapi-python-client":
        path = str(folder / "made" / "python")
        options = ("--strict", "--follow-imports=silent", "--config-file=")  # the generated code is not ours to check
        run(sys.executable, "-m", "mypy", *options, HERE / "use_python.py", MYPYPATH=path)
        return run(VENV / "python", HERE / "use_python.py", PYTHONPATH=path, **given)
    program = folder / f"{PROGRAMS[name]}.ts"
    for source in (program.name, "given.ts"):
        (folder / source).write_bytes((HERE / source).read_bytes())
    run(BINARIES / "tsc", "--project", folder, cwd=folder)
    bundle = program.with_suffix(".mjs")
    run(BINARIES / "esbuild", program, "--bundle", "--platform=node", "--format=esm", f"--outfile={bundle}")
    return run("node", bundle, **given)


async def main() -> None:
    install()
    with tempfile.TemporaryDirectory() as data:
        async with running("serve", Path(data)) as address, httpx.AsyncClient(base_url=address, timeout=30) as http:
            server = await furnished(address, http, None)
            assert server.user_ids
            assert server.shift_ids
            await server.plan(server.user_ids["bob"], server.today, server.shift_ids["早"])
            token = http.headers["Authorization"].removeprefix("Bearer ")
            for name, generate in GENERATORS.items():
                with tempfile.TemporaryDirectory(dir=TOOLS) as folder:
                    (Path(folder) / "made").mkdir()
                    (Path(folder) / "tsconfig.json").write_bytes((HERE / "tsconfig.json").read_bytes())
                    await asyncio.to_thread(generate, Path(folder) / "made")
                    given = {"DAKA": address, "TOKEN": token, "DAY": server.today.isoformat()}
                    said = await asyncio.to_thread(use, name, Path(folder), **given)
                print(f"● {name}: {said}", flush=True)


asyncio.run(main())
