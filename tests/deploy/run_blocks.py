"""The `run:` blocks of the workflows, executed here as a runner would: bash, the step's environment, an output file.

    python tests/deploy/run_blocks.py REGISTRY     with this machine's Docker and a registry such as localhost:5000

It needs the images daka, daka-backend and daka-frontend for amd64, and daka-arm… for arm64, which it pushes there.
"""

import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = ROOT / ".github" / "workflows"
REPOSITORY = "Owner/Daka"
"""With capital letters, which no registry takes."""
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def workflow(name: str) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load((WORKFLOWS / name).read_text())
    return found


def blocks() -> dict[tuple[str, str, int], dict[str, Any]]:
    """(workflow, job, number among the job's blocks) → the step."""
    return {
        (path.name, job, number): step
        for path in sorted(WORKFLOWS.glob("*.yml"))
        for job, content in workflow(path.name)["jobs"].items()
        for number, step in enumerate(step for step in content.get("steps", []) if "run" in step)
    }


def evaluated(text: str, values: dict[str, str]) -> str:
    """The text with each `${{ … }}` replaced.

    Raises:
        KeyError: an expression without a value.
    """
    return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: values[found[1]], text)


def execute(
    key: tuple[str, str, int],
    folder: Path,
    values: dict[str, str] | None = None,
    *,
    place: Path = ROOT,
    **environment: str,
) -> tuple[int, dict[str, str], str]:
    """Run a block. Returns its exit status, the outputs that it set, and what it printed.

    Args:
        folder: RUNNER_TEMP.
        place: the workspace.
        values: what the expressions in the step's environment mean.
        environment: in addition to the runner's; PATH is the caller's unless it is given.
    """
    values = values or {}
    step, file = blocks()[key], workflow(key[0])
    output = folder / "output"
    output.write_text("")
    own = {name: evaluated(str(value), values) for name, value in (file.get("env", {}) | step.get("env", {})).items()}
    inside = evaluated(step.get("working-directory", "."), values)
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=place / inside,
        env={
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_SHA": COMMIT,
            "GITHUB_REF_NAME": "v1.2.3",
            "GITHUB_SERVER_URL": "https://git.example.com",
            "RUNNER_TEMP": str(folder),
            **own,
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, outputs(output.read_text()), done.stdout + done.stderr


def outputs(text: str) -> dict[str, str]:
    """What a step wrote to GITHUB_OUTPUT: name=value, or name<<END … END."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, several, end = line.partition("<<")
        if several and "=" not in name:
            found[name] = "\n".join(itertools.takewhile(lambda line, end=end: line != end, lines))
        else:
            name, _, value = line.partition("=")
            found[name] = value
    return found


def with_a_registry(registry: str) -> None:
    """From digests to tags, as docker.yml, rescan.yml and release.yml do it, against a real registry."""
    environment = {name: value for name, value in os.environ.items() if name.startswith("DOCKER_")} | {
        "REGISTRY": registry
    }
    docker = lambda *words: subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout  # noqa: E731
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        status, named, said = execute(("docker.yml", "push", 0), folder, **environment)
        assert status == 0, said
        assert named["image"] == f"{registry}/owner/daka", named
        suffixes = {"backend": "-backend", "frontend": "-frontend", "daka": ""}
        for arch, prefix in (("amd64", "daka"), ("arm64", "daka-arm")):
            values = {}
            for image, suffix in suffixes.items():  # what build-push-action does: push, and tell the digest
                target = f"{named['image']}{suffix}:{arch}"
                docker("tag", f"{prefix}{suffix}:latest", target)
                digest = re.search(r"digest: (sha256:\w+)", docker("push", target))
                assert digest is not None
                values[f"steps.{image}.outputs.digest"] = digest[1]
            status, _, said = execute(("docker.yml", "push", 1), folder, values, **environment)
            assert status == 0, said
        for image, suffix in suffixes.items():
            matrix = {"matrix.image": image, "matrix.suffix": suffix, "runner.temp": place}
            status, merged, said = execute(("docker.yml", "merge", 0), folder, matrix, **environment)
            assert status == 0, said
            assert re.fullmatch("sha256:[0-9a-f]{64}", merged["digest"]), merged
            _, scanned, _ = execute(("docker.yml", "scan", 0), folder, matrix, **environment)
            assert scanned["image"] == f"{merged['image']}:sha-{COMMIT}"
            tags = "\n".join(f"{merged['image']}:{tag}" for tag in ("1.2.3", "1.2", "latest"))
            status, _, said = execute(
                ("docker.yml", "tag", 0), folder, matrix | {"steps.meta.outputs.tags": tags}, **environment
            )
            assert status == 0, said
            index = json.loads(docker("buildx", "imagetools", "inspect", "--raw", f"{merged['image']}:latest"))
            assert sorted(entry["platform"]["architecture"] for entry in index["manifests"]) == ["amd64", "arm64"], (
                index
            )
            print(f"  ok  {merged['image']}:latest is one manifest of both architectures: {merged['digest']}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with_a_registry(sys.argv[1])
