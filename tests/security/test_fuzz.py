"""A minute of generated requests; `make fuzz` runs many more."""

from pathlib import Path

import pytest

from conftest import test_settings
from daka.app import create_app
from security.fuzz import ENDLESS, fuzz


@pytest.mark.fuzz_short
def test_no_generated_request_breaks_the_server_or_its_own_description(
    tmp_path: Path, refused_connections: list[str]
) -> None:
    outcome = fuzz(
        f"sqlite:///{tmp_path}/fuzz.db",
        examples=3,
        phases="examples,fuzzing",
        more=["--max-time=50", "--seed=20261124"],
    )
    refused_connections.clear()  # channels and sources with addresses elsewhere are tried
    described = create_app(test_settings(), with_worker=False).openapi()["paths"]
    operations = sum(len(found) for path, found in described.items() if path != ENDLESS)
    assert outcome.passed, outcome.report[-12_000:]
    assert outcome.operations == operations
    assert outcome.cases > operations
    assert outcome.answered.share > 0.7, outcome.answered.without_success  # `make fuzz` reaches LEAST_SHARE
    print(f"{outcome.answered.share:.1%} of the operations answered with 2xx")
