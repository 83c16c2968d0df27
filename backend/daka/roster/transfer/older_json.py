"""Rosters in JSON: the export's own, and the older system's `{"2026": {"7": {"25": "A"}}}`, the roster of one person. Pure."""

import json
import re
from collections.abc import Iterator
from typing import Any

from daka.roster.transfer.days import a_date, as_date
from daka.roster.transfer.found import CellInFile, PersonInFile, RosterInFile
from daka.roster.transfer.words import code_of, word_of
from daka.spreadsheets.sheet import BadFile
from daka.widths import in_one_width

_YEAR = re.compile(r"20\d\d")
# Also a string that is not closed: scanning it again from each of its quotes would take quadratic time.
_STRING_OR_COMMA = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|,(?=\s*[}\]])', re.DOTALL)


def without_trailing_commas(text: str) -> str:
    """Removes commas before closing brackets, which users of the older system left in their JSON."""
    return _STRING_OR_COMMA.sub(lambda match: match[0] if match[0].startswith('"') else "", text)


class Object(dict[str, Any]):
    """An object with all that is written in it: `json` alone keeps the last of two equal names."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


def read_json(text: str, found: RosterInFile) -> None:
    try:
        document: Any = json.loads(without_trailing_commas(text), object_pairs_hook=Object)
    except (ValueError, RecursionError) as error:
        where = f"（第 {error.lineno} 行）" if isinstance(error, json.JSONDecodeError) else ""
        raise BadFile("file_not_json", f"这不是正确的 JSON{where}") from error
    if isinstance(document, Object) and isinstance(document.get("assignments"), list):
        if len(document) < len(document.pairs):
            raise BadFile("file_not_json", "同一个名称写了两次，不知道以哪个为准")
        found.layout, found.sheets = "json", [""]
        for number, entry in enumerate(document["assignments"], start=1):
            _read_json_entry(number, entry, found)
        return
    cells = list(_older_cells(document)) if isinstance(document, Object) else []
    if not any(_YEAR.fullmatch(parts[0]) and len(parts) > 1 for parts, _ in cells):
        raise BadFile("roster_not_recognised", '没有识别出排班：需要 {"2026":{"7":{"25":"A"}}} 这样的 JSON')
    found.layout, found.sheets = "older_json", [""]
    for number, (parts, value) in enumerate(cells, start=1):
        found.rows += 1
        numbers = [int(part) if re.fullmatch(r"\d{1,4}", part) else 0 for part in parts]
        day = a_date(*numbers) if len(parts) == 3 and _YEAR.fullmatch(parts[0]) else None
        if day is None or isinstance(value, (dict, list)):
            found.add_problem(number, "bad_date", "不是日期", "/".join(parts))
            continue
        found.add(CellInFile(number, PersonInFile(""), day, code_of(value)))


def _older_cells(document: Object, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each value with the names that lead to it: year, month and day, unless somebody wrote something else there.

    What beside the years is no object (a name, a version) is no roster.
    """
    for name, value in document.pairs:
        parts = (*above, in_one_width(name).strip())
        if isinstance(value, Object) and len(parts) < 3:
            yield from _older_cells(value, parts)
        elif above or re.search(r"\d", name):
            yield parts, value


def _read_json_entry(number: int, entry: Any, found: RosterInFile) -> None:
    found.rows += 1
    if not isinstance(entry, Object) or len(entry) < len(entry.pairs):
        found.add_problem(number, "bad_row", "不是一条排班")
        return
    day = as_date(str(entry.get("date", "")), None)
    if day is None:
        found.add_problem(number, "bad_date", "不是日期", str(entry.get("date"))[:40])
        return
    person = PersonInFile(word_of(entry.get("display_name")), word_of(entry.get("username")))
    found.add(CellInFile(number, person, day, code_of(entry.get("code"))))
