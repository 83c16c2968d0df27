"""Files, pasting and the template use the same words for rest."""

import re
from pathlib import Path

from daka.shifts.rest_words import REST_WORDS

CLIPBOARD = Path(__file__).parents[2] / "frontend/src/roster/clipboard.ts"


def test_the_web_app_has_the_same_words_for_rest() -> None:
    found = re.search(r"const REST_WORDS = \[([^\]]*)\]", CLIPBOARD.read_text())
    assert found
    assert tuple(re.findall(r'"([^"]+)"', found[1])) == REST_WORDS
