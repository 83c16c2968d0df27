"""The preview agrees with the model. `ORACLE_SEED=…` repeats a run, `ORACLE_WEEKS=1000` makes it long (`make oracle`)."""

import os
import random
import time

import pytest

from conftest import DATABASES, Workplace
from oracle.compare import Company, differences, seed_of_this_run

WEEKS = int(os.environ.get("ORACLE_WEEKS", "0"))
SHORT_SECONDS = 4.0
AT_ONCE = 10


@pytest.mark.parametrize("database_maker", DATABASES[:1], indirect=True)
async def test_the_preview_says_what_the_model_says(workplace: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    seed = seed_of_this_run()
    company = Company(workplace, random.Random(seed))
    weeks, messages, until = 0, 0, time.monotonic() + SHORT_SECONDS
    while weeks < WEEKS or (not WEEKS and time.monotonic() < until):
        compared, wrong = await differences(workplace, await company.some(AT_ONCE))
        weeks, messages = weeks + AT_ONCE, messages + compared
        assert not wrong, f"ORACLE_SEED={seed} repeats this; {len(wrong)} disagree\n\n" + "\n\n".join(wrong[:3])
    with capsys.disabled():
        print(f"\noracle: {messages} messages in {weeks} person-weeks agree; ORACLE_SEED={seed}")
    assert weeks
    assert messages
