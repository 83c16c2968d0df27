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

# Also a string that is not closed: scanning it again from each of its quotes would take quadratic time.
_STRING_OR_COMMA = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|,(?=\s*[}\]])', re.DOTALL)


def without_trailing_commas(text: str) -> str:
    """Removes commas before closing brackets, which users of the older system left in their JSON."""
    return _STRING_OR_COMMA.sub(lambda match: match[0] if match[0].startswith('"') else "", text)


def read_json(text: str, found: RosterInFile) -> None:
    try:
        document: Any = json.loads(without_trailing_commas(text))
    except (ValueError, RecursionError) as error:
        where = f"（第 {error.lineno} 行）" if isinstance(error, json.JSONDecodeError) else ""
        raise BadFile("file_not_json", f"这不是正确的 JSON{where}") from error
    if isinstance(document, dict) and isinstance(document.get("assignments"), list):
        found.layout, found.sheets = "json", [""]
        for number, entry in enumerate(document["assignments"], start=1):
            _read_json_entry(number, entry, found)
        return
    cells = list(_older_cells(document)) if isinstance(document, dict) else []
    if not cells:
        raise BadFile("roster_not_recognised", '没有识别出排班：需要 {"2026":{"7":{"25":"A"}}} 这样的 JSON')
    found.layout, found.sheets = "older_json", [""]
    for number, (parts, value) in enumerate(cells, start=1):
        found.rows += 1
        day = a_date(*parts) if len(parts) == 3 else None
        if day is None or isinstance(value, (dict, list)):
            shown = "/".join(str(part) for part in parts)
            found.add_problem(number, "bad_date", "不是日期", shown)
            continue
        found.add(CellInFile(number, PersonInFile(""), day, code_of(value)))


def _older_cells(document: dict[str, Any]) -> Iterator[tuple[tuple[int, ...], Any]]:
    for year, months in document.items():
        if not re.fullmatch(r"20\d\d", year) or not isinstance(months, dict):
            continue
        for month, days in months.items():
            for day, value in days.items() if isinstance(days, dict) else ():
                digits = [in_one_width(part).strip() for part in (year, month, day)]
                yield tuple(int(part) if re.fullmatch(r"\d{1,4}", part) else 0 for part in digits), value


def _read_json_entry(number: int, entry: Any, found: RosterInFile) -> None:
    found.rows += 1
    if not isinstance(entry, dict):
        found.add_problem(number, "bad_row", "不是一条排班")
        return
    day = as_date(str(entry.get("date", "")), None)
    if day is None:
        found.add_problem(number, "bad_date", "不是日期", str(entry.get("date"))[:40])
        return
    person = PersonInFile(word_of(entry.get("display_name")), word_of(entry.get("username")))
    found.add(CellInFile(number, person, day, code_of(entry.get("code"))))
